"""Mask colours owned by the worker: exact, far apart, never black."""

from __future__ import annotations

from manifests.errors import BadRecipe

MIN_SEPARATION = 16
"""Least distance (largest channel difference) between two people, and from black."""

Colour = tuple[int, int, int]


def palette(count: int) -> tuple[Colour, ...]:
    """``count`` colours (red, green, blue) on the coarsest lattice of the colour cube that
    has room for them; the larger the group, the closer they get, down to ``MIN_SEPARATION``."""
    levels = 2
    while levels**3 - 1 < count:
        levels += 1
    step = 255 // (levels - 1)
    if step < MIN_SEPARATION:
        raise BadRecipe(
            f"people_per_shard: {count} people cannot have colours {MIN_SEPARATION} apart; "
            "ask for at most 4095"
        )
    values = [255 - step * position for position in range(levels - 1)] + [0]
    colours = [(r, g, b) for r in values for g in values for b in values]
    return tuple(colours[:count])


def packed(colour: Colour) -> int:
    """A colour as 0xRRGGBB."""
    red, green, blue = colour
    return red << 16 | green << 8 | blue
