"""When two places in a level count as the same."""

from __future__ import annotations

from collections.abc import Sequence

TOLERANCE_CM = 0.51
"""By how much a place may differ from what was set, along an axis."""

Place = tuple[float, float, float]


def apart(a: Sequence[float], b: Sequence[float]) -> float:
    """Largest difference along an axis."""
    return max(abs(p - q) for p, q in zip(a, b))


def told_apart(places: Sequence[Place]) -> list[Place]:
    """Where cameras stand while their numbers are found: one that has the place of another, on the
    same mast, is raised by metres until it has one of its own."""
    marks: list[Place] = []
    for x, y, z in places:
        while any(apart(mark, (x, y, z)) < 2 * TOLERANCE_CM for mark in marks):
            z += 100.0
        marks.append((x, y, z))
    return marks
