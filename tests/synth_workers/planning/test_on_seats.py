"""Who gets up walks away over free ground, who sits down has come that way, and plans show both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from manifests.capture_rules import CaptureRules
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import plan_capture
from synth_workers.planning.on_seats import ways_from
from synth_workers.planning.pastimes import Seats
from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.walk_net import walk_net
from synth_workers.scenes.description import Obstacle, Seat
from synth_workers.seating import SITTING, STANDING
from tests.synth_workers.planning.small_world import motion, scene
from tests.synth_workers.planning.test_seats import BACK, BENCH, SEATS, with_bench

NET = walk_net(scene().walk)
TABLE = Obstacle((15.0, -34.0, 70.0, 80.0, 34.0, 75.0))


def changing(seed: int, what: str) -> PersonMotion:
    plain, clips = motion(seed), {"sit": 4.0, "get_up": 2.1, "sit_down": 2.4}
    return replace(
        plain,
        travel_cm=plain.travel_cm | {name: np.zeros(49) for name in clips},
        cycle_seconds=plain.cycle_seconds | clips,
        activities={what: 1.0},
    )


def walked(what: str, seconds: float = 20.0) -> Take:
    people = [changing(0, what), motion(1), motion(2)]
    ways = ways_from(NET, SEATS, (BENCH,))
    seats, everywhere = Seats(SEATS, np.ones((3, 2)), ways), np.ones((3, len(NET.segments)))
    return walk(NET, people, everywhere, seconds, np.random.default_rng(4), seats=seats)


def shown(take: Take, person: int = 0) -> list[str]:
    """What is seen of somebody, each clip once."""
    clips = [take.clip(step, person) for step in range(len(take.yaw))]
    return [clip for clip, before in zip(clips, ["", *clips]) if clip != before]


@pytest.mark.parametrize("seconds", [3.0, 20.0])
def test_who_gets_up_sits_rises_once_and_walks_on(seconds: float) -> None:
    take = walked("get_up", seconds)
    clips = shown(take)
    assert clips[:2] == ["sit", "get_up"] and clips.count("get_up") == 1
    seat = take.seats[0]
    assert seat is not None and take.positions[0, 0].tolist() == [*seat.place]
    rising = [step for step in range(len(take.yaw)) if take.shown[step, 0] == "get_up"]
    assert (np.diff(take.phase[rising, 0]) > 0.0).all() and take.phase[rising, 0].max() < 47.5 / 48
    assert {*take.seated[:, 0].tolist()} <= {0, STANDING, SITTING}
    if seconds > 10.0:
        assert "walk" in clips and take.seated[-1, 0] == 0
        assert np.linalg.norm(take.positions[-1, 0, :2] - seat.place[:2]) > 100.0
    steps = np.linalg.norm(np.diff(take.positions[:, 0, :2], axis=0), axis=1)
    assert steps.max() < 50.0, "nobody leaps"


def test_who_sits_down_comes_from_the_ways_and_stays() -> None:
    take = walked("sit_down")
    clips = shown(take)
    assert clips[-2:] == ["sit_down", "sit"] and "walk" in clips
    seat = take.seats[0]
    assert seat is not None and take.positions[-1, 0].tolist() == [*seat.place]
    assert take.yaw[-1, 0] == pytest.approx(seat.yaw) and take.seated[-1, 0] == SITTING
    lowering = int(np.argmax(take.shown[:, 0] == "sit_down"))
    assert 0 < lowering < 50 and take.yaw[lowering, 0] == pytest.approx(seat.yaw)
    assert np.linalg.norm(np.diff(take.positions[:, 0, :2], axis=0), axis=1).max() < 50.0
    apart = np.linalg.norm(take.positions[:, 1:, :2] - take.positions[:, :1, :2], axis=-1)
    assert apart.min() > 25.0


def test_ways_from_seats_are_free_and_lead_ahead() -> None:
    ways = ways_from(NET, SEATS, (BENCH,))
    assert np.isfinite(ways).all() and (ways[:, 1] > SEATS[0].place[1] + 50.0).all()
    at_table = Seat(SEATS[0].place, 90.0, (BACK, TABLE))
    to_the_wall = Seat(SEATS[0].place, 270.0, (BACK,))
    wall = Obstacle((-800.0, -400.0, 0.0, 800.0, -390.0, 200.0))
    assert np.isnan(ways_from(NET, (at_table, to_the_wall), (BENCH,))).all()
    assert np.isnan(ways_from(NET, SEATS, (BENCH, wall))).all()


def test_plans_show_people_who_rise() -> None:
    world = with_bench(*SEATS)
    plan = plan_capture(
        world, world.cameras, [changing(k, "get_up") for k in range(3)], np.full((3, 3), 3),
        CaptureRules(min_person_height=56), width=1280, height=720, max_frames=60,
        seed=np.random.SeedSequence(1),
    )  # fmt: skip
    clips = [
        instant.poses[person].animation
        for instant in plan.instants
        for frame in instant.frames
        for person, expected in enumerate(frame.expected)
        if expected is not None and expected.wanted
    ]
    assert {"sit", "get_up"} <= {*clips} and plan.lacking.sum() == 0
