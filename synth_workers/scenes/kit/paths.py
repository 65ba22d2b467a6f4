"""Paths across lawns, ponds, fences: what parks are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.kit.ground import patchy_tint
from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import Shape, lathe, unit
from synth_workers.scenes.parts import Level, Sketch

_CUT = 0.8
"""Metres between the cross sections of a path."""


def _smooth(points: np.ndarray) -> np.ndarray:
    """(n, 2) places every ``_CUT`` metres of a line through ``points``, its corners rounded."""
    spans = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(spans)])
    at = np.linspace(0, along[-1], max(int(along[-1] / _CUT), 2) + 1)
    return np.column_stack([np.interp(at, along, points[:, k]) for k in (0, 1)])


@piece("trail")
def build_trail(
    sketch: Sketch, points: Sequence[Sequence[float]] = ((-4, 0), (4, 0)), width: float = 2.4,
    material: str = "soil", tint: Colour = (232, 214, 180), rise: float = 0.02,
    dirt: float = 0.05,
) -> None:  # fmt: skip
    """A path through ``points``, ``rise`` metres above the lawn that it lies on."""
    middle = _smooth(np.asarray(points, float))
    tangent = unit(np.gradient(middle, axis=0))
    side = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    across = np.array([-0.5, -0.17, 0.17, 0.5]) * width
    flat = middle[:, None] + side[:, None] * across[None, :, None]
    edge = sketch.rng.normal(0, 0.035, (len(middle), 2))
    flat[:, 0] += side * edge[:, :1]
    flat[:, -1] += side * edge[:, 1:]
    rows, columns = len(middle), len(across)
    positions = np.concatenate([flat, np.full((rows, columns, 1), rise)], axis=2).reshape(-1, 3)
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    corner = (i * columns + j).ravel()
    first = np.stack([corner, corner + columns, corner + 1], axis=1)
    second = np.stack([corner + 1, corner + columns, corner + columns + 1], axis=1)
    normals = np.tile((0.0, 0.0, 1.0), (len(positions), 1))
    faces = np.concatenate([first, second])
    shape = Shape(positions, normals, positions[:, :2].copy(), faces)
    sketch.add(shape, material, patchy_tint(sketch.rng, positions, tint, dirt), casts=False)


def _pond_boxes(radius: float, **_: object) -> list[Box]:
    edge = radius + 0.3
    shares = ((1.0, 0.3), (0.9, 0.55), (0.75, 0.75), (0.55, 0.9), (0.3, 1.0))
    return [around(x * edge, y * edge, 0.35)[0] for x, y in shares]


@piece("pond", boxes=_pond_boxes)
def build_pond(sketch: Sketch, radius: float = 4.0, tint: Colour = (176, 172, 160)) -> None:
    """A round pond in a low stone border, reeds and water lilies in it."""
    r, rng = radius, sketch.rng
    rim = [(r + 0.3, 0), (r + 0.28, 0.28), (r + 0.2, 0.34), (r - 0.1, 0.34), (r - 0.12, 0.1)]
    sketch.lathe(rim, 36, "ashlar", tint)
    sketch.add(lathe([(r - 0.1, 0.18), (0.0, 0.18)], 36), "glass", (58, 84, 86), casts=False)
    angle, away = rng.uniform(0, 2 * np.pi, 14), rng.uniform(0.3, 0.9, 14) * (r - 0.5)
    for x, y in zip(np.cos(angle) * away, np.sin(angle) * away, strict=True):
        leaf = lathe([(rng.uniform(0.14, 0.3), 0.19), (0.0, 0.195)], 9)
        sketch.add(leaf, "foliage", (120, 160, 96), at=(x, y, 0), casts=False, level=Level.NEAR)


@piece("fence", boxes=lambda length, height, **_: [(-0.06, 0.0, 0.0, 0.06, length, height)])
def build_fence(
    sketch: Sketch, length: float = 4.0, height: float = 1.0, tint: Colour = (52, 58, 56)
) -> None:
    """An iron fence along +y."""
    posts = max(round(length / 2.0), 1)
    y = np.linspace(0.03, length - 0.03, posts + 1)
    feet = np.column_stack([0 * y, y, 0 * y])
    sketch.boxes(feet, (0.06, 0.06, height + 0.06), "metal", tint)
    for z in (0.12, height - 0.06):
        bar = (0.03, length, 0.04)
        sketch.boxes((0, length / 2, z), bar, "metal", tint)
    y = np.arange(0.14, length, 0.14)
    bars = np.column_stack([0 * y, y, np.full(len(y), 0.12)])
    around_bar = ("+x", "-x", "+y", "-y")
    size = (0.018, 0.018, height - 0.16)
    sketch.boxes(bars, size, "metal", tint, around_bar, level=Level.NEAR)
