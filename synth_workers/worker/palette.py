"""Mask colours owned by the worker: exact, far apart, never black (nobody) nor white, which
is what some plugins draw for bodies they cannot paint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.errors import BadRecipe

MIN_SEPARATION = 16
"""Least distance (largest channel difference) between two people, and from black."""

Colour = tuple[int, int, int]


def palette(count: int) -> tuple[Colour, ...]:
    """``count`` colours (red, green, blue) on the coarsest lattice of the colour cube that
    has room for them; the larger the group, the closer they get, down to ``MIN_SEPARATION``."""
    levels = 2
    while levels**3 - 2 < count:
        levels += 1
    step = 255 // (levels - 1)
    if step < MIN_SEPARATION:
        raise BadRecipe(
            f"people_per_shard: {count} people cannot have colours {MIN_SEPARATION} apart; "
            "ask for at most 4094"
        )
    values = [255 - step * position for position in range(levels - 1)] + [0]
    colours = [(r, g, b) for r in values for g in values for b in values]
    return tuple(colours[1 : count + 1])


def least_separation(colours: Sequence[Colour]) -> int:
    """Least distance between any two of ``colours`` or one of them and black."""
    values = np.array([(0, 0, 0), *colours], int)
    apart = np.abs(values[:, None] - values).max(axis=2)
    np.fill_diagonal(apart, 255)
    return int(apart.min())


def packed(colour: Colour) -> int:
    """A colour as 0xRRGGBB."""
    red, green, blue = colour
    return red << 16 | green << 8 | blue
