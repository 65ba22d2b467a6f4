"""Walls with recessed openings, and how they weather."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_WINDOW
from synth_workers.scenes.materials import MATERIALS
from synth_workers.scenes.mesh import Shape, quads, upright
from synth_workers.scenes.parts import Sketch


def add_windows(
    sketch: Sketch, panes: np.ndarray, material: str, tint: ArrayLike,
    tones: tuple[float, float] = (1.0, 1.0), last_switch: int = 256,
) -> None:  # fmt: skip
    """Quads that show random cells of an atlas, each as bright as ``tones`` allow.

    A random switch below ``last_switch`` says which share of light presets lights a window.
    """
    rng, count = sketch.rng, len(panes)
    columns, rows = MATERIALS[material].cells
    cell = (rng.integers(0, columns, count), rng.integers(0, rows, count))
    if tones[0] < tones[1]:
        tint = np.asarray(tint) * np.repeat(rng.uniform(*tones, (count, 1)), 4, axis=0)
    switch = np.repeat(rng.integers(SWITCH_WINDOW, last_switch, count), 4)
    sketch.quads(panes, material, tint, cell=cell, glow=GLOW_UNIT, switch=switch)


def pierced_wall(
    y_edges: np.ndarray, z_edges: np.ndarray, hole: np.ndarray, reveal: float
) -> tuple[Shape, Shape, np.ndarray]:
    """A wall in the plane x = 0 facing +x, with recessed holes.

    ``y_edges`` (m + 1,), ``z_edges`` (n + 1,) cut it into m x n fields; ``hole`` (m, n) bool.
    Returns the wall, the four inner sides of every hole, and (holes, 4, 3) corners of the
    fields ``reveal`` behind it, lower left first as seen from outside.
    """
    y0, z0 = np.meshgrid(y_edges[:-1], z_edges[:-1], indexing="ij")
    y1, z1 = np.meshgrid(y_edges[1:], z_edges[1:], indexing="ij")

    def fields(chosen: np.ndarray, x: float) -> np.ndarray:
        return upright(x, y0[chosen], y1[chosen], z0[chosen], z1[chosen])

    solid, front, back = fields(~hole, 0.0), fields(hole, 0.0), fields(hole, -reveal)
    inner = [
        np.stack([front[:, i], front[:, j], back[:, j], back[:, i]], axis=1)
        for i, j in ((1, 0), (2, 1), (3, 2), (0, 3))
    ]
    # Every inner side must look into the hole; flip the winding of those that do not.
    sides = np.concatenate(inner)
    middle = np.concatenate([(front + back).mean(axis=1) / 2] * 4)
    normal = np.cross(sides[:, 1] - sides[:, 0], sides[:, 3] - sides[:, 0])
    outward = np.sum(normal * (middle - sides.mean(axis=1)), axis=1) < 0
    sides[outward] = sides[outward][:, ::-1]
    return quads(solid), quads(sides), back


def bays(width: float, spacing: float, opening: float) -> np.ndarray:
    """Edges along y that alternate pier, opening, pier, … over ``width``."""
    count = max(int(width / spacing), 1)
    centres = (np.arange(count) + 0.5) * width / count
    half = min(opening, width / count - 0.4) / 2
    inner = np.stack([centres - half, centres + half], axis=1).ravel()
    return np.concatenate([[0.0], inner, [width]])


def weathered(shape: Shape, tint: np.ndarray, top: float) -> np.ndarray:
    """Wall tint per vertex: dirty near the ground and under the cornice."""
    z = shape.positions[:, 2]
    splash = 1 - 0.16 * np.exp(-np.maximum(z, 0) / 0.7)
    grime = 1 - 0.07 * np.exp(-np.maximum(top - z, 0) / 1.5)
    return tint[None] * (splash * grime)[:, None]
