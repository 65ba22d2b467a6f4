"""Motion blur: who moves is smeared along the way, nobody and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from manifests.capture_rules import CaptureRules
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from synth_workers.engine.motion_blur import Moving, exposure_time, smear

SHAPE = (120, 160)
JOINTS = np.array([[70.0, 40.0], [90.0, 60.0], [80.0, 95.0]])


def picture() -> tuple[np.ndarray, np.ndarray]:
    """A bright person (1) before a dark striped wall, and another (2) beside."""
    lit = np.zeros((*SHAPE, 3), np.uint8)
    lit[:, ::4] = 40
    ids = np.zeros(SHAPE, np.uint8)
    ids[30:100, 70:90], ids[30:100, 96:110] = 1, 2
    lit[ids == 1], lit[ids == 2] = (220, 210, 200), (30, 120, 40)
    return lit, ids


def moving(x: float, y: float, distance: float = 900.0) -> Moving:
    shift = np.array([x, y]) / 2
    return Moving(1, distance, JOINTS - shift, JOINTS + shift)


def still(distance: float) -> Moving:
    return Moving(2, distance, JOINTS + (23.0, 0.0), JOINTS + (23.0, 0.0))


def test_edges_across_the_motion_soften_and_edges_along_it_stay() -> None:
    lit, ids = picture()
    blurred = smear(lit, ids, [moving(8.0, 0.0)]).astype(int)
    across = blurred[60, 66:75, 0]
    assert np.abs(np.diff(across)).max() < 90
    assert 80 < across[3:5].mean() < 150 and across[-1] > 180
    assert np.abs(blurred[29, 74:86] - lit[29, 74:86]).max() <= 1
    assert np.abs(blurred[31, 74:86] - lit[31, 74:86]).max() <= 1


def test_the_wall_and_people_who_stand_stay_as_they_are() -> None:
    lit, ids = picture()
    blurred = smear(lit, ids, [moving(8.0, 0.0), still(700.0)])
    changed = (blurred != lit).any(axis=2)
    assert changed.any() and not changed[:, :64].any() and not changed[ids == 2].any()
    assert np.array_equal(smear(lit, ids, [moving(0.2, 0.1), still(700.0)]), lit)


def test_who_is_in_front_is_smeared_over_who_is_behind() -> None:
    lit, ids = picture()
    blurred = smear(lit, ids, [moving(16.0, 0.0, distance=500.0), still(700.0)])
    assert (blurred[60, 96:99] != lit[60, 96:99]).any()


def test_people_can_be_shown_a_little_later_and_sharp() -> None:
    lit, ids = picture()
    later = smear(lit, ids, [moving(16.0, 0.0)], (0.5, 0.5)).astype(int)
    bright = np.flatnonzero(later[60, :, 0] > 180)
    assert abs(bright.min() - 78) <= 1 and abs(bright.max() - 97) <= 1
    assert np.array_equal(later[ids == 2][-1], lit[ids == 2][-1])
    assert not (later[60, 70:76] > 100).any()


def test_every_camera_has_a_time_of_its_own_and_the_dark_takes_longer() -> None:
    bright, dark = (np.full((80, 80, 3), value, np.uint8) for value in (120, 30))
    times = [exposure_time(0.02, camera, bright) for camera in range(40)]
    assert 0.009 < min(times) < 0.014 and 0.028 < max(times) < 0.042
    assert exposure_time(0.02, 3, bright) == times[3] < 0.5 * exposure_time(0.02, 3, dark)


def test_no_exposure_is_no_part_of_what_a_recipe_is_called() -> None:
    assert "exposure" not in CaptureRules().model_dump()
    asked = load_recipe("tiny").model_dump()
    asked["capture"]["exposure"] = 0.02
    asked["engine"] = {"contract": "unrealperson"}
    with pytest.raises(ValidationError, match=r"capture\.exposure: 0\.02 is of the engine"):
        Recipe.model_validate(asked)
