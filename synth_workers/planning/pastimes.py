"""What people do during a take besides walking, and who has which seat. Seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.motion.activities import ACTIVITIES, Activity
from synth_workers.people.person import PersonMotion
from synth_workers.scenes.description import Seat


@dataclass(frozen=True)
class Seats:
    """``all`` seats of a scene, and how much each person likes each of them, (n, s) ``liking``:
    on those of 0 they do not sit."""

    all: tuple[Seat, ...]
    liking: np.ndarray


NO_SEATS = Seats((), np.zeros((0, 0)))
"""Nobody sits."""


def activities_of(
    motions: Sequence[PersonMotion], rng: np.random.Generator
) -> list[Activity | None]:
    """What each person does besides walking; None is nothing. Draws nothing if nobody can."""
    if not any(motion.activities for motion in motions):
        return [None] * len(motions)
    chosen: list[Activity | None] = []
    for motion, at in zip(motions, rng.random(len(motions))):
        names = list(motion.activities)
        number = int(np.searchsorted(np.cumsum([*motion.activities.values()]), at, side="right"))
        chosen.append(ACTIVITIES[names[number]] if number < len(names) else None)
    return chosen


def seated(
    seats: Seats, doing: list[Activity | None], rng: np.random.Generator
) -> tuple[list[Activity | None], tuple[Seat | None, ...]]:
    """What each does, of whom only those sit for whom there are seats that they like, and the
    seat of each, None for those who have none."""
    taken: list[Seat | None] = [None] * len(doing)
    sitting = [k for k, each in enumerate(doing) if each is not None and each.on == "seats"]
    if not sitting:
        return doing, tuple(taken)
    doing, free = list(doing), np.ones(len(seats.all), bool)
    for person in sitting:
        chances = seats.liking[person] * free if len(free) else np.zeros(1)
        if not chances.any():
            doing[person] = None
            continue
        number = int(rng.choice(len(chances), p=chances / chances.sum()))
        taken[person], free[number] = seats.all[number], False
    return doing, tuple(taken)
