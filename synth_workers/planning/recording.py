"""Continuous time over a whole world: who is where at every tick of one clock.

People have errands: they walk by the shortest way from place to place, leave by a door and come
back after a while by one. Doors are where cameras see least. What is so at a tick depends on
nothing that comes later, so that a recording can be cut into windows anywhere. Pure and seeded;
world: Unreal's, cm, degrees, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import shortest_path

from manifests.capture_rules import CaptureRules
from manifests.shards import TimeWindow
from synth_workers.people.motion.activities import IDLE, WALK
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import (
    CapturePlan,
    Expected,
    Instant,
    PlannedFrame,
    Pose,
    expected_views,
)
from synth_workers.planning.trajectories import is_walking
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.planning.walk_net import AVERAGE, WalkNet, walk_net
from synth_workers.planning.walkers import STEP_SECONDS, Walkers
from synth_workers.scenes.description import Camera, SceneDescription

_DOORS = 4
_DOORS_APART_CM = 800.0
_ERRANDS = (0, 2)  # places that somebody visits after the first one, before leaving
_AWAY_SECONDS = (4.0, 30.0)
_AWAY_AT_FIRST = 0.25
_ROOM_CM = 40.0  # free space at a door for somebody to come in
_PARKED_CM = 2000.0  # beyond the scene, where nobody meets those who are away
_SURELY_SEEN = 0.85
_CYCLE_FRAMES = np.linspace(0.0, 1.0, 49)


@dataclass(frozen=True)
class Presence:
    """n people at t ticks. ``positions``: (t, n, 3) cm; ``yaw``: (t, n) degrees; ``walking``: (t,
    n) bool, else they stand; ``phase``: (t, n) in [0, 1) of that clip; ``present``: (t, n) bool,
    else they are somewhere else and not to be seen."""

    positions: np.ndarray
    yaw: np.ndarray
    walking: np.ndarray
    phase: np.ndarray
    present: np.ndarray


def plan_recording(
    scene: SceneDescription,
    cameras: Sequence[Camera],
    motions: Sequence[PersonMotion],
    rules: CaptureRules,
    window: TimeWindow,
    *,
    width: int,
    height: int,
    seed: np.random.SeedSequence,
    following: bool = False,
) -> CapturePlan:
    """Every camera at every tick of ``window``; ``seed``: of the whole recording.

    ``following``: with where everybody is at the tick after.
    """
    net = walk_net(scene.walk)
    doors = find_doors(net, scene, cameras, width, height)
    one_more = window.model_copy(update={"ticks": window.ticks + following})
    there = record(net, doors, motions, one_more, seed)
    bodies = Bodies.of(motions)
    walkers = (there.positions, there.yaw, bodies, scene.obstacles)
    how = {"walking": there.walking, "min_height": rules.min_person_height}
    views = [observe(camera, width, height, *walkers, **how) for camera in cameras]
    surely = [
        (view.height >= rules.min_person_height)
        & (view.visible >= _SURELY_SEEN)
        & (view.truncation == 0.0)
        & there.present
        for view in views
    ]

    def frame(step: int, number: int) -> PlannedFrame:
        everybody = expected_views(views[number], step, surely[number][step])
        seen: list[Expected | None] = [
            expected if present else None
            for expected, present in zip(everybody, there.present[step].tolist())
        ]
        return PlannedFrame(cameras[number], tuple(seen))

    instants = tuple(
        Instant(
            number=window.first + step,
            time=(window.first + step) / window.fps,
            poses=_poses(there, step),
            following=_poses(there, step + 1) if following else (),
            frames=tuple(frame(step, number) for number in range(len(cameras))),
        )
        for step in range(window.ticks)
    )
    lacking = np.zeros((len(motions), len(cameras)))
    return CapturePlan(instants, lacking, first_frame=window.first * len(cameras))


def find_doors(
    net: WalkNet, scene: SceneDescription, cameras: Sequence[Camera], width: int, height: int
) -> list[int]:
    """Nodes where people come and go: up to four that no camera sees, apart from each other; if
    there are fewer than two such, the two at which people look smallest."""
    nodes = net.nodes[:, None, :]
    tallest = np.zeros(len(nodes))
    for camera in cameras:
        facing = np.zeros((len(nodes), 1))
        view = observe(camera, width, height, nodes, facing, AVERAGE, scene.obstacles)
        seen = (view.visible > 0.0) & (view.truncation < 1.0)
        tallest = np.maximum(tallest, (view.height * seen)[:, 0])
    doors: list[int] = []
    for node in np.argsort(tallest, kind="stable").tolist():
        if len(doors) >= _DOORS or (len(doors) >= 2 and tallest[node] > 0.0):
            break
        apart = np.linalg.norm(net.nodes[doors, :2] - net.nodes[node, :2], axis=1)
        if (apart >= _DOORS_APART_CM).all():
            doors.append(node)
    return doors


def record(
    net: WalkNet,
    doors: Sequence[int],
    motions: Sequence[PersonMotion],
    window: TimeWindow,
    seed: np.random.SeedSequence,
) -> Presence:
    """Where everybody is at the ticks of ``window``, walked from the first tick of all.

    Activities are of takes: here everybody walks and stands.
    """
    motions = [replace(motion, activities={}) for motion in motions]
    entropy = seed.generate_state(4).tolist()
    ticks = np.arange(window.first, window.first + window.ticks) / window.fps / STEP_SECONDS
    steps = max(2, int(np.ceil(ticks[-1] - 1e-9)) + 1)
    visitors = _Visitors(net, doors, motions, np.random.default_rng([*entropy, 0]))
    states = [(*visitors.state(), visitors.present.copy())]
    for _ in range(1, steps):
        visitors.advance()
        states.append((*visitors.state(), visitors.present.copy()))
    places, heights, headings, present = map(np.stack, zip(*states))
    after = np.clip(np.ceil(ticks - 1e-9).astype(int), 1, steps - 1)
    share = (ticks - (after - 1))[:, None]

    def between(values: np.ndarray) -> np.ndarray:
        along = share.reshape(share.shape + (1,) * (values.ndim - 2))
        return values[after - 1] + (values[after] - values[after - 1]) * along

    both = present[1:] & present[:-1]
    covered = np.zeros(heights.shape)
    covered[1:] = np.linalg.norm(np.diff(places, axis=0), axis=2) * both
    walking = is_walking(covered[after])
    travelled = between(np.cumsum(covered, axis=0))
    rng = np.random.default_rng([*entropy, 1])
    phase = np.empty(walking.shape)
    for person, motion in enumerate(motions):
        travel = np.asarray(motion.travel_cm[WALK], float)
        start, rest = rng.random(2)
        stride = (travelled[:, person] + start * travel[-1]) % travel[-1]
        stands = ticks * STEP_SECONDS / motion.cycle_seconds[IDLE] + rest
        strides = np.interp(stride, travel, _CYCLE_FRAMES)
        phase[:, person] = np.where(walking[:, person], strides, stands % 1.0)
    return Presence(
        positions=np.concatenate([between(places), between(heights)[..., None]], axis=-1),
        yaw=np.degrees(between(np.unwrap(headings, axis=0))) % 360.0,
        walking=walking,
        phase=phase % 1.0,
        present=both[after - 1],
    )


class _Visitors(Walkers):
    """People with errands; whoever is not ``present`` (n,) bool is parked beyond the scene."""

    def __init__(
        self, net: WalkNet, doors: Sequence[int], motions: Sequence[PersonMotion],
        rng: np.random.Generator,
    ) -> None:  # fmt: skip
        n, count = len(motions), len(net.nodes)
        self.doors = np.asarray(doors, int)
        a, b = net.segments.T
        self._between = {
            (int(start), int(end)): (number, forward)
            for number, pair in enumerate(net.segments)
            for (start, end), forward in ((pair, True), (pair[::-1], False))
        }
        graph = csr_matrix((net.lengths, (a, b)), shape=(count, count))
        # The last node before each one on the way from a goal: the next one on the way to it.
        self._next = shortest_path(graph, directed=False, return_predecessors=True)[1].T
        self.goal = rng.integers(count, size=n)
        self.errands = rng.integers(*_ERRANDS, size=n, endpoint=True)
        self.present = np.ones(n, bool)
        self.away = np.zeros(n)
        self.parked = net.nodes[:, :2].max(axis=0) + _PARKED_CM + 300.0 * np.arange(n)[:, None]
        super().__init__(net, motions, np.ones((n, len(net.segments))), rng)
        for person in np.nonzero(rng.random(n) < _AWAY_AT_FIRST)[0].tolist():
            self._leave(person)
            self.away[person] *= rng.random()

    def advance(self) -> None:
        """Move everybody by one step; some leave, others come in."""
        super().advance()
        self.away = np.maximum(self.away - STEP_SECONDS, 0.0)
        for person in np.nonzero(~self.present & (self.away <= 0.0))[0].tolist():
            self._come_in(person)

    def _leave(self, person: int) -> None:
        self.present[person] = False
        self.away[person] = self.rng.uniform(*_AWAY_SECONDS)
        self.standing[person] = np.inf
        self.speed[person] = 0.0
        self.place[person] = self.parked[person]

    def _come_in(self, person: int) -> None:
        door = int(self.rng.choice(self.doors))
        place = self.net.nodes[door, :2]
        room = self.pushed.room
        gaps = np.linalg.norm(self.place - place, axis=1) - room - room[person]
        if gaps.min() < _ROOM_CM:
            return  # at the next step, by whichever door
        self.present[person] = True
        self.standing[person] = 0.0
        self.stuck[person] = 0
        self.place[person] = place
        self.errands[person] = self.rng.integers(*_ERRANDS, endpoint=True)
        self.goal[person] = self._some_place(door)
        self.segment[person], self.forward[person] = self._way(door, int(self.goal[person]))
        self._choose_following(person)
        way = self._target()[person] - place
        self.heading[person] = np.arctan2(way[1], way[0])
        self.speed[person] = self.pace[person]

    def _keep_to_ways(self) -> None:
        super()._keep_to_ways()
        self.place[~self.present] = self.parked[~self.present]

    def _arrived(self) -> np.ndarray:
        return super()._arrived() & self.present

    def _arrive(self) -> None:
        ends = self.net.segments[self.segment, np.where(self.forward, 1, 0)]
        out = self._arrived() & (self.errands < 0) & (ends == self.goal)
        for person in np.nonzero(out)[0].tolist():
            self._leave(person)
        super()._arrive()

    def _choose_following(self, person: int) -> None:
        """The next segment of the shortest way; at a goal the next errand, at last a door."""
        end = int(self.net.segments[self.segment[person], 1 if self.forward[person] else 0])
        if end == self.goal[person] and self.errands[person] >= 0:
            self.errands[person] -= 1
            leaving = self.errands[person] < 0
            self.goal[person] = self._nearest_door(end) if leaving else self._some_place(end)
        if end == self.goal[person]:  # a door, to leave by
            self.following[person] = self.segment[person]
            self.following_forward[person] = not self.forward[person]
            return
        way = self._way(end, int(self.goal[person]))
        self.following[person], self.following_forward[person] = way

    def _some_place(self, but: int) -> int:
        place = int(self.rng.integers(len(self.net.nodes) - 1))
        return place + (place >= but)

    def _nearest_door(self, node: int) -> int:
        gaps = np.linalg.norm(self.net.nodes[self.doors, :2] - self.net.nodes[node, :2], axis=1)
        return int(self.doors[gaps.argmin()])

    def _way(self, node: int, goal: int) -> tuple[int, bool]:
        """The segment on the shortest way from a node to another, and whether it is walked
        forward; any segment of the node if there is no way."""
        onward = int(self._next[node, goal])
        if onward < 0:
            segment = self.net.at_node[node][0]
            return segment, bool(self.net.segments[segment, 0] == node)
        return self._between[node, onward]


def _poses(there: Presence, step: int) -> tuple[Pose, ...]:
    columns = (there.positions, there.yaw, there.walking, there.phase, there.present)
    return tuple(
        Pose((x, y, z), yaw, WALK if walking else IDLE, phase, present)
        for (x, y, z), yaw, walking, phase, present in zip(*(c[step].tolist() for c in columns))
    )
