"""Levels of the ``unrealperson`` contract: people who walk by themselves."""

from __future__ import annotations

import numpy as np
import pytest
import unrealcv

from synth_workers.engine.walkers import Walkers
from synth_workers.engine.world import World
from synth_workers.scenes.description import WalkGraph
from tests.synth_workers.engine.pictures import colours, picture
from tests.synth_workers.engine.stand_ins import box_crowd

SQUARE = WalkGraph(
    nodes=np.array([[0, 0, 0], [1000, 0, 0], [1000, 1000, 0], [0, 1000, 0]], float),
    edges=np.array([[0, 1], [1, 2], [2, 3], [3, 0]]),
    widths=np.full(4, 100.0),
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world() -> World:
    return World("yard", 64, 48)


def places(world: World, names: list[str]) -> np.ndarray:
    return np.array([world.actors[name].location for name in names])


def test_they_walk_along_the_graph_at_the_speed_of_their_gait(world: World, clock: Clock):
    walkers = Walkers(world, SQUARE, box_crowd(4), clock)
    names = walkers.add(12)
    assert len(names) == len(set(names)) == 12
    assert all(name.startswith("MHMainClass_C_") for name in names)
    before = places(world, names)
    clock.now = 1.0
    walkers.advance()
    after = places(world, names)
    moved = np.linalg.norm(after - before, axis=1)
    assert (moved <= 101).all() and moved.mean() > 70  # the boxes stride one metre a second
    for _ in range(60):
        clock.now += 1.0
        walkers.advance()
        here = places(world, names)[:, :2]
        edge_distance = np.minimum(np.abs(here - 0).min(axis=1), np.abs(here - 1000).min(axis=1))
        assert (edge_distance <= 50).all()
        assert ((here > -51) & (here < 1051)).all()


def test_they_face_where_they_go(world: World, clock: Clock):
    walkers = Walkers(world, SQUARE, box_crowd(2), clock)
    (name,) = walkers.add(1)
    actor = world.actors[name]
    before = np.array(actor.location)
    clock.now = 0.2
    walkers.advance()
    way = np.array(actor.location) - before
    yaw = np.radians(actor.rotation[1])
    assert np.dot(way[:2], [np.cos(yaw), np.sin(yaw)]) > 0.99 * np.linalg.norm(way)


def test_they_stand_while_the_level_is_paused(world: World, clock: Clock):
    walkers = Walkers(world, SQUARE, box_crowd(2), clock)
    names = walkers.add(3)
    world.paused = True
    before, version = places(world, names), world.version
    clock.now = 5.0
    walkers.advance()
    assert (places(world, names) == before).all()
    assert world.version == version
    world.paused = False
    clock.now = 5.1
    walkers.advance()
    assert np.linalg.norm(places(world, names) - before, axis=1).max() < 12


def test_the_commands_of_the_papers_script(client: unrealcv.Client):
    """The yard has a square of paths, so the events answer as in the published level."""
    assert client.request("vrun ce DelActor") == "ok"
    assert client.request("vrun ce AddActor") == "ok"
    people = [name for name in client.request("vget /objects").split() if name.startswith("MH")]
    assert len(people) == 100
    shown = {client.request(f"vget /object/{name}/color") for name in people}
    assert len(shown) == 100
    assert client.request("vset /camera/0/location -300 0 300") == "ok"
    assert client.request("vset /camera/0/rotation -15 0 0") == "ok"
    assert client.request("vrun ce Pause") == "ok"
    first = client.request("vget /camera/0/object_mask png")
    assert client.request("vget /camera/0/object_mask png") == first
    found = colours(picture(first)) - {(0, 0, 0)}
    assert found and all(f"(R={r},G={g},B={b},A=255)" in shown for r, g, b in found)
    assert client.request("vrun ce Resume") == "ok"
    lit = picture(client.request("vget /camera/0/lit png")).mean()
    assert client.request("vrun ce LC") == "ok"
    assert picture(client.request("vget /camera/0/lit png")).mean() < lit / 2
    assert client.request("vrun ce LCreset") == "ok"
    assert client.request("vrun ce AddActor") == "ok"
    assert client.request("vrun ce DelActor") == "ok"
    assert "MH" not in client.request("vget /objects")
