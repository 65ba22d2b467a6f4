"""Riders sit on the saddle with feet on pedals that turn and hands on the bar."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.people.body.held import BIKE_ASIDE, GRIP, OUTWARD, PEDAL, SADDLE, bicycle_scale
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.motion.activities import build_clips
from synth_workers.people.motion.posing import carried, joint_places
from synth_workers.people.spec import CarryPose, GaitSpec
from tests.synth_workers.people.motion.test_activities import place, rigs_of

RIDING = (("ride", 1.0),)


@pytest.fixture(scope="module")
def rigs(fitter: Fitter) -> list[Rig]:
    return rigs_of(fitter, 4, adults=2)


@pytest.mark.parametrize("near", SIDES)
def test_feet_hands_and_seat_are_where_the_bicycle_has_them(rigs: list[Rig], near: str) -> None:
    hands = {near: CarryPose.saddle, "r" if near == "l" else "l": CarryPose.handlebar}
    gait = GaitSpec(left=hands["l"], right=hands["r"], activities=RIDING)
    other = "r" if near == "l" else "l"
    for rig in rigs:
        clip = build_clips(gait, rig)["ride"]
        bones, size = clip.bones.astype(float), bicycle_scale(rig.joint)
        aside = np.array([OUTWARD[near] * BIKE_ASIDE, 0.0, 0.0])
        saddle = place(clip, rig, f"prop_{near}", (SADDLE + aside) * size)
        assert np.allclose(saddle, SADDLE * size, atol=1e-5)
        soles = [carried(sole, bones) for sole in rig.soles]
        for side, sole, turn in zip(SIDES, soles, (1.0, -1.0)):
            # The right pedal is opposite to the left one.
            low = PEDAL if turn > 0 else np.array([0.0, 0.6, 0.04]) + PEDAL * [-1, -1, -1]
            pedal = place(clip, rig, f"prop_{other}", (low + aside) * size)
            gap = sole - pedal[:, None]
            under = np.abs(gap[..., 2]) < 0.05
            assert under.any(axis=1).all()
            lowest = np.where(under, gap[..., 1], np.inf).min(axis=1)
            assert np.abs(lowest).max() < 0.035 and np.abs(gap[..., 0].mean(axis=1)).max() < 0.05
            palm = place(clip, rig, f"hand_{side}", rig.joint(f"prop_{side}"))
            grip = GRIP * [OUTWARD[side], 1.0, 1.0] * size
            assert np.linalg.norm(palm - grip, axis=1).max() < 0.02
            hip, knee, foot = (
                joint_places(rig, bones, f"{b}_{side}") for b in ("thigh", "calf", "foot")
            )
            assert (knee[:, 2] > np.minimum(hip[:, 2], foot[:, 2])).all()
            bend = np.cross(knee - hip, foot - knee)[:, 0]
            assert (bend > 0.0).all(), "knees bend forward"
        skin = carried(rig.seat, bones)
        middle = np.abs(rig.seat.points[:, 0]) < 0.05
        lowest = skin[:, middle, 1].min(axis=1).mean()
        assert abs(lowest - SADDLE[1] * size) < 0.04
        assert min(sole[..., 1].min() for sole in soles) > 0.02


def test_riders_are_as_fast_as_one_rides_among_people(rigs: list[Rig]) -> None:
    clip = build_clips(
        GaitSpec(left=CarryPose.saddle, right=CarryPose.handlebar, activities=RIDING), rigs[0]
    )["ride"]
    assert 3.0 < clip.travel[-1] / clip.seconds < 4.0 and (np.diff(clip.travel) > 0).all()
