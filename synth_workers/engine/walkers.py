"""People who walk by themselves: the ``unrealperson`` contract, where the level moves them.

They follow the scene's walkable graph from node to node at the natural speed of their gait, in
real time, and stand still while the level is paused. The ``person`` contract does not use any
of this: there the worker places everybody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from synth_workers.engine.crowd import Crowd
from synth_workers.engine.world import WALKER_CLASS, Actor, World
from synth_workers.scenes.description import WalkGraph

BATCH = 100
"""How many people one ``AddActor`` asks for."""

_STEP = 0.1  # seconds of scene time moved at once
_LONGEST = 120.0  # seconds of scene time caught up with after a silence
_SPEED = 120.0  # cm/s of those who have no gait of their own
_SEED = 20200


@dataclass
class _Walker:
    actor: Actor
    target: int
    came_from: int
    offset: np.ndarray
    speed: float
    cycle_seconds: float


class Walkers:
    """Moves the people that ``AddActor`` put into the level."""

    def __init__(
        self,
        world: World,
        graph: WalkGraph,
        crowd: Crowd,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._world = world
        self._graph = graph
        self._crowd = crowd
        self._clock = clock
        self._walkers: list[_Walker] = []
        self._time = clock()
        self._rng = np.random.default_rng([_SEED, len(graph.nodes)])
        self._neighbours: list[list[int]] = [[] for _ in range(len(graph.nodes))]
        for a, b in graph.edges:
            self._neighbours[int(a)].append(int(b))
            self._neighbours[int(b)].append(int(a))

    def add(self, count: int = BATCH) -> list[str]:
        """Put people onto random places of the graph; returns their names.

        Fewer come when the level is full, as in Unreal when a spawn point is blocked.
        """
        self.advance()
        before = len(self._walkers)
        if not len(self._graph.edges):
            return []
        for _ in range(min(count, self._world.room())):
            actor = self._world.spawn(WALKER_CLASS, None)
            edge = int(self._rng.integers(len(self._graph.edges)))
            a, b = (int(node) for node in self._graph.edges[edge])
            if self._rng.random() < 0.5:
                a, b = b, a
            start, end = self._graph.nodes[a], self._graph.nodes[b]
            way = end[:2] - start[:2]
            across = np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-6)
            side = (self._rng.random() - 0.5) * 0.8 * float(self._graph.widths[edge])
            offset = np.array([*(across * side), 0.0])
            place = start + (end - start) * self._rng.random() + offset
            actor.location = (float(place[0]), float(place[1]), float(place[2]))
            actor.animation = "walk"
            actor.phase = float(self._rng.random())
            speed, seconds = self._gait(actor)
            self._walkers.append(_Walker(actor, b, a, offset, speed, seconds))
            self._face(self._walkers[-1])
        self._world.touch()
        return [walker.actor.name for walker in self._walkers[before:]]

    def remove_all(self) -> None:
        """Destroy everybody ``add`` brought."""
        for walker in self._walkers:
            if self._world.actors.get(walker.actor.name) is walker.actor:
                self._world.destroy(walker.actor)
        self._walkers = []

    def advance(self) -> None:
        """Bring everybody to where they are by now."""
        now = self._clock()
        elapsed = now - self._time
        self._time = now
        if not self._walkers or self._world.paused:
            return
        alive = self._world.actors
        self._walkers = [w for w in self._walkers if alive.get(w.actor.name) is w.actor]
        remaining = min(elapsed, _LONGEST)
        while remaining > 0:
            step = min(remaining, _STEP)
            for walker in self._walkers:
                self._move(walker, step)
            remaining -= step
        self._world.touch()

    def _gait(self, actor: Actor) -> tuple[float, float]:
        if not len(self._crowd):
            return _SPEED, 1.0
        number = len(self._walkers) % len(self._crowd)
        actor.appearance = number
        clip = self._crowd.appearance(number).person.clips["walk"]
        return float(clip.travel[-1]) * 100 / clip.seconds, clip.seconds

    def _move(self, walker: _Walker, seconds: float) -> None:
        actor = walker.actor
        goal = self._graph.nodes[walker.target] + walker.offset
        here = np.asarray(actor.location)
        left = float(np.linalg.norm((goal - here)[:2]))
        stride = walker.speed * seconds
        if left <= stride:
            actor.location = (float(goal[0]), float(goal[1]), float(goal[2]))
            options = self._neighbours[walker.target]
            onward = [node for node in options if node != walker.came_from] or options
            walker.came_from = walker.target
            walker.target = onward[int(self._rng.integers(len(onward)))]
            self._face(walker)
        else:
            place = here + (goal - here) * (stride / left)
            actor.location = (float(place[0]), float(place[1]), float(place[2]))
        actor.phase = (actor.phase + seconds / walker.cycle_seconds) % 1.0

    def _face(self, walker: _Walker) -> None:
        way = self._graph.nodes[walker.target] + walker.offset - np.asarray(walker.actor.location)
        yaw = float(np.degrees(np.arctan2(way[1], way[0])))
        walker.actor.rotation = (0.0, yaw, 0.0)
