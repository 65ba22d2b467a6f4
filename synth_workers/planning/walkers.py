"""How people walk, step by step: along the segments of a ``WalkNet``, by and around each other.

They go at the speed of their own gait, keep a lateral offset of their own, step aside for each
other, turn round, stop now and then, and sometimes stand face to face with somebody they meet. Pure
and seeded: the same arguments give the same arrays. World: Unreal's, cm, degrees, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.motion.activities import IDLE, WALK, Activity
from synth_workers.people.person import PersonMotion
from synth_workers.planning.on_seats import STEP_SECONDS
from synth_workers.planning.pastimes import NO_SEATS, Seats, activities_of, scripts_of, seated
from synth_workers.planning.pushed import Pushed
from synth_workers.planning.vectors import dot, length, summed, within, wrapped
from synth_workers.planning.walk_net import WalkNet, net_appeal

_NEIGHBOURS = 6
_HORIZON_SECONDS = 3.0
_COMFORT_CM = 25.0  # free space people like to keep between their bodies
_ARRIVAL_CM = 60.0
_MAX_TURN = np.radians(140.0) * STEP_SECONDS
_MAX_SPEED_UP = 130.0 * STEP_SECONDS  # cm/s gained or lost in one step
_STUCK_STEPS = 14
_MEAN_WALK_SECONDS = 40.0
_STOP_SECONDS = (3.0, 9.0)
_MEETING_CM = 260.0  # somebody this near may stop as well, for a chat
_MEETING_CHANCE = 0.5
_SPREAD_TRIES = 80
BODY_SHARE = 0.58  # of the radius that spans a whole stride: what must not touch
_INSISTENCE = 8
_SETTLING = 12  # times that what is pushed is set free of others before a take begins
_DIRECTIONS = np.radians(np.array([0.0, 12.0, -12.0, 28.0, -28.0, 50.0, -50.0, 80.0, -80.0]))
_SPEEDS = np.array([1.0, 0.6, 0.2])
_ANGLES = np.tile(_DIRECTIONS, len(_SPEEDS))
_PACES = np.repeat(_SPEEDS, len(_DIRECTIONS))


@dataclass(frozen=True)
class Start:
    """Where n people begin: the numbers of their ``segments`` (n,), and ``places`` (n, 2) cm."""

    segments: np.ndarray
    places: np.ndarray


class Walkers:
    """The state of everybody during one take; what it is ``k`` steps on depends on no later one."""

    def __init__(
        self, net: WalkNet, motions: Sequence[PersonMotion], preference: np.ndarray,
        rng: np.random.Generator, start: Start | None = None, seats: Seats = NO_SEATS,
        steps: int = 0,
    ) -> None:  # fmt: skip
        n = len(motions)
        self.net, self.rng = net, rng
        doing, self.seats = seated(seats, activities_of(motions, rng), rng)
        doing = [None if _too_narrow(net, each, start, k) else each for k, each in enumerate(doing)]
        self.riding = [each is not None and each.on == "wide ways" for each in doing]
        self.clips = tuple((each.moving, each.standing) if each else (WALK, IDLE) for each in doing)
        self.preference = preference / np.maximum(preference.max(axis=1, keepdims=True), 1e-9)
        # ``**`` differs from this in the last bit.
        self.liking = 1e-4 + np.float_power(net_appeal(net, self.preference), _INSISTENCE)
        self.radius = BODY_SHARE * np.array([motion.radius_cm for motion in motions], float)
        self.pushed = Pushed.of(motions, self.radius, self.riding)
        pace = [
            motion.travel_cm[moving][-1] / motion.cycle_seconds[moving]
            for motion, (moving, _) in zip(motions, self.clips)
        ]
        self.pace = np.array(pace, float) * rng.uniform(0.94, 1.06, n)
        # Most people keep to the right of a way, as share of the free half width.
        self.side = np.clip(rng.normal(0.25, 0.4, n), -0.95, 0.95)
        self.rights = net.rights()
        self.segment = np.zeros(n, int)
        self.forward = rng.random(n) < 0.5
        self.following = np.zeros(n, int)
        self.following_forward = np.zeros(n, bool)
        self.place = np.zeros((n, 2))
        if start is None:
            self._spread()
        else:
            self.segment, self.place = start.segments.copy(), start.places.copy()
        for person in range(n):
            self._choose_following(person)
        self.heading = self._bearing(self._target() - self.place)
        stays = np.array([each is not None and each.stays for each in doing], bool)
        self.standing = np.where(stays, np.inf, 0.0)
        self.speed = self.pace * rng.uniform(0.6, 1.0, n) * ~stays
        self.until_stop = rng.exponential(_MEAN_WALK_SECONDS, n)
        if stays.any():
            self.heading = wrapped(self.heading + stays * rng.uniform(-np.pi, np.pi, n))
        self.stand_heading = self.heading.copy()
        self.stuck = np.zeros(n, int)
        self._sit(doing)
        self.scripts = scripts_of(doing, self.seats, seats, motions, self.pace, steps, rng)
        self.step = 0
        self._begin_scripts()
        for _ in range(_SETTLING * self.pushed.any):
            self.place = self.pushed.kept_apart(self.place, self.heading)
            self._stay_seated()

    def _begin_scripts(self) -> None:
        for person, script in self.scripts.items():
            self.standing[person], self.speed[person] = np.inf, 0.0
            self.segment[person] = self.net.beside(script.way.tolist())
            self._choose_following(person)
        self._follow_scripts()

    def _follow_scripts(self) -> None:
        for person, script in self.scripts.items():
            if self.step < len(script):
                self.place[person] = script.places[self.step]
                self.heading[person] = wrapped(script.headings[self.step])
                self.stand_heading[person] = self.heading[person]
            if self.step == len(script) - 1:
                self.standing[person], self.speed[person] = 0.0, self.pace[person]

    def _sit(self, doing: Sequence[Activity | None]) -> None:
        """Put those onto their seats who sit there all the time."""
        found = [
            (person, seat)
            for person, (each, seat) in enumerate(zip(doing, self.seats))
            if seat is not None and each is not None and each.stays
        ]
        self.seated = np.array([person for person, _ in found], int)
        if not found:
            return
        taken = [seat for _, seat in found]
        self.seat_places = np.array([each.place for each in taken])
        self.place[self.seated] = self.seat_places[:, :2]
        self.segment[self.seated] = [self.net.beside(each.place) for each in taken]
        self.heading[self.seated] = wrapped(np.radians([each.yaw for each in taken]))
        self.stand_heading = self.heading.copy()
        for person in self.seated.tolist():
            self._choose_following(person)

    def _spread(self) -> None:
        lengths = self.net.lengths
        for person in range(len(self.place)):
            chances = (self.preference[person] + 1e-6) * lengths
            if self.riding[person]:
                chances = chances * self.net.wide
            chances = chances / chances.sum()
            best, best_room = None, -np.inf
            for _ in range(_SPREAD_TRIES):
                segment = int(self.rng.choice(len(lengths), p=chances))
                start, end = self.net.nodes[self.net.segments[segment], :2]
                free = max(self.net.widths[segment] / 2 - self.radius[person], 0.0)
                place = start + (end - start) * self.rng.random()
                place = place + self.rights[segment] * free * self.rng.uniform(-1.0, 1.0)
                gaps = length(self.place[:person] - place)
                gaps = gaps - self.pushed.room[:person] - self.pushed.room[person]
                room = float(gaps.min()) if person else np.inf
                if room > best_room:
                    best, best_room = (segment, place), room
                if room > 2 * _COMFORT_CM:
                    break
            assert best is not None
            self.segment[person], self.place[person] = best

    def advance(self) -> None:
        """Move everybody by one step."""
        self._stop_and_go()
        wanted = self._wanted_velocity()
        chosen = self._avoiding_velocity(wanted)
        moving = self.standing <= 0.0
        turn = wrapped(self._bearing(chosen) - self.heading)
        turned = np.where(moving, np.clip(turn, -_MAX_TURN, _MAX_TURN), 0.0)
        heading = self.heading + self._as_room_is(self.heading, turned)
        # A sharp turn is taken slowly, so that the body turns before it goes the new way.
        pace = length(chosen) * np.clip(np.cos(turn), 0.1, 1.0)
        change = np.clip(np.where(moving, pace, 0.0) - self.speed, -_MAX_SPEED_UP, _MAX_SPEED_UP)
        self.speed = np.maximum(self.speed + change, 0.0)
        ahead = np.stack([np.cos(heading), np.sin(heading)], axis=1)
        before = self.place
        self.place = before + ahead * (self.speed * STEP_SECONDS)[:, None]
        self._keep_apart()
        if self.pushed.any:
            self.place = self.pushed.kept_apart(self.place, heading)
        self._keep_to_ways()
        self._stay_seated()
        moved = self.place - before
        covered = length(moved)
        really = wrapped(self._bearing(moved) - heading)
        lean = np.clip(really, -_MAX_TURN / 2, _MAX_TURN / 2) * (covered > 8.0)
        stand = np.clip(wrapped(self.stand_heading - heading), -_MAX_TURN / 3, _MAX_TURN / 3)
        self.heading = wrapped(heading + self._as_room_is(heading, np.where(moving, lean, stand)))
        self.speed = np.minimum(self.speed, covered / STEP_SECONDS + _MAX_SPEED_UP)
        blocked = moving & (covered < 0.2 * self.pace * STEP_SECONDS)
        self.stuck = np.where(blocked, self.stuck + 1, 0)
        self.step += 1
        self._follow_scripts()
        self._arrive()

    def _as_room_is(self, heading: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """How far people turn who want to ``turn`` (n,): less where others are in the way."""
        return self.pushed.turned(self.place, heading, turn) if self.pushed.any else turn

    def _stay_seated(self) -> None:
        if len(self.seated):
            self.place[self.seated] = self.seat_places[:, :2]

    def state(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Place (n, 2) cm, height of the way (n,) cm and heading (n,) radians of everybody."""
        return self.place.copy(), self._ground(), self.heading

    def _ground(self) -> np.ndarray:
        a, b = self.net.nodes[self.net.segments[self.segment]].transpose(1, 0, 2)
        along = b[:, :2] - a[:, :2]
        share = dot(self.place - a[:, :2], along) / np.maximum(dot(along, along), 1e-9)
        ground = a[:, 2] + (b[:, 2] - a[:, 2]) * np.clip(share, 0.0, 1.0)
        if len(self.seated):
            ground[self.seated] = self.seat_places[:, 2]
        for person, script in self.scripts.items():
            if self.step < len(script) and script.seated[self.step]:
                ground[person] = script.ground
        return ground

    def _stop_and_go(self) -> None:
        self.standing = np.maximum(self.standing - STEP_SECONDS, 0.0)
        self.until_stop -= STEP_SECONDS * (self.standing <= 0.0)
        for person in np.nonzero(self.until_stop <= 0.0)[0].tolist():
            seconds = self.rng.uniform(*_STOP_SECONDS)
            self._stand(person, seconds, self.heading[person] + self.rng.normal(0.0, 1.2))
            met = self._somebody_to_meet(person)
            if met is not None:
                towards = float(self._bearing(self.place[met] - self.place[person]))
                self._stand(person, seconds, towards)
                self._stand(met, seconds, towards + np.pi)

    def _stand(self, person: int, seconds: float, heading: float) -> None:
        self.until_stop[person] = self.rng.exponential(_MEAN_WALK_SECONDS)
        self.standing[person] = seconds
        self.stand_heading[person] = heading

    def _somebody_to_meet(self, person: int) -> int | None:
        """The nearest person who walks by, if both care to stop and face each other."""
        gaps = length(self.place - self.place[person])
        gaps[person] = np.inf
        gaps[self.standing > 0.0] = np.inf
        nearest = int(gaps.argmin())
        willing = self.rng.random() < _MEETING_CHANCE
        return nearest if willing and gaps[nearest] < _MEETING_CM else None

    def _ends(self, forward: np.ndarray) -> np.ndarray:
        """Where each person's segment ends that way, (n, 2) cm."""
        pairs = self.net.segments[self.segment]
        return self.net.nodes[np.where(forward, pairs[:, 1], pairs[:, 0]), :2]

    def _target(self) -> np.ndarray:
        """A point at the end of each person's segment, moved sideways to its own lane."""
        free = np.maximum(self.net.widths[self.segment] / 2 - self.radius - 5.0, 0.0)
        right = self.rights[self.segment] * np.where(self.forward, 1.0, -1.0)[:, None]
        return self._ends(self.forward) + right * (self.side * free)[:, None]

    def _wanted_velocity(self) -> np.ndarray:
        way = self._target() - self.place
        distance = np.maximum(length(way), 1e-6)
        return way / distance[:, None] * self.pace[:, None]

    def _avoiding_velocity(self, wanted: np.ndarray) -> np.ndarray:
        """The candidate velocity that goes best where wanted and meets nobody, (n, 2)."""
        n = len(wanted)
        pace = length(wanted)
        bearing = self._bearing(wanted)
        angle = bearing[:, None] + _ANGLES
        ways = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        candidates = (pace[:, None] * _PACES)[..., None] * ways  # (n, k, 2)
        cost = 0.55 * np.abs(_ANGLES) + 0.9 * (1.0 - _PACES)
        # Passing on the right settles who gives way to whom.
        cost = cost - 0.04 * np.sign(_ANGLES)
        turn = np.abs(wrapped(angle - self.heading[:, None]))
        total = cost[None] + 0.12 * turn + self._way_cost(candidates)
        if n > 1:
            total = total + self._meeting_cost(candidates)
            if self.pushed.any:
                total = total + self.pushed.cost(self.place, self.heading, self.speed, candidates)
        return candidates[np.arange(n), total.argmin(axis=1)]

    def _meeting_cost(self, candidates: np.ndarray) -> np.ndarray:
        n = len(candidates)
        offsets = self.place[None] - self.place[:, None]
        squares = dot(offsets, offsets)
        np.fill_diagonal(squares, np.inf)
        count = min(_NEIGHBOURS, n - 1)
        near = np.argpartition(squares, count - 1, axis=1)[:, :count]  # (n, q)
        ahead = np.stack([np.cos(self.heading), np.sin(self.heading)], axis=1)
        velocity = ahead * self.speed[:, None]
        offset = offsets[np.arange(n)[:, None], near]  # (n, q, 2)
        relative = velocity[near][:, None] - candidates[:, :, None]  # (n, k, q, 2)
        speed2 = np.maximum(dot(relative, relative), 1e-6)
        closest = -dot(offset[:, None], relative) / speed2
        closest = np.clip(closest, 0.0, _HORIZON_SECONDS)
        apart = offset[:, None] + relative * closest[..., None]
        need = (self.radius[:, None] + self.radius[near] + _COMFORT_CM)[:, None]
        need = np.broadcast_to(need, closest.shape)
        # Few pass so near that it costs anything; lengths are dear.
        met = np.flatnonzero(within(apart, need))
        needed = need.reshape(-1)[met]
        short = (needed - length(apart.reshape(-1, 2)[met])) / needed
        cost = np.clip(short, 0.0, 1.0) * (1.0 / (0.6 + closest.reshape(-1)[met]))
        return summed(cost, met // count, n * len(_ANGLES)).reshape(n, -1) * 4.0

    def _way_cost(self, candidates: np.ndarray) -> np.ndarray:
        """Cost of leaving the present and the following segment within the next second."""
        ahead = self.place[:, None] + candidates * 0.8
        return np.clip(self._off_ways(ahead) / 40.0, 0.0, 3.0)

    def _off_ways(self, places: np.ndarray) -> np.ndarray:
        """How far (n, …, 2) places lie beside the present and the following segment, cm."""
        return np.minimum(*(self._off_way(places, s) for s in (self.segment, self.following)))

    def _off_way(self, places: np.ndarray, segment: np.ndarray) -> np.ndarray:
        per_person = (slice(None),) + (None,) * (places.ndim - 2)
        ends = self.net.nodes[self.net.segments[segment], :2]
        a, along = ends[:, 0][per_person], (ends[:, 1] - ends[:, 0])[per_person]
        share = dot(places - a, along) / np.maximum(dot(along, along), 1e-9)
        nearest = a + along * np.clip(share, 0.0, 1.0)[..., None]
        free = np.maximum(self.net.widths[segment] / 2 - self.radius, 0.0)[per_person]
        distance = length(places - nearest)
        return np.maximum(distance - free, 0.0)

    def _keep_apart(self) -> None:
        n = len(self.place)
        reach = self.radius[:, None] + self.radius[None]
        np.fill_diagonal(reach, 0.0)
        for _ in range(2):
            offsets = self.place[None] - self.place[:, None]
            close = np.flatnonzero(within(offsets, reach))
            offset = offsets.reshape(-1, 2)[close]
            gaps = length(offset)
            short = reach.reshape(-1)[close] - gaps
            if not (short > 0.0).any():
                return
            push = np.clip(short, 0.0, 12.0) / 2 / np.maximum(gaps, 1e-3)
            one = close // n
            moves = [summed(offset[:, axis] * push, one, n) for axis in (0, 1)]
            self.place = self.place - np.stack(moves, axis=1)

    def _keep_to_ways(self) -> None:
        for person in np.nonzero(self._off_ways(self.place) > 0.0)[0]:
            self.place[person] = self._pulled_back(int(person))

    def _pulled_back(self, person: int) -> np.ndarray:
        place, best, best_moved = self.place[person], self.place[person], np.inf
        for segment in (self.segment[person], self.following[person]):
            a, b = self.net.nodes[self.net.segments[segment], :2]
            along = b - a
            share = float((place - a) @ along) / max(float(along @ along), 1e-9)
            nearest = a + along * min(max(share, 0.0), 1.0)
            free = max(self.net.widths[segment] / 2 - self.radius[person], 0.0)
            away = place - nearest
            distance = float(np.linalg.norm(away))
            back = nearest + away * (min(distance, free) / max(distance, 1e-9))
            moved = float(np.linalg.norm(back - place))
            if moved < best_moved:
                best, best_moved = back, moved
        return best

    def _arrived(self) -> np.ndarray:
        """Who is at the end of the present segment, (n,) bool."""
        start = self._ends(~self.forward)
        along = self._ends(self.forward) - start
        whole = np.maximum(length(along), 1e-9)
        done = dot(self.place - start, along) / whole
        return done > whole - np.minimum(_ARRIVAL_CM, whole / 2)

    def _arrive(self) -> None:
        for person in np.nonzero(self._arrived())[0]:
            self.segment[person] = self.following[person]
            self.forward[person] = self.following_forward[person]
            self._choose_following(int(person))
        for person in np.nonzero(self.stuck > _STUCK_STEPS)[0]:
            self.forward[person] = not self.forward[person]
            self.stuck[person] = 0
            self.side[person] = -self.side[person]
            self._choose_following(int(person))

    def _choose_following(self, person: int) -> None:
        """Draw the segment after the present one: straight on, preferred, rarely back."""
        onward = self.net.onward(int(self.segment[person]), bool(self.forward[person]))
        weights = onward.ease * self.liking[person, onward.far]
        if self.riding[person]:
            weights = weights * self.net.wide[onward.options]
        chances = (weights / weights.sum()).cumsum()
        # As ``rng.choice`` draws, without its checks.
        chosen = int((chances / chances[-1]).searchsorted(self.rng.random(), side="right"))
        self.following[person] = onward.options[chosen]
        self.following_forward[person] = onward.forward[chosen]

    @staticmethod
    def _bearing(vectors: np.ndarray) -> np.ndarray:
        return np.arctan2(vectors[..., 1], vectors[..., 0])


def _too_narrow(net: WalkNet, each: Activity | None, start: Start | None, person: int) -> bool:
    """Whether somebody would do on narrow ways what needs wide ones."""
    if each is None or each.on != "wide ways":
        return False
    return not (net.wide.any() if start is None else net.wide[start.segments[person]])
