"""Variants of a recipe as sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from tasks.plan.planner import plan_build
from tasks.transfer.variants import parse_variants, shards_there


def test_every_value_is_a_variant() -> None:
    without, with_them = parse_variants("demo", ["people.look_alikes=0,0.5"])

    assert (without.name, without.changes) == ("look_alikes 0", {"people.look_alikes": 0})
    assert (with_them.name, with_them.changes) == ("look_alikes 0.5", {"people.look_alikes": 0.5})


def test_of_several_fields_every_combination_is_one() -> None:
    found = parse_variants("demo", ["people.look_alikes=0,0.5", "keep_frames=true,false"])

    assert len(found) == 4
    assert found[1].name == "look_alikes 0 + keep_frames false"
    assert found[1].changes == {"people.look_alikes": 0, "keep_frames": False}


@pytest.mark.parametrize(
    ("recipe", "words", "said"),
    [
        ("demo", [], "go together"),
        (None, ["people.look_alikes=0,1"], "go together"),
        ("demo", ["people.look_alikes=0"], "at least two different values"),
        ("demo", ["people.look_alikes=0,0"], "at least two different values"),
        ("demo", ["people.look_alikes"], "at least two different values"),
        ("demo", ["people.textures=[a],[b]"], "plain numbers or words"),
        ("demo", ["seed=1,2,3,4,5", "people.count=1,2,3,4,5"], "25 combinations"),
    ],
)
def test_what_no_comparison_can_be(recipe: str | None, words: list[str], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        parse_variants(recipe, words)


def test_shards_that_were_made_are_counted(tmp_path: Path) -> None:
    recipe = load_recipe("tiny")
    dataset = Dataset(recipe.name, open_store(tmp_path))

    assert shards_there(recipe, dataset) == (0, len(plan_build(recipe).shards))
