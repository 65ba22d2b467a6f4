"""People keep to the ways, to their pace and to themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.walk_net import WalkNet, walk_net
from synth_workers.planning.walkers import BODY_SHARE, STEP_SECONDS
from tests.synth_workers.planning.small_world import ladder, motion, motions

PEOPLE = 16
SECONDS = 40.0


@pytest.fixture(scope="module")
def net() -> WalkNet:
    return walk_net(ladder())


@pytest.fixture(scope="module")
def take(net: WalkNet) -> Take:
    return _walk(net, seed=1)


def _walk(net: WalkNet, seed: int) -> Take:
    everywhere = np.ones((PEOPLE, len(net.segments)))
    return walk(net, motions(PEOPLE), everywhere, SECONDS, np.random.default_rng(seed))


def _steps(take: Take) -> np.ndarray:
    return np.diff(take.positions[..., :2], axis=0)


def test_edges_become_short_segments_of_the_same_length(net: WalkNet):
    assert net.lengths.max() <= 250.0
    assert net.lengths.sum() == pytest.approx(2 * 3000.0 + 3 * 600.0)


def test_people_stay_on_the_ways(net: WalkNet, take: Take):
    places = take.positions[..., :2].reshape(-1, 2)
    a, b = net.nodes[net.segments, :2].transpose(1, 0, 2)
    along = b - a
    share = ((places[:, None] - a) * along).sum(-1) / (along**2).sum(-1)
    nearest = a + along * np.clip(share, 0, 1)[..., None]
    outside = np.linalg.norm(places[:, None] - nearest, axis=-1) - net.widths / 2
    assert outside.min(axis=1).max() < 1.0


def test_people_do_not_walk_through_each_other(take: Take):
    radius = BODY_SHARE * np.array([motion.radius_cm for motion in motions(PEOPLE)])
    places = take.positions[..., :2]
    gaps = np.linalg.norm(places[:, :, None] - places[:, None], axis=-1)
    gaps -= radius[:, None] + radius
    gaps[:, np.arange(PEOPLE), np.arange(PEOPLE)] = np.inf
    assert gaps.min() > -8.0
    assert (gaps.min(axis=(1, 2)) > -1.0).mean() > 0.95


def test_people_walk_at_the_pace_of_their_gait(take: Take):
    pace = np.array([m.travel_cm["walk"][-1] / m.cycle_seconds["walk"] for m in motions(PEOPLE)])
    speed = np.linalg.norm(_steps(take), axis=-1) / STEP_SECONDS / pace
    assert np.median(speed) == pytest.approx(1.0, abs=0.08)
    assert np.percentile(speed, 99) < 1.25


def test_people_face_where_they_go(take: Take):
    steps = _steps(take)
    moving = np.linalg.norm(steps, axis=-1) > 10.0
    direction = np.degrees(np.arctan2(steps[..., 1], steps[..., 0]))
    aside = np.abs((direction - take.yaw[1:] + 180.0) % 360.0 - 180.0)[moving]
    assert np.median(aside) < 2.0
    assert np.percentile(aside, 98) < 25.0


def test_phase_follows_the_distance_covered_so_feet_do_not_slide(take: Take):
    for person, each in enumerate(motions(PEOPLE)):
        travel = each.travel_cm["walk"]
        steady = take.walking[1:, person] & take.walking[:-1, person]
        along = np.interp(take.phase[:, person], np.linspace(0, 1, 49), travel)
        advanced = np.diff(along) % travel[-1]
        covered = np.linalg.norm(_steps(take)[:, person], axis=-1)
        error = np.abs(advanced - covered)[steady]
        assert np.minimum(error, travel[-1] - error).max() < 0.01


def test_people_stop_now_and_then_and_stand_still(take: Take):
    standing = ~take.walking[1:]
    assert 0.01 < standing.mean() < 0.4
    assert np.linalg.norm(_steps(take), axis=-1)[standing].max() < 4.0


def test_some_who_stand_have_met_and_face_each_other(net: WalkNet):
    takes = [_walk(net, seed) for seed in range(4)]
    met = sum(_face_to_face(take, step) for take in takes for step in range(40, 160, 20))
    assert met >= 4


def _face_to_face(take: Take, step: int) -> int:
    """Pairs of standing people within talking distance who look at each other."""
    standing = ~take.walking[step]
    way = take.positions[step, None, :, :2] - take.positions[step, :, None, :2]  # from, to
    bearing = np.degrees(np.arctan2(way[..., 1], way[..., 0]))
    looks = np.abs((bearing - take.yaw[step][:, None] + 180.0) % 360.0 - 180.0) < 30.0
    near = np.linalg.norm(way, axis=-1) < 260.0
    pairs = looks & looks.T & near & standing & standing[:, None]
    np.fill_diagonal(pairs, False)
    return int(pairs.sum()) // 2


def test_people_lean_towards_what_they_prefer(net: WalkNet):
    liked = net.centres()[:, 0] > 600.0
    preference = np.tile(np.where(liked, 1.0, 0.02), (PEOPLE, 1))
    take = walk(net, motions(PEOPLE), preference, SECONDS, np.random.default_rng(5))
    assert (take.positions[..., 0] > 500.0).mean() > 0.7


def test_the_same_seed_walks_the_same_and_another_differently(net: WalkNet, take: Take):
    again, other = _walk(net, seed=1), _walk(net, seed=2)
    assert np.array_equal(again.positions, take.positions)
    assert np.array_equal(again.phase, take.phase)
    assert not np.allclose(other.positions, take.positions)


def test_bicycles_are_ridden_on_wide_ways_alone() -> None:
    wide, graph = walk_net(ladder()), ladder()
    narrow = walk_net(
        replace(graph, widths=np.where(np.arange(len(graph.widths)) == 0, 150.0, 300.0))
    )
    indoors = walk_net(graph, indoor=True)
    riders = []
    for seed in range(3):
        plain = motion(seed)
        riders.append(
            replace(
                plain,
                travel_cm=plain.travel_cm | {"ride": np.linspace(0.0, 330.0, 49)},
                cycle_seconds=plain.cycle_seconds | {"ride": 1.0},
                activities={"ride": 1.0},
            )
        )
    for ways, rode in ((wide, True), (narrow, True), (indoors, False)):
        everywhere = np.ones((3, len(ways.segments)))
        take = walk(ways, riders, everywhere, 20.0, np.random.default_rng(1))
        assert {*take.clips} == {("ride" if rode else "walk", "idle")}
        if ways is narrow:
            x, y, _ = np.moveaxis(take.positions, -1, 0)
            assert not ((x > -1300.0) & (x < -200.0) & (np.abs(y + 300.0) < 100.0)).any()
        if rode:
            speed = np.linalg.norm(np.diff(take.positions[..., :2], axis=0), axis=-1) / STEP_SECONDS
            assert np.median(speed) > 220
