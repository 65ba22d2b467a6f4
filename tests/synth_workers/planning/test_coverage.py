"""Coverage asks for the frames that add crops, and for no others."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from manifests.capture_rules import CaptureRules
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.scenes.depth_maps import DepthMap, depth_map
from synth_workers.scenes.description import Obstacle
from tests.synth_workers.planning.small_world import WALL, motions, scene

PEOPLE = 20
RULES = CaptureRules()


def planned(
    wanted: int = 3,
    *,
    people: int = PEOPLE,
    rules: CaptureRules = RULES,
    overhead: tuple[Obstacle, ...] = (),
    max_frames: int = 200,
    seed: int = 3,
    crops_per_frame: int = 1,
) -> CapturePlan:
    world = replace(scene((WALL,)), overhead=overhead)
    return plan_capture(
        world,
        world.cameras,
        motions(people),
        np.full((people, len(world.cameras)), wanted),
        rules,
        width=1280,
        height=720,
        max_frames=max_frames,
        seed=np.random.SeedSequence(seed),
        crops_per_frame=crops_per_frame,
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


def test_frames_that_would_add_few_crops_are_left_out_and_what_is_then_missing_is_told(
    plan: CapturePlan,
):
    def least(of: CapturePlan) -> int:
        return min(Counter((i.number, camera) for i, camera, *_ in _crops(of)).values())

    demanding = planned(crops_per_frame=5)
    assert least(plan) < 5 <= least(demanding)
    assert demanding.frames < plan.frames
    assert demanding.lacking.sum() == PEOPLE * 9 - sum(1 for _ in _crops(demanding)) > 0
    assert planned(people=4, crops_per_frame=5).frames == 0


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


ALONE = CaptureRules(min_visibility=0.85, max_others=0.12)


def test_crops_without_neighbours_show_people_who_stand_free(plan: CapturePlan):
    alone = planned(rules=ALONE)
    assert alone.lacking.sum() == 0
    free = [expected.visible for *_, expected in _crops(alone)]
    assert min(free) >= 0.75 and np.mean(free) > 0.97
    # Nothing is tried that is likelier to be refused; of people in a crowd a quarter would be.
    assert max(_others(alone)) < 0.14 < np.quantile(_others(plan), 0.8)


def test_the_strictest_rules_get_people_who_stand_wholly_free():
    strict = planned(1, people=3, rules=CaptureRules(min_visibility=1.0, max_others=0.0))
    assert strict.lacking.sum() == 0
    assert {expected.visible for *_, expected in _crops(strict)} == {1.0}


def test_maps_of_the_empty_scene_hide_people_in_place_of_boxes():
    world = scene((Obstacle((-3000.0, -3000.0, 0.0, 3000.0, 3000.0, 900.0)),))  # hides everybody
    nothing = np.full((180, 320), np.inf, np.float32)
    near = np.full((180, 320), 50.0, np.float32)
    west, east, south = (depth_map(camera, nothing) for camera in world.cameras)
    walled = depth_map(world.cameras[2], near)

    def crops(*maps: DepthMap) -> Counter[str]:
        plan = plan_capture(
            world, world.cameras, motions(4), np.full((4, 3), 1), ALONE, width=1280, height=720,
            max_frames=60, seed=np.random.SeedSequence(1), maps=maps,
        )  # fmt: skip
        return Counter(camera for _, camera, _, _ in _crops(plan))

    assert crops(west, east, south) == {"west": 4, "east": 4, "south": 4}
    assert crops(west, east, walled) == {"west": 4, "east": 4}


def test_people_are_no_taller_in_a_picture_than_is_asked_for():
    small = CaptureRules(min_person_height=60, max_person_height=110)
    low = planned(3, people=6, rules=small)
    assert low.lacking.sum() == 0
    heights = [expected.box[3] - expected.box[1] for *_, expected in _crops(low)]
    assert min(heights) >= 60 and max(heights) <= 110


def _others(plan: CapturePlan) -> list[float]:
    """The expected share of each wanted crop that shows other people."""
    bodies, found = Bodies.of(motions(PEOPLE)), []
    for instant in plan.instants:
        places = np.array([[pose.position for pose in instant.poses]])
        yaw = np.array([[pose.yaw for pose in instant.poses]])
        walking = np.array([[pose.animation == "walk" for pose in instant.poses]])
        for frame in instant.frames:
            seen = (frame.camera, 1280, 720, places, yaw, bodies)
            others = observe(*seen, walking=walking, neighbours=True).others[0]
            wanted = [expected is not None and expected.wanted for expected in frame.expected]
            found += others[wanted].tolist()
    return found


def test_a_roof_hides_people_from_cameras_above_it():
    roof = Obstacle((-400.0, -450.0, 230.0, 1600.0, 1200.0, 260.0))

    def under_it(plan: CapturePlan) -> int:
        seen = (i.poses[person] for i, camera, person, _ in _crops(plan) if camera == "south")
        return sum(0 < pose.position[0] < 1200 for pose in seen)

    free, roofed = (planned(people=3, rules=ALONE, overhead=over) for over in ((), (roof,)))
    assert under_it(free) > 0 == under_it(roofed)
