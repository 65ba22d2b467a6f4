"""People are as large in planned crops as was asked for, where cameras can show them so."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.capture_rules import CaptureRules
from manifests.crop_sizes import SizeShares, size_class
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.planning.sizes import apportioned
from tests.synth_workers.planning.small_world import motions, scene

PEOPLE = 12


def planned(sizes: SizeShares) -> CapturePlan:
    world = scene()
    return plan_capture(
        world, world.cameras, motions(PEOPLE), np.full((PEOPLE, 3), 2),
        CaptureRules(min_person_height=64, sizes=sizes), width=1280, height=720, max_frames=90,
        seed=np.random.SeedSequence(3),
    )  # fmt: skip


def shares(plan: CapturePlan) -> np.ndarray:
    heights = [
        expected.box[3] - expected.box[1]
        for instant in plan.instants
        for frame in instant.frames
        for expected in frame.expected
        if expected is not None and expected.wanted
    ]
    return np.bincount(size_class(np.array(heights)), minlength=3) / len(heights)


def test_crops_are_planned_by_size() -> None:
    usual, small, mixed = map(planned, ({}, {"small": 1}, {"small": 1, "medium": 2, "large": 2}))
    assert shares(usual)[2] < 0.15 and shares(small)[0] > 0.95
    assert np.abs(shares(mixed) - [0.2, 0.4, 0.4]).max() < 0.1
    assert max(plan.lacking.sum() for plan in (small, mixed)) < 2.0
    assert planned({"small": 1}).instants == small.instants != usual.instants


def test_what_one_camera_cannot_show_another_shows_more_of() -> None:
    wanted, asked = np.array([20.0, 20.0, 10.0]), np.array([0.4, 0.4, 0.2])
    able = np.array([[True, True, False], [True, True, True], [False, False, False]])
    left = apportioned(wanted, asked, able)
    assert left.sum(axis=1) == pytest.approx(wanted) and left[0, 2] == 0.0
    assert left[1, 2] == pytest.approx(8.0, abs=0.1) and left[2] == pytest.approx(10 / 3)
    assert apportioned(wanted, asked, np.ones((3, 3), bool))[0] == pytest.approx(20 * asked)
