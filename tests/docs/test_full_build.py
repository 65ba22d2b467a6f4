"""The record of the full build can be read back, and another build be set against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.full_build import RECIPE
from benchmarks.full_build_comparison import Identity, with_comparison
from benchmarks.full_build_record import TARGET
from manifests.recipes_io import load_recipe, recipe_digest

SPENT = {"cpu_hours": 1.2, "wall_minutes": 37.3, "peak_gb": 2.1}
PAGE = TARGET.read_text(encoding="utf-8")


def test_the_record_is_of_the_recipe_as_shipped() -> None:
    recorded = Identity.recorded(PAGE)

    assert recorded.kills == 3
    assert int(recorded.content_digest, 16).bit_length() > 200
    assert recorded.recipe_digest == recipe_digest(load_recipe(RECIPE))
    assert "engine 3" in recorded.versions and "llvmpipe" in recorded.renderer


def test_an_equal_build_is_called_equal_and_another_is_not() -> None:
    recorded = Identity.recorded(PAGE)
    undisturbed = replace(recorded, kills=0)

    equal = with_comparison(PAGE, recorded, undisturbed, SPENT, "Everything agrees.")
    stranger = replace(undisturbed, content_digest="ab" * 32)
    other = with_comparison(PAGE, recorded, stranger, SPENT, "Everything agrees.")

    assert "content digest is equal" in equal and "**no**" not in equal
    assert "content digest is **different**" in other and "**no**" in other


def test_a_later_comparison_takes_the_place_of_an_earlier_one() -> None:
    recorded = Identity.recorded(PAGE)
    once = with_comparison(PAGE, recorded, replace(recorded, kills=0), SPENT, "Everything agrees.")
    twice = with_comparison(once, recorded, replace(recorded, kills=5), SPENT, "Everything agrees.")

    assert twice.count("## Built again") == 1
    assert "killed 5 times" in twice and "killed 0 times" not in twice
    assert Identity.recorded(twice) == recorded


def test_a_page_that_is_no_record_is_refused() -> None:
    with pytest.raises(ValueError, match="write it with --record"):
        Identity.recorded("# Something else")
