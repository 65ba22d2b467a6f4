"""People sit on the seat: skin touches it, feet stand on the ground, nothing goes through it."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.clothes.fitting import Fitter
from synth_workers.people.motion.activities import build_clips, labels_of
from synth_workers.people.motion.hand_placement import resting_on_thigh
from synth_workers.people.motion.posing import carried
from synth_workers.people.person import Clip
from synth_workers.people.spec import CarryPose, GaitSpec, Stance
from synth_workers.seating import SEAT_DEPTH, SEAT_HEIGHT
from tests.synth_workers.people.motion.test_activities import missed, place, rigs_of

SITTING = (("sit", 1.0),)


@pytest.fixture(scope="module")
def rigs(fitter: Fitter) -> list[Rig]:
    return rigs_of(fitter, 4)


def joint(clip: Clip, rig: Rig, name: str) -> np.ndarray:
    return place(clip, rig, name, rig.joint(name))


@pytest.mark.parametrize("sprawl", [0.0, 1.0])
def test_bodies_rest_on_the_seat_and_before_its_back(rigs: list[Rig], sprawl: float) -> None:
    for rig in rigs:
        clip = build_clips(GaitSpec(activities=SITTING, sprawl=sprawl), rig)["sit"]
        skin = carried(rig.seat, clip.bones.astype(float))
        assert abs(skin[..., 1].min() - SEAT_HEIGHT) < 0.015
        assert skin[..., 2].min() > -SEAT_DEPTH
        # Knees are ahead of the edge, so that no shank goes through the seat.
        for side in SIDES:
            thigh, calf, foot = (joint(clip, rig, f"{b}_{side}") for b in ("thigh", "calf", "foot"))
            assert calf[:, 2].min() > 0.06 and foot[:, 2].min() > 0.05
            assert (calf[:, 1] > foot[:, 1] + 0.2).all() and (calf[:, 2] > thigh[:, 2] + 0.2).all()
            assert thigh[:, 1].min() > SEAT_HEIGHT + 0.04


def test_feet_stand_on_the_ground_or_hang_above_it(rigs: list[Rig]) -> None:
    for rig in rigs:
        clip = build_clips(GaitSpec(activities=SITTING), rig)["sit"]
        soles = np.stack([carried(sole, clip.bones.astype(float)) for sole in rig.soles], axis=1)
        lowest = soles[..., 1].min(axis=2)
        assert lowest.min() > -0.004
        tall = rig.joint("head")[1] > 1.45
        assert lowest.max() < (0.004 if tall else 0.25)
        moved = np.ptp(soles, axis=0)
        assert moved.max() < 0.002


def test_hands_rest_on_the_thighs_in_the_lap_or_hold_a_telephone(rigs: list[Rig]) -> None:
    for rig in rigs:
        clip = build_clips(GaitSpec(activities=SITTING, left=CarryPose.pocket), rig)["sit"]
        assert all(missed(clip, rig, side, resting_on_thigh(side)) < 0.03 for side in SIDES)
    reading = GaitSpec(activities=SITTING, right=CarryPose.phone)
    clip = build_clips(reading, rigs[1])["sit"]
    assert missed(clip, rigs[1], "l", resting_on_thigh("l")) < 0.03
    assert joint(clip, rigs[1], "hand_r")[:, 1].min() > SEAT_HEIGHT + 0.25
    lap = build_clips(GaitSpec(activities=SITTING, stance=Stance.clasped), rigs[1])["sit"]
    palms = [place(lap, rigs[1], f"hand_{s}", rigs[1].joint(f"prop_{s}")) for s in SIDES]
    assert np.linalg.norm(palms[0] - palms[1], axis=1).max() < 0.1


def test_crops_say_that_somebody_sits() -> None:
    assert labels_of("sit") == ["sit"]
