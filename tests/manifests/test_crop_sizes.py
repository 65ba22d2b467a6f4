"""Sizes that nobody can have are refused before any work."""

from __future__ import annotations

from typing import Any

import pytest

from manifests.capture_rules import CaptureRules
from manifests.errors import BadRecipe
from manifests.recipes_io import load_recipe

SIZES = {"small": 0.5, "large": 0.5}


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"capture.sizes": {"small": 0}}, "at least one share must be above 0"),
        ({"capture.sizes": {"tiny": 1}}, r"capture\.sizes"),
        (
            {"capture.sizes": {"small": 1}, "capture.min_person_height": 120},
            "min_person_height is 120",
        ),
        (
            {"capture.sizes": {"large": 1}, "capture.max_person_height": 200},
            "max_person_height 200",
        ),
        (
            {"capture.sizes": {"small": 1}, "annotation.min_height": 120},
            r"annotation\.min_height is",
        ),
    ],
)
def test_sizes_that_nobody_can_have_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRecipe, match=said):
        load_recipe("demo", changes)


def test_recordings_choose_no_sizes() -> None:
    with pytest.raises(BadRecipe, match=r"capture\.sizes: moments are chosen"):
        load_recipe("video", {"capture.sizes": SIZES})


def test_recipes_that_do_not_ask_are_what_they_were() -> None:
    assert "sizes" not in CaptureRules().model_dump(mode="json")
    assert load_recipe("demo", {"capture.sizes": SIZES}).capture.sizes == SIZES
