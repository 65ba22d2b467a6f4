"""What people do during a take besides walking, and who has which seat. Seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synth_workers.people.motion.activities import ACTIVITIES, Activity
from synth_workers.people.person import PersonMotion
from synth_workers.planning.on_seats import SCRIPTS, Script
from synth_workers.scenes.description import Seat


@dataclass(frozen=True)
class Seats:
    """``all`` seats of a scene, and how much each person likes each of them, (n, s) ``liking``:
    on those of 0 they do not sit. ``ways``: (s, 2) where those come to who get up from each, NaN
    where nobody does (``on_seats``)."""

    all: tuple[Seat, ...]
    liking: np.ndarray
    ways: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))


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
        each = doing[person]
        if each is not None and each.name in SCRIPTS and len(free):
            chances = chances * np.isfinite(seats.ways).all(axis=1)
        if not chances.any():
            doing[person] = None
            continue
        number = int(rng.choice(len(chances), p=chances / chances.sum()))
        taken[person], free[number] = seats.all[number], False
    return doing, tuple(taken)


def scripts_of(
    doing: Sequence[Activity | None], taken: Sequence[Seat | None], seats: Seats,
    motions: Sequence[PersonMotion], pace: np.ndarray, steps: int, rng: np.random.Generator,
) -> dict[int, Script]:  # fmt: skip
    """What those do during ``steps``, by person, who get up from a seat or sit down on it."""
    scripts: dict[int, Script] = {}
    for person, (each, seat) in enumerate(zip(doing, taken)):
        if seat is not None and each is not None and each.name in SCRIPTS:
            way = seats.ways[seats.all.index(seat)]
            how = (motions[person], seat, way, float(pace[person]))
            scripts[person] = SCRIPTS[each.name](*how, steps, rng)
    return scripts
