"""The paper's tables as data: a snapshot of every definition, and what must be true of all."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from manifests.errors import BadRecipe
from synth_workers.scenes.library import load_scene
from tasks.reproduce.budgets import BUDGETS, CAMERAS_OF_SCENE, Budget, BudgetName
from tasks.reproduce.experiments import EXPERIMENTS, table_names
from tasks.reproduce.paper import paper
from tasks.reproduce.questions import needed_worlds
from tasks.reproduce.terms import Experiment, Synthetic, TableName, Trained, described
from tasks.reproduce.worlds import WORLDS
from tests.tasks.reproduce.toy_worlds import recipe_of

SNAPSHOT = Path(__file__).with_name("experiments.json")
EVERY = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=list(EXPERIMENTS))
SIZED = pytest.mark.parametrize("budget", BUDGETS.values(), ids=list(BUDGETS))


def test_definitions_are_those_of_the_snapshot() -> None:
    """Meant to change one? Run this file as a module to write the snapshot anew."""
    assert as_plain() == json.loads(SNAPSHOT.read_text())


@EVERY
def test_claims_compare_rows_that_exist_on_targets_that_both_have(experiment: Experiment) -> None:
    for claim in experiment.claims:
        for key in (claim.better, claim.worse):
            assert set(claim.targets) <= set(experiment.row(key).models), claim.says


@EVERY
def test_rows_have_labels_for_all_headings_and_keys_of_their_own(experiment: Experiment) -> None:
    assert all(len(row.labels) == len(experiment.headings) for row in experiment.rows)
    assert len({row.key for row in experiment.rows}) == len(experiment.rows)


def test_table_2_has_every_row_and_number_of_the_paper() -> None:
    table = EXPERIMENTS[TableName.table2]
    ours = [[v for t in table.targets for v in row.paper[t]] for row in table.rows]

    assert ours == [row[5:] for row in paper()["table2"]["rows"]]


def test_rows_of_table_2_claims_differ_in_one_label() -> None:
    table = EXPERIMENTS[TableName.table2]
    assert table.claims
    for claim in table.claims:
        better, worse = table.row(claim.better).labels, table.row(claim.worse).labels
        assert sum(a != b for a, b in zip(better, worse, strict=True)) == 1, claim.says


@SIZED
@pytest.mark.parametrize("world", [name for name in WORLDS if name != "random"])
def test_every_world_is_a_valid_recipe(world: str, budget: Budget) -> None:
    recipe = recipe_of(world, budget)

    assert recipe.splits.test_share == WORLDS[world].test_share
    for scene in recipe.single_scenes:
        known = load_scene(scene.name)
        assert set(scene.cameras) <= {camera.name for camera in known.cameras}
        assert set(scene.lights) <= set(known.lights)


@pytest.mark.parametrize("name", [BudgetName.smoke, BudgetName.small])
def test_stand_ins_share_no_camera_and_no_person_with_training_worlds(name: BudgetName) -> None:
    recipes = {world: recipe_of(world, BUDGETS[name]) for world in WORLDS if world != "random"}
    tested = [name for name in recipes if WORLDS[name].test_share > 0]
    trained = [name for name in recipes if WORLDS[name].test_share == 0]

    def cameras(names: list[str]) -> set[str]:
        return {c for name in names for scene in recipes[name].single_scenes for c in scene.cameras}

    assert not cameras(tested) & cameras(trained)
    assert len({recipes[name].seed for name in trained}) == 1
    assert len({recipes[name].seed for name in tested}) == len(tested)
    assert recipes[trained[0]].seed not in {recipes[name].seed for name in tested}


@SIZED
def test_rows_with_more_people_and_cameras_have_them(budget: Budget) -> None:
    table = EXPERIMENTS[TableName.table2]
    sources = [row.models["market"].source for row in table.rows[-4:]]
    people = [budget.people(each.people) for each in sources if isinstance(each, Synthetic)]
    parts = list(accumulate(len(budget.training_cameras(scene)) for scene in CAMERAS_OF_SCENE))

    assert len(people) == 4 and people == sorted(set(people))
    assert parts == sorted(set(parts))


def test_a_table_asks_for_its_own_worlds_only() -> None:
    assert needed_worlds([TableName.table3]) == ("wide", "market", "duke", "msmt17")
    assert "night" in needed_worlds([TableName.fig5])


@SIZED
def test_longer_multiplies_what_every_model_learns(budget: Budget) -> None:
    longer = replace(budget, longer=3)

    for preset in (budget.synthetic, budget.target):
        once, thrice = budget.training(preset, 0), longer.training(preset, 0)
        assert thrice.budget(10_000) == 3 * once.budget(10_000)
        assert thrice.optimiser == once.optimiser
    assert longer.adapting(0).budget == 3 * budget.adapting(0).budget


def test_rows_of_figure_5_learn_from_equally_many_people() -> None:
    synthetic = [
        row.models["grid"].source.people
        for row in EXPERIMENTS[TableName.fig5].rows
        if isinstance(row.models["grid"], Trained)
        and isinstance(row.models["grid"].source, Synthetic)
    ]

    assert set(synthetic) == {800}


def test_unknown_tables_are_refused() -> None:
    assert table_names(["all"]) == tuple(TableName)
    with pytest.raises(BadRecipe, match="table9"):
        table_names(["table9"])


def as_plain() -> dict:
    return {name.value: described(experiment) for name, experiment in EXPERIMENTS.items()}


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(as_plain(), indent=1) + "\n")
