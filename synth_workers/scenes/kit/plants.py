"""Trees, shrubs, hedges, planters, flower beds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import Shape, border, floor, lathe, moved, quad_faces, unit
from synth_workers.scenes.parts import Level, Sketch

LEAF_PATCH = 0.55
"""Side of the piece of the foliage layer that one leaf card shows, in tiles."""


def leaf_cards(
    rng: np.random.Generator, centres: np.ndarray, outward: np.ndarray, size: float
) -> Shape:
    """One diamond-shaped card of about ``size`` metres at each centre, shaded as the crown is."""
    count = len(centres)
    along = unit(rng.normal(size=(count, 3)))
    across = unit(np.cross(outward + 0.8 * rng.normal(size=(count, 3)), along))
    length = size * rng.uniform(0.6, 1.25, (count, 1))
    up, side = along * length * 0.5, across * length * 0.42
    corners = np.stack([centres - up, centres + side, centres + up, centres - side], axis=1)
    normals = unit(outward * 0.85 + rng.normal(0, 0.22, (count, 3)) + (0, 0, 0.3))
    start = rng.uniform(0, 1, (count, 1, 2))
    square = np.array([(0, 0.5), (0.5, 0), (1, 0.5), (0.5, 1)]) * LEAF_PATCH
    uv = (start + square[None]) * 0.8  # metres of the foliage tile
    return Shape(
        corners.reshape(-1, 3), np.repeat(normals, 4, axis=0), uv.reshape(-1, 2), quad_faces(count)
    )


def _ball(rings: int = 6, sides: int = 9) -> Shape:
    angle = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    return lathe(np.column_stack([np.cos(angle), np.sin(angle)]).clip(0, None), sides)


def foliage_mass(
    sketch: Sketch, centre: Sequence[float], radii: Sequence[float], colour: np.ndarray,
    cards: int, card_size: float,
) -> None:  # fmt: skip
    """A dense crown: dark lumps inside, cards around them; fewer, larger cards far away."""
    rng, middle, extent = sketch.rng, np.asarray(centre, float), np.asarray(radii, float)
    for _ in range(4):
        offset = rng.uniform(-0.32, 0.32, 3) * extent
        turn, size = rng.uniform(0, 6.28), extent * rng.uniform(0.5, 0.62)
        lump = moved(_ball(), middle + offset, turn, size)
        shade = 0.30 + 0.14 * (lump.normals[:, 2:] * 0.5 + 0.5)
        sketch.add(lump, "foliage", colour[None] * shade)
    lumps = unit(rng.normal(size=(9, 3)))
    for level, share, scale in ((Level.NEAR, 1.0, 1.0), (Level.FAR, 1 / 7, 2.1)):
        count = max(int(cards * share), 8)
        outward = unit(rng.normal(size=(count, 3)))
        bumps = np.clip((outward @ lumps.T) ** 8, 0, 1).max(axis=1, keepdims=True)
        radius = rng.uniform(0.62, 1.0, (count, 1)) ** 0.5 * (0.78 + 0.30 * bumps)
        places = middle + outward * radius * extent
        shape = leaf_cards(rng, places, outward, card_size * scale)
        lit = 0.62 + 0.36 * (radius - 0.6) + 0.16 * outward[:, 2:] + rng.normal(0, 0.09, (count, 1))
        tint = np.repeat(np.clip(lit, 0.3, 1.2), 4, axis=0) * colour
        sketch.add(shape, "foliage", tint, level=level, two_sided=True)


def _crown(height: float, spread: float, **_: object) -> list[Box]:
    reach = 1.6 * spread * height / 6
    return [(-reach, -reach, height * 0.5, reach, reach, height * 0.95)]


# The trunk only: people walk under the crown.
@piece("tree", boxes=lambda height, **_: around(0.25, 0.25, height * 0.42), overhead=_crown)
def build_tree(
    sketch: Sketch, height: float = 6.0, spread: float = 1.0, leaves: int = 620,
    colour: Colour = (150, 176, 104), grate: bool = True,
) -> None:  # fmt: skip
    """A street tree; ``spread`` widens the crown."""
    rng, fork = sketch.rng, height * 0.42
    x, y = rng.normal(0, 0.06, 2)
    trunk = [(0, 0, 0), (x * 0.4, y * 0.3, fork * 0.5), (x, y, fork), (x, y * 1.4, height * 0.72)]
    sketch.tube(trunk, (0.17, 0.135, 0.115, 0.05), 9, "bark", (214, 206, 198))
    for k in range(6):
        angle = k * 1.05 + rng.uniform(-0.3, 0.3)
        reach = rng.uniform(1.0, 1.6) * spread
        start = fork * rng.uniform(0.86, 1.1)
        c, s = np.cos(angle), np.sin(angle)
        half, tip = (c * reach * 0.5, s * reach * 0.5), (c * reach, s * reach)
        branch = [(x, y, start), (*half, start + 0.8), (*tip, start + 1.5)]
        sketch.tube(branch, (0.06, 0.045, 0.02), 5, "bark", (196, 188, 180), level=Level.NEAR)
    hue = np.asarray(colour, float) * rng.uniform(0.86, 1.08, 3)
    girth = 1.75 * spread * height / 6
    crown = (girth, girth, 1.5 * height / 6)
    foliage_mass(sketch, (0, 0, height * 0.72), crown, hue, leaves, 0.36)
    if grate:
        sketch.boxes((0, 0, 0), (1.3, 1.3, 0.012), "soil", (210, 200, 190), casts=False)
        sketch.boxes(
            *border((0.65, 0.65), (1.4, 1.4), 0.1, 0.03), "metal", (88, 84, 80), casts=False
        )


def _cone(height: float, spread: float, **_: object) -> list[Box]:
    reach = _CONE * spread * height
    return [(-reach, -reach, height * 0.3, reach, reach, height)]


_CONE = 0.22
"""Half the width of a conifer at its lowest branches, for each metre of height."""


@piece("conifer", boxes=lambda height, **_: around(0.25, 0.25, height * 0.3), overhead=_cone)
def build_conifer(
    sketch: Sketch, height: float = 6.0, spread: float = 1.0, colour: Colour = (96, 122, 92)
) -> None:
    """A conifer that people can walk under; ``spread`` widens it."""
    rng, girth = sketch.rng, _CONE * spread * height
    trunk = [(0, 0, 0), (0, 0, height * 0.5), (0, 0, height * 0.96)]
    sketch.tube(trunk, (0.15, 0.1, 0.02), 8, "bark", (190, 176, 164))
    hue = np.asarray(colour, float) * rng.uniform(0.88, 1.08, 3)
    for share, width in ((0.44, 1.0), (0.6, 0.72), (0.75, 0.46), (0.89, 0.22)):
        radii = (girth * width, girth * width, height * 0.11)
        foliage_mass(sketch, (0, 0, height * share), radii, hue, round(60 + 90 * width), 0.34)


@piece(
    "planter",
    boxes=lambda length, width, height, shrub, **_: around(
        width / 2, length / 2, height + shrub * 0.7
    ),
)
def build_planter(
    sketch: Sketch, length: float = 2.4, width: float = 0.9, height: float = 0.55,
    shrub: float = 0.55, material: str = "concrete", tint: Colour = (206, 200, 192),
    colour: Colour = (130, 160, 92), flowers: bool = False,
) -> None:  # fmt: skip
    """A trough with shrubs, long side along y."""
    rng = sketch.rng
    sketch.boxes((0, 0, 0), (width, length, height), material, tint)
    rim = (width + 0.06, length + 0.06, 0.05)
    sketch.boxes((0, 0, height), rim, material, np.asarray(tint) * 0.93)
    clumps = max(round(length / 0.8), 1)
    for k in range(clumps):
        y = (k + 0.5) * length / clumps - length / 2
        hue = np.asarray(colour, float) * rng.uniform(0.85, 1.1)
        centre = (rng.normal(0, 0.05), y, height + 0.12 + shrub * 0.25)
        foliage_mass(sketch, centre, (width * 0.52, 0.5, shrub * 0.62), hue, 90, 0.16)
    if flowers:
        petals = np.array([(206, 84, 92), (220, 186, 90), (214, 200, 214)])[rng.integers(3)]
        centres = rng.normal(0, 1, (70, 3)) * (width * 0.24, length * 0.26, 0.06)
        centres += (0, 0, height + shrub * 0.85)
        up = np.tile((0.0, 0.0, 1.0), (70, 1))
        cards = leaf_cards(rng, centres, up, 0.09)
        sketch.add(cards, "white", petals * 0.95, two_sided=True, level=Level.NEAR)


@piece("hedge", boxes=lambda length, width, height, **_: around(width / 2, length / 2, height))
def build_hedge(
    sketch: Sketch, length: float = 4.0, width: float = 0.7, height: float = 0.9,
    colour: Colour = (118, 148, 84),
) -> None:  # fmt: skip
    """A clipped hedge along y."""
    rng, hue = sketch.rng, np.asarray(colour, float)
    core = (width * 0.9, length - 0.1, height * 0.94)
    sketch.boxes((0, 0, 0), core, "foliage", hue * 0.55)
    count = int(length * 90)
    side = rng.integers(0, 3, count)
    places = rng.uniform(-0.5, 0.5, (count, 3)) * (width, length, height) + (0, 0, height / 2)
    outward = np.zeros((count, 3))
    places[side == 0, 2], outward[side == 0, 2] = height, 1
    for which, sign in ((1, 1), (2, -1)):
        places[side == which, 0] = sign * width / 2
        outward[side == which, 0] = sign
    shape = leaf_cards(rng, places, outward, 0.2)
    tint = hue * np.repeat(rng.uniform(0.6, 1.1, (count, 1)), 4, axis=0)
    sketch.add(shape, "foliage", tint, two_sided=True, level=Level.NEAR)


@piece("lawn", boxes=lambda size, height, **_: around(size[0] / 2, size[1] / 2, height))
def build_lawn(
    sketch: Sketch, size: Sequence[float] = (4.0, 4.0), height: float = 0.4,
    tint: Colour = (200, 196, 188),
) -> None:  # fmt: skip
    """A raised lawn in a stone border, high enough to sit on."""
    x, y = size
    grass = floor(-x / 2, -y / 2, x / 2, y / 2, 1.0, height - 0.05)
    sketch.add(grass, "grass", casts=False)
    edges = border((x / 2 - 0.15, y / 2 - 0.15), (x, y), 0.3, height)
    sketch.boxes(*edges, "ashlar", tint)
