"""How people get up from seats and walk away, or come to seats and sit down, step by step.

Each of them follows a script for as long as it has to do with the seat and is one of the walkers
before or after. Pure and seeded; world: Unreal's, cm, radians, seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.motion.activities import GET_UP, IDLE, SIT, SIT_DOWN
from synth_workers.people.person import CLIP_FRAMES, PersonMotion
from synth_workers.planning.vectors import along
from synth_workers.planning.walk_net import WalkNet
from synth_workers.scenes.description import Obstacle, Seat
from synth_workers.seating import SITTING, STANDING, STANDS_AHEAD

STEP_SECONDS = 0.25

_TURN = np.radians(105.0)
"""Radians per second that somebody turns who stands before a seat."""

_LOW = 0.5
"""Share of the time of getting up until which somebody counts as sitting."""

_FARTHEST_CM, _NEAR_CM = 400.0, 60.0
_ASIDE = 0.2
"""Least share of the way from a seat that leads ahead."""

_BODY_CM, _KNEES_CM, _HEAD_CM = 24.0, 15.0, 170.0
_FREE_AHEAD_CM = 45.0
_SAMPLES_CM = 15.0
_LEAST_SECONDS = 0.5
_WAIT_STEPS = 8


@dataclass(frozen=True)
class Script:
    """What somebody does at each of k steps: ``places`` (k, 2), ``headings`` (k,), ``clips``, empty
    where one walks or stands as usual, with their ``phases`` (k,), and ``seated`` (k,): 0,
    ``STANDING`` or ``SITTING`` (``seating``). ``way``: (3,) cm where one leaves the ways or comes
    to them; ``ground``: how high the seat stands, cm."""

    way: np.ndarray
    ground: float
    places: np.ndarray
    headings: np.ndarray
    clips: tuple[str, ...]
    phases: np.ndarray
    seated: np.ndarray

    def __len__(self) -> int:
        return len(self.headings)


def ways_from(net: WalkNet, seats: Sequence[Seat], obstacles: Sequence[Obstacle]) -> np.ndarray:
    """Where on the ways somebody comes to who gets up from each seat and goes straight ahead or a
    little aside, (s, 2) cm; NaN where there is no room to stand or no such way."""
    found = np.full((len(seats), 2), np.nan)
    around = np.array([each.box for each in obstacles], float).reshape(-1, 6)
    for number, seat in enumerate(seats):
        if any(_before(np.asarray(each.box, float)) for each in seat.hides):
            continue
        place, ahead = np.asarray(seat.place, float), along(np.radians(seat.yaw))
        own = ((around[:, :3] <= place) & (place <= around[:, 3:])).all(axis=1)
        tall = (around[:, 5] > place[2] + _KNEES_CM) & (around[:, 2] < place[2] + _HEAD_CM)
        stands = place[:2] + 100 * STANDS_AHEAD * ahead
        ways = net.nearest([*stands, place[2]])[:, :2] - stands
        far = np.hypot(*ways.T)
        fit = (far < _NEAR_CM) | ((far < _FARTHEST_CM) & (ways @ ahead > _ASIDE * far))
        for segment in _nearest_first(far, fit):
            if _clear(stands, ways[segment], around[~own & tall]):
                found[number] = stands + ways[segment]
                break
    return found


def _nearest_first(far: np.ndarray, fit: np.ndarray) -> np.ndarray:
    """The numbers of those that ``fit``, the nearest first."""
    order = np.argsort(far, kind="stable")
    return order[fit[order]]


def _clear(start: np.ndarray, way: np.ndarray, boxes: np.ndarray) -> bool:
    """Whether somebody can go a ``way`` (2,) from a place past all ``boxes`` (k, 6)."""
    count = max(2, int(np.hypot(*way) / _SAMPLES_CM) + 1)
    points = start + np.linspace(0.0, 1.0, count)[:, None] * way
    low, high = boxes[None, :, :2], boxes[None, :, 3:5]
    apart = np.maximum(low - points[:, None], points[:, None] - high)
    return not bool((apart < _BODY_CM).all(axis=2).any())


def _before(box: np.ndarray) -> bool:
    """Whether a box, in the frame of a seat, is where one stands who gets up."""
    low, high = box[:3], box[3:]
    inside = (low < [_FREE_AHEAD_CM, _BODY_CM, _HEAD_CM]) & (high > [5.0, -_BODY_CM, _KNEES_CM])
    return bool(inside.all())


def get_up(
    motion: PersonMotion, seat: Seat, way: np.ndarray, pace: float, steps: int,
    rng: np.random.Generator,
) -> Script:  # fmt: skip
    """Sits, gets up at some time and walks to ``way``; ``steps``: of the take."""
    up = motion.cycle_seconds[GET_UP]
    last = max(STEP_SECONDS * steps - up - _LEAST_SECONDS, _LEAST_SECONDS + STEP_SECONDS)
    begins = STEP_SECONDS * round(rng.uniform(_LEAST_SECONDS, last) / STEP_SECONDS)
    stands, yaw, bearing, far = _line(seat, way)
    walked = _walked(far, pace * STEP_SECONDS)
    headings = _turned(yaw, bearing, _TURN * STEP_SECONDS)
    still = int(np.ceil(up / STEP_SECONDS)) + round(begins / STEP_SECONDS)
    count = still + 1 + len(walked)
    places = np.tile(np.asarray(seat.place[:2], float), (count, 1))
    places[still:] = stands
    places[still + 1 :] += walked[:, None] * along(bearing)
    turned = np.concatenate([np.full(still + 1, yaw), headings, np.full(count, bearing)])[:count]
    time = np.arange(count) * STEP_SECONDS - begins
    at = (np.array([*way, seat.place[2]]), seat.place[2])
    shown = np.arange(count) <= still
    return _script(motion, at, places, turned, time, GET_UP, (SIT, IDLE), shown)


def sit_down(
    motion: PersonMotion, seat: Seat, way: np.ndarray, pace: float, steps: int,
    rng: np.random.Generator,
) -> Script:  # fmt: skip
    """Comes from ``way``, turns round before the seat, sits down and stays; as ``get_up``."""
    down = motion.cycle_seconds[SIT_DOWN]
    stands, yaw, bearing, far = _line(seat, way)
    back = bearing + np.pi
    walked = far - _walked(far, pace * STEP_SECONDS)
    turning = _turned(back, yaw, _TURN * STEP_SECONDS)
    coming = len(walked) + len(turning) + 1
    last = max(steps - int(np.ceil(down / STEP_SECONDS)), 1)
    begins = int(rng.integers(min(coming, last), min(coming + _WAIT_STEPS, last) + 1))
    count = steps
    distances = np.concatenate([np.full(begins, far), walked, np.zeros(len(turning) + 1)])
    headings = np.concatenate([np.full(begins + len(walked), back), turning, [yaw]])
    distances, headings = distances[-begins:], headings[-begins:]
    places = np.tile(np.asarray(seat.place[:2], float), (count, 1))
    places[:begins] = stands + distances[:count, None] * along(bearing)
    turned = np.concatenate([headings, np.full(count, yaw)])[:count]
    time = (np.arange(count) - begins) * STEP_SECONDS
    at = (np.array([*way, seat.place[2]]), seat.place[2])
    return _script(motion, at, places, turned, time, SIT_DOWN, (IDLE, SIT), time >= -STEP_SECONDS)


def _script(
    motion: PersonMotion, at_seat: tuple[np.ndarray, float], places: np.ndarray,
    headings: np.ndarray, time: np.ndarray, clip: str, before_and_after: tuple[str, str],
    shown: np.ndarray,
) -> Script:  # fmt: skip
    """``time``: seconds since the change of posture begins; ``shown``: where clips are said."""
    seconds = motion.cycle_seconds[clip]
    share = time / seconds
    at = np.where(share < 0.0, 0, np.where(share < 1.0, 1, 2))
    names = (before_and_after[0], clip, before_and_after[1])
    cycles = [motion.cycle_seconds[name] for name in names]
    phases = np.select(
        [at == 0, at == 1],
        [(time / cycles[0]) % 1.0, share * (CLIP_FRAMES - 1) / CLIP_FRAMES],
        ((time - seconds) / cycles[2]) % 1.0,
    )
    risen = share if clip == GET_UP else 1.0 - share
    seated = np.where(risen < _LOW, SITTING, STANDING) * (shown | (at == 1))
    clips = tuple(names[number] if told else "" for number, told in zip(at, shown))
    return Script(*at_seat, places, headings, clips, phases, seated)


def _line(seat: Seat, way: np.ndarray) -> tuple[np.ndarray, float, float, float]:
    """Where one stands before a seat, its direction, that of the way, and how far that is."""
    yaw = float(np.radians(seat.yaw))
    stands = np.asarray(seat.place[:2], float) + 100 * STANDS_AHEAD * along(yaw)
    to_way = way - stands
    return stands, yaw, float(np.arctan2(to_way[1], to_way[0])), float(np.hypot(*to_way))


def _walked(far: float, stride: float) -> np.ndarray:
    """How far one is after each step of walking ``far``, from standing on."""
    distances = np.minimum(np.cumsum(np.minimum(np.arange(1, 400) * 0.5, 1.0) * stride), far)
    return distances[: int((distances < far).sum()) + 1]


def _turned(start: float, end: float, most: float) -> np.ndarray:
    """Headings while turning from one to another, the last one included."""
    turn = (end - start + np.pi) % (2 * np.pi) - np.pi
    count = max(1, int(np.ceil(abs(turn) / most)))
    return start + turn * np.arange(1, count + 1) / count


SCRIPTS: dict[str, Callable[..., Script]] = {GET_UP: get_up, SIT_DOWN: sit_down}
"""How those move who have to do with a seat for a part of a take, by activity."""
