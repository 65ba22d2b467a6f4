"""Coverage asks for the frames that add crops, and for no others."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np
import pytest

from manifests.recipe import CaptureRules
from synth_workers.planning.coverage import CapturePlan, plan_capture
from tests.synth_workers.planning.small_world import WALL, motions, scene

PEOPLE = 20
RULES = CaptureRules()


def planned(wanted: int = 3, *, max_frames: int = 200, seed: int = 3) -> CapturePlan:
    world = scene((WALL,))
    return plan_capture(
        world,
        world.cameras,
        motions(PEOPLE),
        np.full((PEOPLE, len(world.cameras)), wanted),
        RULES,
        width=1280,
        height=720,
        max_frames=max_frames,
        seed=np.random.SeedSequence(seed),
    )


@pytest.fixture(scope="module")
def plan() -> CapturePlan:
    return planned()


def _crops(plan: CapturePlan):
    for instant in plan.instants:
        for frame in instant.frames:
            for person, expected in enumerate(frame.expected):
                if expected is not None and expected.wanted:
                    yield instant, frame.camera.name, person, expected


def test_every_wish_is_met_exactly(plan: CapturePlan):
    counts = Counter((person, camera) for _, camera, person, _ in _crops(plan))
    assert set(counts.values()) == {3}
    assert len(counts) == PEOPLE * 3
    assert plan.lacking.sum() == 0


def test_frames_are_crowded_and_people_near(plan: CapturePlan):
    heights = [expected.box[3] - expected.box[1] for *_, expected in _crops(plan)]
    assert len(heights) / plan.frames >= 6.0
    assert np.median(heights) >= 128.0
    assert min(heights) >= RULES.min_person_height


def test_wanted_crops_are_whole_visible_and_spaced_in_time(plan: CapturePlan):
    times: dict[tuple[int, str], list[float]] = defaultdict(list)
    for instant, camera, person, expected in _crops(plan):
        assert expected.visible >= RULES.min_visibility
        assert expected.truncation <= 0.02
        times[person, camera].append(instant.time)
    gaps = [b - a for series in times.values() for a, b in pairwise(series)]
    assert min(gaps) >= RULES.min_seconds_between


def test_instants_are_in_order_and_may_have_several_cameras(plan: CapturePlan):
    times = [instant.time for instant in plan.instants]
    assert times == sorted(set(times))
    assert [instant.number for instant in plan.instants] == list(range(len(times)))
    for instant in plan.instants:
        names = [frame.camera.name for frame in instant.frames]
        assert len(names) == len(set(names)) >= 1
        assert len(instant.poses) == PEOPLE


def test_the_same_seed_plans_the_same(plan: CapturePlan):
    assert planned().instants == plan.instants
    assert planned(seed=4).instants != plan.instants


def test_max_frames_bounds_the_work_and_the_lack_is_reported():
    plan = planned(max_frames=4)
    assert plan.frames == 4
    assert plan.lacking.sum() == PEOPLE * 9 - sum(1 for _ in _crops(plan)) > 0


def test_wishes_that_cannot_be_met_end():
    world = scene()
    nobody = np.zeros((2, 3), int)
    nobody[0, 0] = 10_000
    plan = plan_capture(
        world,
        world.cameras,
        motions(2),
        nobody,
        CaptureRules(min_person_height=100_000),
        width=1280,
        height=720,
        max_frames=50,
        seed=np.random.SeedSequence(1),
    )
    assert plan.frames == 0 and plan.lacking[0, 0] == 10_000
