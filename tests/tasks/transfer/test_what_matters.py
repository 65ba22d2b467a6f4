"""The files of the study of all factors are plans that can be built."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.recipe import Recipe
from tasks.transfer.recipes import recipes_of
from tasks.transfer.variant_files import parse_study

FILES = sorted((Path(__file__).parents[3] / "benchmarks" / "what_matters").glob("*.yaml"))


def recipes(path: Path) -> list[Recipe]:
    study = parse_study("unreal", [str(path)])
    assert study is not None
    return recipes_of(study, {})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_variant_is_a_recipe_of_its_own(path: Path) -> None:
    assert len(recipes(path)) >= 4
    page = Path(__file__).parents[3] / "docs" / "what_matters.md"
    assert f"benchmarks/what_matters/{path.name}" in page.read_text(encoding="utf-8")


def test_levels_of_two_factors_meet_in_the_items_of_one_list() -> None:
    (path,) = (path for path in FILES if path.stem == "screening")
    seen = {
        (first.lights == "drawn", first.cameras_per_group)
        for recipe in recipes(path)
        for first in recipe.single_scenes[:1]
    }
    assert seen == {(False, 3), (False, 6), (True, 3), (True, 6)}


def test_counts_are_compared_at_equal_crops() -> None:
    (path,) = (path for path in FILES if path.stem == "equal_crops")
    assert {each.people.count * each.images_per_person for each in recipes(path)} == {14_400}
