"""People get up and sit down in one movement: feet that bear stay, skin is never in the seat."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.people.body.rig import Rig
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.motion.activities import build_clips, labels_of
from synth_workers.people.motion.posing import carried
from synth_workers.people.person import Clip
from synth_workers.people.spec import CarryPose, GaitSpec
from synth_workers.seating import SEAT_DEPTH, SEAT_HEIGHT, STANDS_AHEAD
from tests.synth_workers.people.motion.test_activities import rigs_of

GAITS = (
    GaitSpec(activities=(("get_up", 0.5), ("sit_down", 0.5)), sprawl=0.9),
    GaitSpec(activities=(("get_up", 1.0),), sprawl=0.1, left=CarryPose.phone),
)
Made = tuple[Rig, dict[str, Clip]]


@pytest.fixture(scope="module")
def made(fitter: Fitter) -> list[Made]:
    """Of people who are tall enough to get up from seats."""
    rigs = [rig for rig in rigs_of(fitter, 4, adults=50) if rig.joint("head")[1] > 1.3]
    return [(rig, build_clips(gait, rig)) for rig in rigs for gait in GAITS]


def joints(rig: Rig, bones: np.ndarray) -> np.ndarray:
    """(frames, 55, 3) where all joints are."""
    bones = bones.astype(np.float64)
    return np.einsum("tbij,bj->tbi", bones[..., :3], rig.joints) + bones[..., 3]


def test_getting_up_leads_from_sitting_to_standing(made: list[Made]) -> None:
    for rig, clips in made:
        risen = joints(rig, clips["get_up"].bones)
        sits, stands = (joints(rig, clips[name].bones)[0] for name in ("sit", "idle"))
        assert np.abs(risen[0] - sits).max() < 0.025
        assert np.abs(risen[-1] - stands - [0.0, 0.0, STANDS_AHEAD]).max() < 0.005
        assert not clips["get_up"].travel.any() and 1.5 < clips["get_up"].seconds < 3.0
        # Nothing jerks: from frame to frame, joints change their way little.
        assert np.linalg.norm(np.diff(risen, 2, axis=0), axis=-1).max() < 0.035
        turned = clips["get_up"].bones[..., :3].astype(np.float64)
        assert np.abs(turned @ turned.swapaxes(-1, -2) - np.eye(3)).max() < 1e-4


def test_feet_step_and_bear_and_nothing_goes_through_the_seat(made: list[Made]) -> None:
    for rig, clips in made:
        for clip in (clips[name] for name in ("get_up", "sit_down") if name in clips):
            bones = clip.bones.astype(np.float64)
            soles = np.concatenate([carried(sole, bones) for sole in rig.soles], axis=1)
            assert soles[..., 1].min() > -0.004
            down = (soles[:-1, :, 1] < 0.003) & (soles[1:, :, 1] < 0.003)
            slid = np.hypot(*np.diff(soles, axis=0)[..., [0, 2]].transpose(2, 0, 1))
            assert slid[down].max() < 0.002 and down.mean() > 0.5
            skin = carried(rig.seat, bones)
            above = (skin[..., 2] < 0.0) & (skin[..., 2] > -SEAT_DEPTH)
            assert skin[above][:, 1].min() > SEAT_HEIGHT
            assert skin[..., 2].min() > -SEAT_DEPTH


def test_hips_rest_until_the_trunk_has_bowed(made: list[Made]) -> None:
    for rig, clips in made:
        risen = joints(rig, clips["get_up"].bones)
        hips = risen[:, [rig.bone("thigh_l"), rig.bone("thigh_r")]].mean(axis=1)
        neck = risen[:, rig.bone("neck_01")]
        assert np.abs(hips[:16, 2] - hips[0, 2]).max() < 0.002
        bowed = neck[:, 2] - hips[:, 2]
        assert bowed[17] > bowed[0] + 0.2 and bowed[-1] < bowed[17] - 0.2
        assert (np.diff(hips[18:, 1]) > -0.004).all() and hips[-1, 1] > hips[0, 1] + 0.2


def test_sitting_down_is_the_other_way_round_and_slower(made: list[Made]) -> None:
    rig, clips = made[0]
    down, up = clips["sit_down"], clips["get_up"]
    for frame in (0, -1):
        assert (
            np.abs(joints(rig, down.bones)[frame] - joints(rig, up.bones)[-1 - frame]).max() < 0.01
        )
    assert down.seconds > up.seconds
    assert labels_of("sit_down") == ["sit_down"] and labels_of("get_up") == ["get_up"]
