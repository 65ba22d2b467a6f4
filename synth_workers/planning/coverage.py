"""Which moments and cameras are worth rendering, decided before anything is drawn.

A frame is worth the crops it adds: people who still lack crops in that camera, large enough,
whole and in view, at a new viewpoint and long enough after their last crop there. People walk
in takes; each take gathers those who lack crops before the camera that lacks most. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from scipy.special import ndtr

from manifests.capture_rules import CaptureRules
from synth_workers.people.motion.activities import ACTIVITIES
from synth_workers.people.person import PersonMotion
from synth_workers.planning.on_seats import ways_from
from synth_workers.planning.pastimes import NO_SEATS, Seats
from synth_workers.planning.pushed import Pushed
from synth_workers.planning.sizes import Sizes
from synth_workers.planning.standing_free import free_places
from synth_workers.planning.takes import ALONE, CROWDED
from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.visibility import Bodies, Scenery, Views, observe
from synth_workers.planning.walk_net import seat_values, segment_values, walk_net
from synth_workers.planning.walkers import BODY_SHARE, STEP_SECONDS
from synth_workers.scenes.depth_maps import DepthMap
from synth_workers.scenes.description import Camera, SceneDescription

INSTANT_SECONDS = 2 * STEP_SECONDS
"""Between moments that may be captured."""
_MAX_TRUNCATION = 0.02
_VIEWPOINT_CLASSES = 8
_SEEN_VIEWPOINT = 0.5  # worth of a viewpoint class one more time
# Deviation of what is annotated from what was expected (fitted): visible share, share of others.
_VISIBLE_ERROR, _OTHERS_ERROR = 0.07, 0.05
_TALLEST = 0.92  # of the picture's height
_LEAST_CHANCE = 0.35
_LEAST_WORTH = 0.45


@dataclass(frozen=True)
class Pose:
    """Where one person is and what it does, at one instant; hidden unless ``present``."""

    position: tuple[float, float, float]
    yaw: float
    animation: str
    phase: float
    present: bool = True


@dataclass(frozen=True)
class Expected:
    """What one camera should see of one person: estimates of ``planning.visibility``."""

    box: tuple[float, float, float, float]
    visible: float
    truncation: float
    distance: float
    viewpoint: float
    wanted: bool


@dataclass(frozen=True)
class PlannedFrame:
    """One camera at one instant; ``expected`` has one entry per person, None behind it."""

    camera: Camera
    expected: tuple[Expected | None, ...]


@dataclass(frozen=True)
class Instant:
    """One paused moment: everybody's pose and the cameras that are captured; ``following``: the
    poses of the next tick, if they were asked for."""

    number: int
    time: float
    poses: tuple[Pose, ...]
    frames: tuple[PlannedFrame, ...]
    following: tuple[Pose, ...] = ()


@dataclass(frozen=True)
class CapturePlan:
    """Instants in order of time, and crops still lacking after them, (people, cameras).

    ``first_frame``: number of the first of its frames, which are numbered on.
    """

    instants: tuple[Instant, ...]
    lacking: np.ndarray
    first_frame: int = 0

    @property
    def frames(self) -> int:
        """How many frames will be rendered."""
        return sum(len(instant.frames) for instant in self.instants)


def plan_capture(
    scene: SceneDescription,
    cameras: Sequence[Camera],
    motions: Sequence[PersonMotion],
    wanted: np.ndarray,
    rules: CaptureRules,
    *,
    width: int,
    height: int,
    max_frames: int,
    seed: np.random.SeedSequence,
    maps: Sequence[DepthMap] | None = None,
    crops_per_frame: int = 1,
) -> CapturePlan:
    """Choose the frames of one shard.

    With ``rules.max_others`` a planned crop counts as far as it is likely to be accepted, and
    ``maps``, what each camera sees of the empty scene, tell what hides people; without them the
    boxes around things do.
    ``wanted``: (people, cameras) crops asked for. Stops when all are planned, after
    ``max_frames`` frames or after as many takes as every camera may have. With
    ``crops_per_frame``, frames add so many crops at least, and cameras are given up after a take
    that has no such frame of theirs.
    """
    boxes = scene.obstacles + (scene.overhead if rules.max_others is not None else ())
    sight = [boxes] * len(cameras) if maps is None else maps
    lacking = np.array(wanted, float)
    size = (width, height)
    director = _Director(scene, cameras, sight, motions, lacking, rules, size, crops_per_frame)
    rng = np.random.default_rng(seed)
    instants: list[Instant] = []
    takes = np.zeros(len(cameras), int)
    budget, started = max_frames, 0.0
    while budget > 0:
        focus = director.neediest(takes)
        if focus is None:
            break
        take = director.take(focus, rng)
        demand = director.takes.demand(int(takes[focus]))
        chosen = director.choose(take, started, budget, demand, focus)
        takes[focus] += 1
        if director.sizes is not None:
            director.sizes.had(focus, int(takes[focus]), director.takes.most)
        if crops_per_frame > 1 and focus not in {camera for _, camera in chosen.picks}:
            takes[focus] = director.takes.most
        budget -= len(chosen.picks)
        instants += chosen.instants(len(instants), started)
        started += len(take.positions) * INSTANT_SECONDS + 60.0
    return CapturePlan(tuple(instants), director.needs())


@dataclass(frozen=True)
class _Chosen:
    """Frames picked from one take: pairs of (step, camera number)."""

    picks: frozenset[tuple[int, int]]
    take: Take
    cameras: Sequence[Camera]
    views: Sequence[Views]
    wanted: np.ndarray  # (t, cameras, people) bool: crop counted when the frame was picked

    def instants(self, first: int, started: float) -> list[Instant]:
        by_step = groupby(sorted(self.picks), key=lambda pick: pick[0])
        return [
            Instant(
                number=number,
                time=round(started + step * INSTANT_SECONDS, 3),
                poses=_poses(self.take, step),
                frames=tuple(self._frame(step, c) for _, c in picks),
            )
            for number, (step, picks) in enumerate(by_step, start=first)
        ]

    def _frame(self, step: int, c: int) -> PlannedFrame:
        expected = expected_views(self.views[c], step, self.wanted[step, c])
        return PlannedFrame(self.cameras[c], expected)


def expected_views(views: Views, step: int, wanted: np.ndarray) -> tuple[Expected | None, ...]:
    """What a camera should see of everybody at one step; ``wanted``: (people,) bool."""
    columns = (views.visible, views.truncation, views.distance, views.viewpoint)
    numbers = (column[step].tolist() for column in columns)
    return tuple(
        None if np.isnan(box).any() else Expected(tuple(box), *values)
        for box, *values in zip(views.box[step].tolist(), *numbers, wanted.tolist())
    )


@dataclass
class _Director:
    """Knows who still lacks crops where, gathers them and picks frames.

    ``sight``: what hides people from each camera; ``lacking``: (people, cameras) crops still to be
    planned.
    """

    scene: SceneDescription
    cameras: Sequence[Camera]
    sight: Sequence[Scenery]
    motions: Sequence[PersonMotion]
    lacking: np.ndarray
    rules: CaptureRules
    size: tuple[int, int]
    crops_per_frame: int

    def __post_init__(self) -> None:
        self.bodies, self.net = (
            Bodies.of(self.motions),
            walk_net(self.scene.walk, indoor=self.scene.indoor),
        )
        self.room = Pushed.of(self.motions, BODY_SHARE * self.bodies.radius).room
        self.alone = self.rules.max_others is not None
        self.takes = ALONE if self.alone else CROWDED
        heights = (self.rules.min_person_height, self.rules.max_person_height or np.inf)
        self.tallest = min(heights[1], _TALLEST * self.size[1])
        values = [
            segment_values(self.net, camera, *self.size, scenery, *heights)
            for camera, scenery in zip(self.cameras, self.sight, strict=True)
        ]
        self.values = np.reshape(values, (len(self.cameras), len(self.net.segments)))
        self.sizes = self._sizes(heights)
        self.seats = self._seats(heights)
        self.seen = np.zeros((*self.lacking.shape, _VIEWPOINT_CLASSES), int)

    def _sizes(self, heights: tuple[float, float]) -> Sizes | None:
        if not self.rules.sizes:
            return None
        where = (self.net, self.cameras, self.sight, self.size)
        return Sizes(self.rules.sizes, *where, heights, self.lacking.sum(axis=0))

    def _seats(self, heights: tuple[float, float]) -> np.ndarray:
        """(cameras, seats) how good seats are to be seen; none if nobody ever sits."""
        asked = {name for each in self.motions for name in each.activities}
        sit = any(ACTIVITIES[name].on == "seats" for name in asked)
        seats = self.scene.seats if sit else ()
        self.ways = ways_from(self.net, seats, self.scene.obstacles)
        values = [
            seat_values(seats, camera, *self.size, scenery, *heights)
            for camera, scenery in zip(self.cameras, self.sight, strict=True)
        ]
        return np.reshape(values, (len(self.cameras), len(seats)))

    def seats_before(self, focus: int, gathered: np.ndarray) -> Seats:
        """The seats before ``focus`` are for those gathered, those before others for the rest."""
        count = self.seats.shape[1]
        if not count:
            return NO_SEATS
        others = np.delete(self.seats, focus, axis=0).max(axis=0, initial=0.0)
        liking = np.tile(others * (self.seats[focus] == 0.0), (len(self.motions), 1))
        liking[gathered] = self.seats[focus]
        return Seats(self.scene.seats, liking, self.ways)

    def needs(self) -> np.ndarray:
        """(people, cameras) crops worth planning for; what is nearly expected is enough."""
        return np.where(self.lacking > 0.5, self.lacking, 0.0)

    def neediest(self, takes: np.ndarray) -> int | None:
        """The camera that lacks most crops per take it has had, or None when all is done."""
        need = self.needs().sum(axis=0) * (takes < self.takes.most)
        need = need / (1.0 + takes)
        return int(need.argmax()) if len(need) and need.max() > 0 else None

    def gathered(self, focus: int, values: np.ndarray) -> np.ndarray:
        """The people drawn before ``focus``: those who lack most, as many as there is room where
        places are of ``values`` (segments,)."""
        room = float((values * self.net.lengths * self.net.widths).sum())
        capacity = max(4, int(room / self.takes.area_per_person))
        lacking = self.needs()[:, focus]
        order = np.argsort(-lacking, kind="stable")[:capacity]
        return order[lacking[order] > 0]

    def take(self, focus: int, rng: np.random.Generator) -> Take:
        """Let everybody walk; the gathered people before ``focus``, the others anywhere."""
        n = len(self.motions)
        values = self.values[focus] if self.sizes is None else self.sizes.aimed_at(focus)
        elsewhere = np.clip(1.0 - values * 2.0, 0.02, 1.0)
        before = values**1.5 + 1e-3
        gathered, start = self.gathered(focus, values), None
        if self.alone:
            view = (self.cameras[focus], self.size)
            crowd = (self.net, self.bodies, self.room)
            start, gathered = free_places(*crowd, gathered.tolist(), before, elsewhere, *view, rng)
        preference = np.tile(elsewhere, (n, 1))
        preference[gathered] = before
        every = round(INSTANT_SECONDS / STEP_SECONDS)
        seats = self.seats_before(focus, gathered)
        take = walk(self.net, self.motions, preference, self.takes.seconds, rng, start, seats)
        return replace(
            take,
            positions=take.positions[::every],
            yaw=take.yaw[::every],
            walking=take.walking[::every],
            phase=take.phase[::every],
            shown=take.shown[::every],
            seated=take.seated[::every],
        )

    def choose(self, take: Take, started: float, budget: int, demand: float, focus: int) -> _Chosen:
        """Pick frames greedily while each is worth enough; counts their crops as planned."""
        walkers = (take.positions, take.yaw, self.bodies)
        how = {"walking": take.walking, "min_height": self.rules.min_person_height}
        how |= {"neighbours": self.alone, "seats": take.seats, "seated": take.seated}
        views = [
            observe(camera, *self.size, *walkers, scenery, **how)
            for camera, scenery in zip(self.cameras, self.sight, strict=True)
        ]
        chance = np.stack([self._chance(view) for view in views], axis=1)  # (t, c, n)
        worth = chance * np.stack([self._quality(view) for view in views], axis=1)
        kind = np.stack([_viewpoint_class(view.viewpoint) for view in views], axis=1)
        free = np.ones(worth.shape)
        spacing = int(np.ceil(self.rules.min_seconds_between / INSTANT_SECONDS))
        least = _LEAST_WORTH
        people = np.arange(worth.shape[2])
        picks: set[tuple[int, int]] = set()
        counted = np.zeros(worth.shape, bool)
        cameras = np.arange(len(self.cameras))[None, :, None]
        tall = np.stack([view.height for view in views], axis=1)
        while len(picks) < budget:
            novelty = _SEEN_VIEWPOINT ** self.seen[people[None, None], cameras, kind]
            gain = worth * free * (0.4 + 0.6 * novelty) * (self.needs().T[None] > 0)
            if self.sizes is not None:
                gain = gain * self.sizes.open(cameras, tall)
            total = gain.sum(axis=2)
            if self.crops_per_frame > 1:
                total[np.count_nonzero(gain, axis=2) < self.crops_per_frame] = 0.0
            for pick in picks:
                total[pick] = 0.0
            step, camera = np.unravel_index(int(total.argmax()), total.shape)
            if not picks:
                least = max(_LEAST_WORTH, demand * float(total[step, camera]))
            if total[step, camera] < least:
                break
            step, camera = int(step), int(camera)
            taken = gain[step, camera] > 0.0
            picks.add((step, camera))
            counted[step, camera] = taken
            self.lacking[taken, camera] -= chance[step, camera, taken]
            if self.sizes is not None:
                planned = chance[step, camera, taken]
                self.sizes.count(camera, tall[step, camera, taken], planned)
            self.seen[people[taken], camera, kind[step, camera, taken]] += 1
            near = slice(max(step - spacing + 1, 0), step + spacing)
            free[near, camera, taken] = 0.0
        return _Chosen(frozenset(picks), take, self.cameras, views, counted)

    def _quality(self, views: Views) -> np.ndarray:
        """Worth of each possible crop, (t, n): 0 unless whole, more when larger, freer."""
        wanted_height = float(self.rules.min_person_height)
        acceptable = (
            (views.height >= wanted_height)
            & (views.height <= self.tallest)
            & (views.truncation <= _MAX_TRUNCATION)
        )
        size = np.clip((views.height - wanted_height) / wanted_height, 0.0, 1.0)
        return acceptable * (0.55 + 0.25 * size + 0.2 * views.visible)

    def _chance(self, views: Views) -> np.ndarray:
        """How likely each possible crop is free enough, (t, n): 1 or 0 unless neighbours count."""
        least, most = self.rules.min_visibility, self.rules.max_others
        if most is None:
            return (views.visible >= least).astype(float)

        def chance(visible: np.ndarray | float, others: np.ndarray | float) -> np.ndarray:
            return ndtr((visible - least) / _VISIBLE_ERROR) * ndtr((most - others) / _OTHERS_ERROR)

        found = chance(views.visible, views.others)
        # Under rules so strict that even people who stand wholly free may fail, those are tried.
        return np.where(found >= min(_LEAST_CHANCE, chance(1.0, 0.0)), found, 0.0)


def _poses(take: Take, step: int) -> tuple[Pose, ...]:
    return tuple(
        Pose(
            position=(float(x), float(y), float(z)),
            yaw=float(take.yaw[step, person]),
            animation=take.clip(step, person),
            phase=float(take.phase[step, person]),
        )
        for person, (x, y, z) in enumerate(take.positions[step])
    )


def _viewpoint_class(viewpoint: np.ndarray) -> np.ndarray:
    width = 360.0 / _VIEWPOINT_CLASSES
    return ((viewpoint + width / 2) // width).astype(int) % _VIEWPOINT_CLASSES
