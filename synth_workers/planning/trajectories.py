"""Where people are, and what shows it, over the time of one take: positions, headings and phases.

A walking person's phase follows the distance it has really covered, so feet do not slide. How
people walk is ``planning.walkers``'. Pure and seeded; world: Unreal's, cm, degrees, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.person import PersonMotion
from synth_workers.planning.pastimes import NO_SEATS, Seats
from synth_workers.planning.walk_net import WalkNet
from synth_workers.planning.walkers import STEP_SECONDS, Start, Walkers
from synth_workers.scenes.description import Seat
from synth_workers.seating import SITTING

_STANDING_CM_S = 12.0


@dataclass(frozen=True)
class Take:
    """n people over t instants, ``STEP_SECONDS`` apart.

    ``positions``: (t, n, 3) float64 cm. ``yaw``: (t, n) degrees. ``walking``: (t, n) bool, else
    standing. ``phase``: (t, n) in [0, 1), of the clip that is shown. ``clips``: the walking and the
    standing clip of each person, by name; ``shown``: (t, n) any other, empty where one of these is.
    ``seats``: which each uses, None for the others; ``seated``: (t, n) how (``seating``).
    """

    positions: np.ndarray
    yaw: np.ndarray
    walking: np.ndarray
    phase: np.ndarray
    clips: tuple[tuple[str, str], ...]
    shown: np.ndarray
    seats: tuple[Seat | None, ...]
    seated: np.ndarray

    def clip(self, step: int, person: int) -> str:
        """The name of the clip that is shown."""
        return self.shown[step, person] or self.clips[person][not self.walking[step, person]]


def walk(
    net: WalkNet,
    motions: Sequence[PersonMotion],
    preference: np.ndarray,
    seconds: float,
    rng: np.random.Generator,
    start: Start | None = None,
    seats: Seats = NO_SEATS,
) -> Take:
    """Let n people walk for ``seconds``.

    ``preference``: (n, m) non-negative; how much each person likes to be on each segment. They
    begin at ``start``, or on segments drawn from it, and at every junction lean towards what they
    prefer. Who has other activities than walking does one thing for all of it; on ``seats`` sit
    those who do and for whom there are any, and get up or sit down once.
    """
    steps = round(seconds / STEP_SECONDS)
    walkers = Walkers(net, motions, preference, rng, start, seats, steps)
    states = [walkers.state()]
    for _ in range(1, steps):
        walkers.advance()
        states.append(walkers.state())
    places, heights, headings = map(np.stack, zip(*states))
    return _animated(places, heights, headings, motions, walkers, rng)


def _animated(
    places: np.ndarray, heights: np.ndarray, headings: np.ndarray,
    motions: Sequence[PersonMotion], walkers: Walkers, rng: np.random.Generator,
) -> Take:  # fmt: skip
    steps, n = heights.shape
    covered = np.zeros((steps, n))
    step = np.diff(places, axis=0)
    covered[1:] = np.hypot(step[..., 0], step[..., 1])
    walking = is_walking(covered)
    walking[0] = walking[1] if steps > 1 else True
    travelled = np.cumsum(covered, axis=0)
    seconds = np.arange(steps) * STEP_SECONDS
    phase = np.empty((steps, n))
    frames = np.linspace(0.0, 1.0, 49)
    for person, (motion, (moving, still)) in enumerate(zip(motions, walkers.clips)):
        travel = np.asarray(motion.travel_cm[moving], float)
        start = rng.random() * travel[-1]
        stride = np.interp((travelled[:, person] + start) % travel[-1], travel, frames)
        rest = (seconds / motion.cycle_seconds[still] + rng.random()) % 1.0
        phase[:, person] = np.where(walking[:, person], stride, rest)
    shown = np.full((steps, n), "", dtype=object)
    seated = np.tile(
        [SITTING if person in walkers.seated else 0 for person in range(n)], (steps, 1)
    )
    for person, script in walkers.scripts.items():
        told = slice(min(len(script), steps))
        shown[told, person], seated[told, person] = script.clips[told], script.seated[told]
        own = shown[told, person] != ""
        phase[told, person] = np.where(own, script.phases[told], phase[told, person])
        walking[told, person] &= ~own
    return Take(
        positions=np.concatenate([places, heights[..., None]], axis=-1),
        yaw=np.degrees(headings) % 360.0,
        walking=walking,
        phase=phase % 1.0,
        clips=walkers.clips,
        shown=shown,
        seats=walkers.seats,
        seated=seated,
    )


def is_walking(covered: np.ndarray) -> np.ndarray:
    """Whether who has ``covered`` so many cm in one step walks, or else stands."""
    return covered >= _STANDING_CM_S * STEP_SECONDS
