"""Variants of a recipe as sources: from words, from files, by designs; what they share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import BadRecipe
from manifests.stores import open_store
from tasks.plan.planner import plan_build
from tasks.plan.requests import resolve_recipe
from tasks.transfer.budget import AFTER_RENDERING, Budget
from tasks.transfer.recipes import recipes_of
from tasks.transfer.variant_files import parse_study
from tasks.transfer.variants import Study

VARIANTS = """
variants:
  as it is: {}
  dark: {people.dark_clothing: 0.5}
  late and dark:
    people: {dark_clothing: 0.5}
    capture.min_visibility: 0.8
"""

FACTORS = """
design: one-at-a-time
factors:
  people.look_alikes: [0, 0.2, 0.5]
  cut:
    tight: {annotation: {enlarge: 0.0}}
    wide: {annotation: {enlarge: 0.1}}
"""

FRACTION = """
design: fractional
factors:
  people.look_alikes: [0, 0.5]
  people.dark_clothing: [0, 0.5]
  annotation.enlarge: [0, 0.1]
  splits.test_share: [0.25, 0.5]
"""


def study_of(folder: Path, text: str, recipe: str = "demo") -> Study:
    (folder / "variants.yaml").write_text(text)
    found = parse_study(recipe, [str(folder / "variants.yaml")])
    assert found is not None
    return found


def from_words(*words: str) -> Study:
    found = parse_study("demo", words)
    assert found is not None
    return found


def test_every_value_is_a_variant() -> None:
    without, with_them = from_words("people.look_alikes=0,0.5").variants

    assert (without.name, without.changes) == ("look_alikes 0", {"people.look_alikes": 0})
    assert (with_them.name, with_them.changes) == ("look_alikes 0.5", {"people.look_alikes": 0.5})


def test_of_several_fields_every_combination_is_one() -> None:
    found = from_words("people.look_alikes=0,0.5", "keep_frames=true,false").variants

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
        ("demo", ["seed=1,2,3,4,5", "people.count=1,2,3,4,5"], "25 variants; at most 20"),
        ("demo", ["a.yaml", "seed=1,2"], "give it alone"),
    ],
)
def test_what_no_comparison_can_be(recipe: str | None, words: list[str], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        parse_study(recipe, words)


def test_a_file_names_variants(tmp_path: Path) -> None:
    study = study_of(tmp_path, VARIANTS)

    assert study.names == ("as it is", "dark", "late and dark")
    plain, dark, both = recipes_of(study, {"people.count": 48})
    assert {recipe.people.count for recipe in (plain, dark, both)} == {48}
    assert [recipe.people.dark_clothing for recipe in (dark, both)] == [0.5, 0.5]
    assert both.capture.min_visibility == 0.8
    assert study.variants[2].asks_for() == (
        "`people.dark_clothing: 0.5`, `capture.min_visibility: 0.8`"
    )


def test_one_factor_at_a_time(tmp_path: Path) -> None:
    study = study_of(tmp_path, FACTORS)

    assert study.names == ("base", "look_alikes 0.2", "look_alikes 0.5", "cut wide")
    base, *_, wide = recipes_of(study, {})
    assert (base.people.look_alikes, base.annotation.enlarge) == (0, 0)
    assert (wide.people.look_alikes, wide.annotation.enlarge) == (0, 0.1)


def test_a_fraction_of_all_combinations(tmp_path: Path) -> None:
    study = study_of(tmp_path, FRACTION)

    recipes = recipes_of(study, {})
    assert len(recipes) == 8
    levels = [(r.people.look_alikes > 0, r.people.dark_clothing > 0) for r in recipes]
    assert all(levels.count(pair) == 2 for pair in set(levels))
    first = recipes[0]
    assert (first.people.look_alikes, first.splits.test_share) == (0, 0.25)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variants: {a: {}, b: {people.look_alike: 0.5}}", "'b'.*did you mean `look_alikes`"),
        ("variants: {a: {}, b: {people.look_alikes: 2}}", "yaml, variant 'b': .*look_alikes"),
        ("variants: {a: {}, a: {seed: 1}}", "variants.yaml: .*a"),
        ("variants: {a: {seed: 1}, b: {seed: 1}}", "'a' and 'b' ask for the same data"),
        ("variants: {a: {}}", "variants"),
        ("varaints: {a: {}, b: {seed: 1}}", "did you mean `variants`"),
        ("{}", "exactly one of variants and factors"),
        ("factors: {seed: [1, 2]}", "design and factors go together"),
        ("design: fraktional\nfactors: {seed: [1, 2]}", "one-at-a-time, fractional"),
        ("design: fractional\nfactors: {seed: [1, 2, 3], max_rounds: [1, 2]}", "has 3 levels"),
        ("design: fractional\nfactors: {seed: [1, 2]}", "2 to 15 factors, got 1"),
        ("design: fractional\nruns: 12\nfactors: {seed: [1, 2]}", "one of 4, 8, 16; got 12"),
        ("design: one-at-a-time\nruns: 8\nfactors: {seed: [1, 2]}", "runs"),
        ("design: one-at-a-time\nfactors: {seed: [1]}", "at least two levels"),
        ("design: one-at-a-time\nfactors: {seed: [1, 1]}", "a level is given twice"),
        (
            "design: one-at-a-time\nfactors: {seed: [1, 2], x: {a: {seed: 1}, b: {seed: 3}}}",
            "factors seed and x both change seed",
        ),
    ],
)
def test_files_that_cannot_be_built(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        recipes_of(study_of(tmp_path, text), {})


def test_what_is_cut_otherwise_shows_the_same_pixels(tmp_path: Path) -> None:
    """Twenty variants, one of which is of other people: the budget counts what they share."""
    heights = ", ".join(f"h{n}: {{annotation.min_height: {96 + n}}}" for n in range(1, 14))
    shares = ", ".join(f"s{n}: {{splits.test_share: 0.{n}}}" for n in (1, 2, 3, 4))
    others = "strangers: {seed: 1}, more: {people.count: 16}"
    study = study_of(
        tmp_path, f"variants: {{as it is: {{}}, {heights}, {shares}, {others}}}", "tiny"
    )
    recipes = recipes_of(study, {"people.count": 8})

    budget = Budget.of(recipes, open_store(tmp_path / "store"), seeds=3, iterations=1000)

    each = len(budget.planned[0].crops)
    assert len(recipes) == 20
    assert budget.shards == 21 * each  # the last has twice as many people
    # Four splits, and half of the largest, are shards that there are anyway.
    assert budget.equal == 5 * each
    assert len(budget.missing) == 16 * each
    assert budget.rendered_again == 13 * each
    told = budget.told()
    assert "20 variants" in told
    assert "60 trainings of 1,000 iterations" in told
    assert f"{13 * each} of the shards show the same pixels" in told
    keeping = tuple(replace(variant, keeps_frames=True) for variant in budget.planned)
    assert "only cut anew, not rendered" in replace(budget, planned=keeping).told()


@pytest.mark.parametrize(
    "change",
    [
        {"annotation.min_height": 128},
        {"splits.test_share": 0.5},
        {"keep_frames": True},
        {"max_rounds": 3},
        {"on_shortfall": "drop_person"},
        {"description": "another"},
    ],
)
def test_fields_that_no_pixel_depends_on(change: dict[str, Any]) -> None:
    shards = [plan_build(resolve_recipe("tiny", [], one)).shards for one in ({}, change)]
    assert shards[0] == shards[1]
    assert {path.partition(".")[0] for path in change} <= AFTER_RENDERING.keys()
