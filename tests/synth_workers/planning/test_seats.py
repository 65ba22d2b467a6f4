"""Who sits is on a seat that a camera sees, is seen lower, and is not hidden by the seat itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manifests.capture_rules import CaptureRules
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.planning.pastimes import Seats
from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.planning.walk_net import seat_values, walk_net
from synth_workers.scenes.description import Obstacle, SceneDescription, Seat
from tests.synth_workers.planning.small_world import CAMERAS, motion, scene

BACK = Obstacle((-50.0, -60.0, 46.0, -43.0, 60.0, 88.0))
BENCH = Obstacle((-60.0, -480.0, 0.0, 60.0, -420.0, 90.0))
PLACES = ((-28.0, -428.0, 0.0), (28.0, -428.0, 0.0))
SEATS = tuple(Seat(place, 90.0, (BACK,)) for place in PLACES)
"""Two on a bench that looks at the camera ``south``."""
SOUTH, SIZE = CAMERAS[2], (1280, 720)


def sitter(seed: int, share: float = 1.0) -> PersonMotion:
    plain = motion(seed)
    return replace(
        plain,
        travel_cm=plain.travel_cm | {"sit": np.zeros(49)},
        cycle_seconds=plain.cycle_seconds | {"sit": 4.0},
        activities={"sit": share},
    )


def with_bench(*seats: Seat) -> SceneDescription:
    return replace(scene((BENCH,)), seats=seats)


def walked(people: int, seats: Seats) -> Take:
    net = walk_net(scene().walk)
    rng = np.random.default_rng(2)
    everywhere = np.ones((people, len(net.segments)))
    return walk(net, [sitter(k) for k in range(people)], everywhere, 10.0, rng, seats=seats)


def planned(world: SceneDescription, share: float) -> CapturePlan:
    return plan_capture(
        world, world.cameras, [sitter(k, share) for k in range(4)], np.full((4, 3), 2),
        CaptureRules(min_person_height=56), width=SIZE[0], height=SIZE[1], max_frames=60,
        seed=np.random.SeedSequence(1),
    )  # fmt: skip


def test_as_many_sit_as_there_are_seats_and_stay_there_while_others_walk_by() -> None:
    take = walked(4, Seats(SEATS, np.ones((4, 2))))
    seated = [person for person, seat in enumerate(take.seats) if seat is not None]
    assert len(seated) == 2 and {take.seats[person] for person in seated} == {*SEATS}
    for person in range(4):
        if person in seated:
            seat = take.seats[person]
            assert seat is not None and take.clips[person][1] == "sit"
            assert (take.positions[:, person] == seat.place).all()
            assert np.allclose(take.yaw[:, person], seat.yaw) and not take.walking[:, person].any()
        else:
            assert take.clips[person] == ("walk", "idle") and take.walking[:, person].any()
    gaps = np.linalg.norm(take.positions[:, :, None, :2] - take.positions[:, None, :, :2], axis=-1)
    others = [person for person in range(4) if person not in seated]
    assert gaps[:, seated][:, :, others].min() > 45.0


def test_nobody_sits_where_nothing_is_liked() -> None:
    take = walked(2, Seats(SEATS, np.zeros((2, 2))))
    assert take.seats == (None, None) and {*take.clips} == {("walk", "idle")}


def seen(seat: Seat | None, obstacles: tuple[Obstacle, ...], yaw: float = 90.0):
    place = np.array([[PLACES[0]]])
    facing, still = np.array([[yaw]]), np.zeros((1, 1), bool)
    bodies = Bodies.of([motion(1)])
    return observe(
        SOUTH, *SIZE, place, facing, bodies, obstacles, walking=still, seats=(seat,)
    )  # fmt: skip


def test_who_sits_is_lower_and_the_box_of_the_bench_hides_nothing() -> None:
    sitting, standing = seen(SEATS[0], (BENCH,)), seen(None, (BENCH,))
    assert 0.7 < sitting.height[0, 0] / standing.height[0, 0] < 0.85
    assert sitting.visible[0, 0] == 1.0 > standing.visible[0, 0]
    behind = replace(SEATS[0], yaw=270.0)
    assert 0.3 < seen(behind, (BENCH,), 270.0).visible[0, 0] < 0.8
    wall = Obstacle((-400.0, 0.0, 0.0, 400.0, 20.0, 300.0))
    assert seen(SEATS[0], (BENCH, wall)).visible[0, 0] < 0.5


def test_people_sit_where_a_camera_sees_them_well_enough() -> None:
    values = [seat_values(SEATS, camera, *SIZE, (BENCH,), 56.0) for camera in CAMERAS]
    assert values[2].min() > 0.1
    assert not seat_values(SEATS, SOUTH, *SIZE, (BENCH,), 400.0).any()
    plan = planned(with_bench(*SEATS), 1.0)
    crops = [
        (instant.poses[person], frame.camera.name, expected)
        for instant in plan.instants
        for frame in instant.frames
        for person, expected in enumerate(frame.expected)
        if expected is not None and expected.wanted
    ]
    sat = [(camera, expected) for pose, camera, expected in crops if pose.animation == "sit"]
    assert len(sat) >= 4 and plan.lacking.sum() == 0
    assert all(each.box[3] - each.box[1] >= 56 and each.visible >= 0.7 for _, each in sat)


def test_where_nobody_sits_seats_change_nothing() -> None:
    plans = [
        plan_capture(
            world, world.cameras, [motion(k) for k in range(3)], np.ones((3, 3)), CaptureRules(),
            width=1280, height=720, max_frames=2, seed=np.random.SeedSequence(4),
        )
        for world in (with_bench(*SEATS), with_bench())
    ]  # fmt: skip
    assert plans[0].instants == plans[1].instants
