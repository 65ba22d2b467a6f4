"""The benchmark of adaptation between two worlds: settings that fit, worlds apart, tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks import evidence
from benchmarks.adaptation_gain import PRESETS, Asked, figures, gain, markdown
from manifests.people import PeopleRecipe
from manifests.recipes_io import load_recipe

RECIPES = Path(__file__).parents[3] / "benchmarks"


@pytest.mark.parametrize("preset", PRESETS)
def test_both_models_of_a_preset_see_pictures_of_one_size(preset: str) -> None:
    asked = Asked("source", "target", preset, Path("out"))
    training, adaptation = asked.training(2), asked.adaptation(2)
    assert (training.model.backbone, training.model.height, training.model.width) == (
        adaptation.model.backbone,
        adaptation.model.height,
        adaptation.model.width,
    )
    assert training.seed == adaptation.seed == 2
    assert asked.training(0, 7).iterations == 7


def test_the_two_worlds_share_nothing() -> None:
    source, target = (
        load_recipe(RECIPES / f"adaptation_{world}.yaml") for world in ("source", "target")
    )
    assert source.seed != target.seed
    for asks in (
        lambda r: {s.name for s in r.single_scenes},
        lambda r: {x for s in r.single_scenes for x in s.lights},
    ):
        assert not asks(source) & asks(target)
    differing: set[str] = {
        name
        for name in PeopleRecipe.model_fields
        if getattr(source.people, name) != getattr(target.people, name)
    }
    assert {"textures", "garments", "dark_clothing"} <= differing
    assert source.splits.test_share == 0


def test_gains_are_paired_and_told_in_both_tables() -> None:
    person = np.repeat(["a", "b", "c", "d"], 5)
    poor = evidence.Tested((0.0,), (0.2,), np.zeros(20), np.full(20, 0.2), person)
    good = evidence.Tested((1.0,), (0.9,), np.ones(20), np.full(20, 0.9), person)
    assert gain(good, poor)["rank1"] == [1.0, 1.0, 1.0]
    text = markdown(
        {
            "methods": {"JVTC": figures(good)},
            "gains": {"JVTC minus direct transfer": gain(good, poor)},
        }
    )
    assert "| JVTC | 1.000 [1.000, 1.000] | 1.000 | 0.900 [0.900, 0.900] |" in text
    assert "+0.700 [+0.700, +0.700]" in text
