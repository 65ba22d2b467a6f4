"""Grounds: paved areas, kerbs, ramps, road markings, lawns."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.kit.registry import Surface, piece
from synth_workers.scenes.materials import require_material
from synth_workers.scenes.mesh import boxes, floor, quads
from synth_workers.scenes.parts import Sketch

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1, metres."""

KERB_HEIGHT = 0.13
"""How far a carriageway lies below the pavement, metres."""


def patchy_tint(
    rng: np.random.Generator, positions: np.ndarray, tint: Sequence[float], amount: float
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


def _floor_surfaces(rect: Rect = (-5, -5, 5, 5), z: float = 0.0, **_: object) -> list[Surface]:
    return [Surface(*rect, z, z)]


@piece("floor", surfaces=_floor_surfaces)
def build_floor(
    rng: np.random.Generator,
    rect: Rect = (-5, -5, 5, 5),
    material: str = "slabs",
    tint: Sequence[float] = (255, 255, 255),
    step: float = 1.5,
    z: float = 0.0,
    dirt: float = 0.05,
) -> Sketch:
    """A level area ``rect`` (x0, y0, x1, y1), cut fine enough for soft contact shadows."""
    sketch = Sketch()
    shape = floor(*rect, step=step, z=z)
    sketch.add(
        shape,
        require_material(material),
        patchy_tint(rng, shape.positions, tint, dirt),
        casts=False,
    )
    return sketch


def _ramp_surfaces(
    width: float = 4.0, run: float = 1.0, drop: float = KERB_HEIGHT, **_: object
) -> list[Surface]:
    return [Surface(0.0, -width / 2, run, width / 2, 0.0, -drop)]


@piece("ramp", surfaces=_ramp_surfaces)
def build_ramp(
    rng: np.random.Generator,
    width: float = 4.0,
    run: float = 1.0,
    drop: float = KERB_HEIGHT,
    material: str = "slabs",
    tint: Sequence[float] = (225, 215, 190),
) -> Sketch:
    """A dropped kerb: falls by ``drop`` over ``run`` towards +x, ``width`` across."""
    sketch = Sketch()
    ys = np.linspace(-width / 2, width / 2, max(int(width / 1.0), 1) + 1)
    corners = [
        [(0, a, 0.0), (run, a, -drop), (run, b, -drop), (0, b, 0.0)]
        for a, b in itertools.pairwise(ys)
    ]
    sketch.add(quads(corners), require_material(material), tint, casts=False)
    for side in (-1, 1):
        y = side * width / 2
        flank = [(0, y, 0.0), (run, y, -drop), (run, y, 0.0)]
        flank = flank if side > 0 else flank[::-1]
        sketch.add(quads([[flank[0], flank[1], flank[2], flank[2]]]), "concrete", tint, casts=False)
    return sketch


@piece("kerb")
def build_kerb(
    rng: np.random.Generator,
    length: float = 10.0,
    width: float = 0.2,
    tint: Sequence[float] = (196, 194, 190),
) -> Sketch:
    """Kerb stones of one metre along +y, 1 cm above the pavement, their foot in the road."""
    sketch = Sketch()
    count = max(round(length), 1)
    stone = length / count
    bottoms = np.zeros((count, 3))
    bottoms[:, 1] = (np.arange(count) + 0.5) * stone
    bottoms[:, 2] = -KERB_HEIGHT - 0.02
    tones = np.repeat(rng.uniform(0.9, 1.06, (count, 1)), 20, axis=0)
    sketch.add(
        boxes(bottoms, (width, stone - 0.012, KERB_HEIGHT + 0.03)),
        "concrete",
        np.asarray(tint) * tones,
        casts=False,
    )
    return sketch


@piece("stripes")
def build_stripes(
    rng: np.random.Generator,
    count: int = 8,
    length: float = 3.0,
    width: float = 0.5,
    gap: float = 0.45,
    tint: Sequence[float] = (240, 240, 236),
    material: str = "road_paint",
) -> Sketch:
    """Painted bars along y, one after the other along +x: crossings, lanes, parking bays."""
    sketch = Sketch()
    x0 = np.arange(count) * (width + gap)
    corners = np.stack(
        [
            np.stack([x0, np.full(count, -length / 2), np.full(count, 0.008)], axis=1),
            np.stack([x0 + width, np.full(count, -length / 2), np.full(count, 0.008)], axis=1),
            np.stack([x0 + width, np.full(count, length / 2), np.full(count, 0.008)], axis=1),
            np.stack([x0, np.full(count, length / 2), np.full(count, 0.008)], axis=1),
        ],
        axis=1,
    )
    corners[..., :2] += rng.normal(0, 0.006, corners[..., :2].shape)
    sketch.add(quads(corners), require_material(material), tint, casts=False)
    return sketch


@piece("manholes")
def build_manholes(
    rng: np.random.Generator, count: int = 3, spread: Sequence[float] = (4.0, 20.0)
) -> Sketch:
    """Iron covers and drains scattered over ``spread`` (x, y) metres around the place."""
    sketch = Sketch()
    centres = rng.uniform(-0.5, 0.5, (count, 2)) * np.asarray(spread)
    bottoms = np.column_stack([centres, np.full(count, -0.02)])
    sizes = np.column_stack(
        [rng.choice([0.4, 0.62], count), rng.choice([0.4, 0.62], count), np.full(count, 0.026)]
    )
    shade = np.repeat(rng.uniform(70, 96, (count, 1)), 4, axis=0) * np.ones(3)
    sketch.add(boxes(bottoms, sizes, ("+z",)), "metal", shade, casts=False)
    return sketch
