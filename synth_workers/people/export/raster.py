"""Which texels triangles cover, and where inside the triangle each of them is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MARGIN = 0.75
"""Texels around a triangle that it also colours, so that filtering meets no background."""


@dataclass(frozen=True)
class Fragments:
    """Texels of a square texture with the triangle that colours them.

    ``face``: (size, size) int32, -1 where there is none. ``weights``: (size, size, 3) float32
    barycentric coordinates of the texel's centre, clipped to the triangle.
    ``own``: (m,) share of the texel centres inside each triangle that nothing else covers, 1
    for triangles too small to hold one.
    """

    face: np.ndarray
    weights: np.ndarray
    own: np.ndarray


def fragments(corners: np.ndarray, size: int) -> Fragments:
    """Rasterise triangles: ``corners`` (m, 3, 2) in texels, x to the right, y downwards."""
    faces, x, y = _candidates(corners, size)
    a, b, c = (corners[faces, corner] for corner in range(3))
    weights, inward = _barycentric(np.stack([x + 0.5, y + 0.5], 1), a, b, c)
    inside = weights.min(1) >= 0.0
    face = np.full((size, size), -1, np.int32)
    kept = np.zeros((size, size, 3), np.float32)
    # Margins first, so that a triangle's own texels overwrite what its neighbours spilt.
    for chosen in (~inside & (inward > -_MARGIN), inside):
        rows, columns = y[chosen], x[chosen]
        face[rows, columns] = faces[chosen]
        clipped = np.clip(weights[chosen], 0.0, 1.0)
        kept[rows, columns] = clipped / clipped.sum(1, keepdims=True)
    wanted = np.bincount(faces[inside], minlength=len(corners))
    mine = faces[inside][face[y[inside], x[inside]] == faces[inside]]
    owned = np.bincount(mine, minlength=len(corners))
    return Fragments(face, kept, np.where(wanted > 0, owned / np.maximum(wanted, 1), 1.0))


def _candidates(corners: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All texels of all bounding boxes: triangle, column, row."""
    low = np.clip(np.floor(corners.min(1) - 1).astype(np.int64), 0, size - 1)
    high = np.clip(np.ceil(corners.max(1) + 1).astype(np.int64), 1, size)
    wide, tall = np.maximum(high - low, 1).T
    count = wide * tall
    faces = np.repeat(np.arange(len(corners)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    x = low[faces, 0] + within % wide[faces]
    y = low[faces, 1] + within // wide[faces]
    return faces, x, y


def _barycentric(
    point: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the corners and the distance to the nearest edge in texels, inside positive."""

    def cross(p: np.ndarray, q: np.ndarray) -> np.ndarray:
        return p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]

    doubled = cross(b - a, c - a)
    area = np.where(np.abs(doubled) < 1e-9, 1e-9, doubled)
    parts = np.stack([cross(c - b, point - b) / area, cross(a - c, point - c) / area], axis=1)
    weights = np.concatenate([parts, 1.0 - parts.sum(1, keepdims=True)], axis=1)
    edges = np.stack([np.linalg.norm(e, axis=1) for e in (c - b, a - c, b - a)], axis=1)
    distance = weights * np.abs(area)[:, None] / np.maximum(edges, 1e-9)
    return weights, distance.min(1)
