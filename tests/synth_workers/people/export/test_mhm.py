"""MakeHuman models: the same body in MakeHuman's own words."""

from __future__ import annotations

import pytest

from synth_workers.people.body.bodies import AGE_ANCHORS, BodyData, target_weights
from synth_workers.people.export.mhm import age_slider, mhm_text
from synth_workers.people.spec import PersonSpec


def read_mhm(text: str) -> tuple[dict[str, float], dict[str, str]]:
    """Modifiers, and everything else by its first word."""
    modifiers, rest = {}, {}
    for line in text.splitlines():
        word, _, value = line.partition(" ")
        if word == "modifier":
            name, number = value.split()
            modifiers[name] = float(number)
        else:
            rest[word] = value
    return modifiers, rest


def test_a_model_describes_the_same_body(specs: list[PersonSpec], body_data: BodyData) -> None:
    for spec in specs:
        modifiers, rest = read_mhm(mhm_text(spec, body_data))
        assert rest["version"] == "v1.2.0"
        assert rest["skeleton"] == "game_engine.mhskel"
        assert modifiers["macrodetails/Gender"] == pytest.approx(spec.body.gender, abs=1e-6)
        races = [modifiers[f"macrodetails/{name}"] for name in ("African", "Asian", "Caucasian")]
        assert sum(races) == pytest.approx(1.0, abs=1e-5)
        height = modifiers["macrodetails-height/Height"]
        assert body_data.stature(spec.body, height) == pytest.approx(spec.body.stature, abs=1e-3)


def test_opposite_targets_are_one_signed_slider(
    specs: list[PersonSpec], body_data: BodyData
) -> None:
    details = (
        ("stomach-tone-incr", 0.4),
        ("stomach-tone-decr", 0.1),
        ("upperlegs-height-decr", 0.25),
        ("head-oval", 0.3),
    )
    body = specs[0].body.model_copy(update={"details": details})
    modifiers, _ = read_mhm(mhm_text(specs[0].model_copy(update={"body": body}), body_data))
    assert modifiers["stomach/stomach-tone-decr|incr"] == pytest.approx(0.3)
    assert modifiers["armslegs/upperlegs-height-decr|incr"] == pytest.approx(-0.25)
    assert modifiers["head/head-oval"] == pytest.approx(0.3)


@pytest.mark.parametrize(("years", "slider"), [*zip(AGE_ANCHORS, (0.0, 0.1875, 0.5, 1.0))])
def test_ages_meet_makehumans_anchors(years: float, slider: float) -> None:
    assert age_slider(years) == pytest.approx(slider)


def test_ages_between_anchors_mix_alike(specs: list[PersonSpec]) -> None:
    # MakeHuman mixes young and old in proportion to its slider, as we do to years.
    body = specs[0].body.model_copy(update={"age": 40.0})
    old = sum(
        weight
        for name, weight in target_weights(body, 0.5).items()
        if name.startswith("race|") and "|old|" in name
    )
    assert 2 * (age_slider(40.0) - 0.5) == pytest.approx(old, abs=1e-3)
