"""People who begin before a camera are seen free of each other; who finds no place is elsewhere."""

from __future__ import annotations

import numpy as np

from synth_workers.planning.standing_free import free_places
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.planning.walk_net import segment_values, walk_net
from synth_workers.planning.walkers import BODY_SHARE
from tests.synth_workers.planning.small_world import CAMERAS, motions, scene

WEST, SIZE = CAMERAS[0], (1280, 720)


def started(people: int, seed: int = 1):
    net, bodies = walk_net(scene().walk), Bodies.of(motions(people))
    before = segment_values(net, WEST, *SIZE, (), 110.0)
    elsewhere = np.clip(1.0 - 2.0 * before, 0.02, 1.0)
    rng = np.random.default_rng(seed)
    room = BODY_SHARE * bodies.radius
    start, chosen = free_places(
        net, bodies, room, range(people), before, elsewhere, WEST, SIZE, rng
    )
    ground = np.concatenate([start.places, np.zeros((people, 1))], axis=1)[None]
    still = np.zeros((1, people), bool)
    views = observe(
        WEST, *SIZE, ground, np.zeros((1, people)), bodies, walking=still, neighbours=True
    )
    return start, chosen, views


def test_nobody_who_is_to_be_seen_is_before_or_behind_anybody() -> None:
    start, chosen, views = started(12)
    assert chosen.sum() >= 6
    assert views.others[0][chosen].max() < 0.02 and views.visible[0][chosen].min() > 0.95
    apart = np.linalg.norm(start.places[:, None] - start.places[None], axis=-1)
    assert apart[~np.eye(12, dtype=bool)].min() > 60.0


def test_a_crowd_is_thinned_and_the_same_seed_gives_the_same() -> None:
    start, chosen, views = started(60)
    assert 6 <= chosen.sum() < 40
    assert np.quantile(views.others[0][chosen], 0.9) < 0.1
    again, _, _ = started(60)
    np.testing.assert_array_equal(start.places, again.places)
    assert (started(60, seed=2)[0].places != start.places).any()
