"""How large people are in frames, in three classes that recipes may ask for by shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

SizeClass = Literal["small", "medium", "large"]
SIZES: tuple[SizeClass, ...] = ("small", "medium", "large")
BOUNDS = (128, 192)
"""Pixels of height from which people are medium, and large: half of the 256 that networks take, and
three quarters."""

_PIXELS = (f"less than {BOUNDS[0]}", f"{BOUNDS[0]} to {BOUNDS[1]}", f"{BOUNDS[1]} and more")
_ROOM = 1.1
"""How much the tallest of a class are taller than the smallest, at least."""

SizeShares = dict[SizeClass, Annotated[float, Field(ge=0.0)]]


def size_class(heights: np.ndarray) -> np.ndarray:
    """The number in ``SIZES`` of each height, pixels."""
    return np.digitize(heights, BOUNDS)


def window(number: int, least: float, most: float) -> tuple[float, float]:
    """Heights between ``least`` and ``most`` pixels of the class ``SIZES[number]``."""
    ends = (0.0, *BOUNDS, np.inf)
    return max(least, ends[number]), min(most, ends[number + 1])


def check_sizes(
    asked: Mapping[SizeClass, float], least: int, most: int | None, field: str = "min_person_height"
) -> None:
    """``ValueError`` if classes that are ``asked`` for are none between ``least``, which is what
    ``field`` says, and ``most``."""
    if asked and not any(asked.values()):
        raise ValueError("sizes: at least one share must be above 0")
    for number, size in enumerate(SIZES):
        low, high = window(number, least, most or np.inf)
        if asked.get(size) and high < _ROOM * low:
            limits = f"{field} is {least}" + (f", max_person_height {most}" if most else "")
            raise ValueError(
                f"sizes: hardly anybody can be `{size}`, {_PIXELS[number]} pixels high: {limits}; "
                "change that or leave the class out"
            )


def shares_of(asked: Mapping[SizeClass, float]) -> np.ndarray:
    """(3,) shares of ``SIZES`` that add up to 1."""
    weights = np.array([asked.get(size, 0.0) for size in SIZES])
    return weights / weights.sum()
