"""Grounds: paved areas, kerbs, ramps, road markings, lawns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.kit.registry import Colour, Surface, piece
from synth_workers.scenes.mesh import floor
from synth_workers.scenes.parts import Sketch

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1, metres."""

KERB_HEIGHT = 0.13
"""How far a carriageway lies below the pavement, metres."""


def patchy_tint(
    rng: np.random.Generator, positions: np.ndarray, tint: Colour, amount: float
) -> np.ndarray:
    """(n, 3): ``tint`` with slow patches of dirt and bleaching, some metres across.

    A sum of a few plane waves, so that it needs no lattice and never repeats with the tile.
    """
    waves = rng.normal(0, 1, (12, 2)) * rng.uniform(0.15, 0.9, (12, 1))
    phases = rng.uniform(0, 2 * np.pi, 12)
    field = np.sin(positions[:, :2] @ waves.T + phases).sum(axis=1) / np.sqrt(6.0)
    warm = np.sin(positions[:, :2] @ waves[::-1].T * 0.6 + phases).sum(axis=1) / np.sqrt(6.0)
    tone = 1 + amount * field
    colour = np.asarray(tint, float)[None] * tone[:, None]
    return colour * (1 + amount * 0.25 * warm[:, None] * np.array([1.0, 0.1, -1.0]))


@piece("floor", surfaces=lambda rect, z, **_: [Surface._make((*rect, z, z))])
def build_floor(
    sketch: Sketch, rect: Rect = (-5, -5, 5, 5), material: str = "slabs",
    tint: Colour = (255, 255, 255), step: float = 1.5, z: float = 0.0, dirt: float = 0.05,
) -> None:  # fmt: skip
    """A level area ``rect`` (x0, y0, x1, y1), cut fine enough for soft contact shadows."""
    shape = floor(*rect, step=step, z=z)
    patches = patchy_tint(sketch.rng, shape.positions, tint, dirt)
    sketch.add(shape, material, patches, casts=False)


@piece(
    "ramp",
    surfaces=lambda width, run, drop, **_: [Surface(0.0, -width / 2, run, width / 2, 0.0, -drop)],
)
def build_ramp(
    sketch: Sketch, width: float = 4.0, run: float = 1.0, drop: float = KERB_HEIGHT,
    material: str = "slabs", tint: Colour = (225, 215, 190),
) -> None:  # fmt: skip
    """A dropped kerb: falls by ``drop`` over ``run`` towards +x, ``width`` across."""
    ys = np.linspace(-width / 2, width / 2, max(int(width / 1.0), 1) + 1)
    corners = [
        [(0, a, 0.0), (run, a, -drop), (run, b, -drop), (0, b, 0.0)]
        for a, b in itertools.pairwise(ys)
    ]
    sketch.quads(corners, material, tint, casts=False)
    for side in (-1, 1):
        y = side * width / 2
        a, b, c = [(0, y, 0.0), (run, y, -drop), (run, y, 0.0)][::side]
        sketch.quads((a, b, c, c), "concrete", tint, casts=False)


@piece("kerb")
def build_kerb(
    sketch: Sketch, length: float = 10.0, width: float = 0.2, tint: Colour = (196, 194, 190)
) -> None:
    """Kerb stones of one metre along +y, 1 cm above the pavement, their foot in the road."""
    count = max(round(length), 1)
    stone = length / count
    bottoms = np.zeros((count, 3))
    bottoms[:, 1] = (np.arange(count) + 0.5) * stone
    bottoms[:, 2] = -KERB_HEIGHT - 0.02
    tones = np.asarray(tint) * np.repeat(sketch.rng.uniform(0.9, 1.06, (count, 1)), 20, axis=0)
    size = (width, stone - 0.012, KERB_HEIGHT + 0.03)
    sketch.boxes(bottoms, size, "concrete", tones, casts=False)


@piece("stripes")
def build_stripes(
    sketch: Sketch, count: int = 8, length: float = 3.0, width: float = 0.5, gap: float = 0.45,
    tint: Colour = (240, 240, 236), material: str = "road_paint",
) -> None:  # fmt: skip
    """Painted bars along y, one after the other along +x: crossings, lanes, parking bays."""
    y = length / 2
    bar = np.array([(0.0, -y, 0.008), (width, -y, 0.008), (width, y, 0.008), (0.0, y, 0.008)])
    corners = bar + np.arange(count)[:, None, None] * np.array([width + gap, 0.0, 0.0])
    corners[..., :2] += sketch.rng.normal(0, 0.006, corners[..., :2].shape)
    sketch.quads(corners, material, tint, casts=False)


@piece("manholes")
def build_manholes(sketch: Sketch, count: int = 3, spread: Sequence[float] = (4.0, 20.0)) -> None:
    """Iron covers and drains scattered over ``spread`` (x, y) metres around the place."""
    rng = sketch.rng
    centres = rng.uniform(-0.5, 0.5, (count, 2)) * np.asarray(spread)
    bottoms = np.column_stack([centres, np.full(count, -0.02)])
    sides = rng.choice([0.4, 0.62], (2, count))
    sizes = np.column_stack([*sides, np.full(count, 0.026)])
    shade = np.repeat(rng.uniform(70, 96, (count, 1)), 4, axis=0) * np.ones(3)
    sketch.boxes(bottoms, sizes, "metal", shade, ("+z",), casts=False)
