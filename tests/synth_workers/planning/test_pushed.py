"""Nobody walks through what others push, and who pushes gets on all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from manifests.shards import TimeWindow
from synth_workers.people.person import PersonMotion
from synth_workers.planning.pushed import Pushed
from synth_workers.planning.recording import record
from synth_workers.planning.standing_free import free_places
from synth_workers.planning.trajectories import walk
from synth_workers.planning.visibility import Bodies
from synth_workers.planning.walk_net import walk_net
from synth_workers.planning.walkers import BODY_SHARE
from tests.synth_workers.planning.small_world import CAMERAS, ladder, motion

PRAM = np.array([[-26.0, 40.0], [26.0, 105.0]])
BICYCLE = np.array([[9.0, -75.0], [67.0, 93.0]])
"""To the left and ahead, cm."""
PEOPLE, THICK_CM = 20, 16.0
NET = walk_net(ladder())


def pushing(person: int) -> np.ndarray:
    return PRAM if person % 2 else BICYCLE


def crowd(pushers: int, waiting: int = 0) -> list[PersonMotion]:
    """Of which the first ones push something, or wait."""
    people = [motion(k) for k in range(PEOPLE)]
    for k, each in enumerate(people[:waiting]):
        people[k] = replace(
            each,
            travel_cm=each.travel_cm | {"idle_wait": np.zeros(49)},
            cycle_seconds=each.cycle_seconds | {"idle_wait": 4.0},
            activities={"wait": 1.0},
        )
    for k, each in enumerate(people[:pushers]):
        people[k] = replace(each, pushed_cm=pushing(k))
    return people


def inside(positions: np.ndarray, yaw: np.ndarray, pushers: int) -> float:
    """Share of the moments of those who push in which somebody else is in what they push."""
    caught = []
    for person in range(pushers):
        (low, behind), (high, front) = pushing(person)
        angle = np.radians(yaw[:, person, None])
        way = positions[..., :2] - positions[:, person, None, :2]
        ahead = way[..., 0] * np.cos(angle) + way[..., 1] * np.sin(angle)
        left = way[..., 0] * np.sin(angle) - way[..., 1] * np.cos(angle)
        beside = np.maximum(low - left, left - high).clip(0.0)
        before = np.maximum(behind - ahead, ahead - front).clip(0.0)
        near = np.hypot(beside, before) < THICK_CM
        near[:, person] = False
        caught.append(near.any(axis=1))
    return float(np.mean(caught))


def walked(people: list[PersonMotion], seed: int = 1):
    everywhere = np.ones((len(people), len(NET.segments)))
    return walk(NET, people, everywhere, 30.0, np.random.default_rng(seed))


def test_nobody_walks_through_what_is_pushed() -> None:
    takes = [walked(crowd(pushers)) for pushers in (0, 4)]
    unaware, aware = (inside(take.positions, take.yaw, 4) for take in takes)
    assert aware < 0.005 < 0.03 < unaware
    covered = [
        np.linalg.norm(np.diff(take.positions, axis=0), axis=-1).sum(0)[:4] for take in takes
    ]
    assert covered[1].sum() > 0.8 * covered[0].sum() and covered[1].min() > 1000.0
    turned = np.abs((np.diff(takes[1].yaw[:, :4], axis=0) + 180.0) % 360.0 - 180.0)
    assert turned.max() < 36.0


def test_others_walk_round_what_stands_before_somebody() -> None:
    takes = [walked(crowd(pushers, waiting=4)) for pushers in (0, 4)]
    unaware, aware = (inside(take.positions, take.yaw, 4) for take in takes)
    assert aware < 0.005 < 0.02 < unaware
    assert not takes[1].walking[:, :4].mean() > 0.1 and takes[1].walking[:, 4:].mean() > 0.7


def test_recordings_know_what_is_pushed() -> None:
    window = TimeWindow(fps=4, first=0, ticks=120)
    there = record(NET, [0, 5], crowd(4), window, np.random.SeedSequence(3))
    positions = np.where(there.present[..., None], there.positions, 1e5)
    assert inside(positions, there.yaw, 4) < 0.02


def test_where_nobody_pushes_nothing_changes() -> None:
    radius = np.array([30.0, 40.0])
    nothing = Pushed.of([motion(0), motion(1)], radius)
    assert not nothing.any and (nothing.room == radius).all()


def test_who_rides_has_it_underneath() -> None:
    cyclist = [replace(motion(0), pushed_cm=BICYCLE)]
    beside, below = (Pushed.of(cyclist, np.array([30.0]), [rides]) for rides in (False, True))
    assert (beside.offset[:, 1] == -38.0).all() and not below.offset[:, 1].any()
    assert beside.offset[:, 0].max() == 93.0 - 29.0 and beside.room[0] > below.room[0] > 90.0


def test_takes_begin_with_room_for_what_is_pushed() -> None:
    people = crowd(PEOPLE)
    bodies = Bodies.of(people)
    room = Pushed.of(people, BODY_SHARE * bodies.radius).room
    liked, size = np.ones(len(NET.segments)), (1280, 720)
    rng = np.random.default_rng(1)
    start, chosen = free_places(
        NET, bodies, room, range(PEOPLE), liked, liked, CAMERAS[0], size, rng
    )
    apart = np.linalg.norm(start.places[:, None] - start.places, axis=-1) - room - room[:, None]
    np.fill_diagonal(apart, np.inf)
    assert apart[np.ix_(chosen, chosen)].min() > 0.0
