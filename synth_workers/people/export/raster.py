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
    weights, inward = _barycentric(corners, faces, x + 0.5, y + 0.5)
    inside = weights.min(0) >= 0.0
    face = np.full((size, size), -1, np.int32)
    kept = np.zeros((size, size, 3), np.float32)
    # Margins first, so that a triangle's own texels overwrite what its neighbours spilt.
    for chosen in (~inside & (inward > -_MARGIN), inside):
        rows, columns = y[chosen], x[chosen]
        face[rows, columns] = faces[chosen]
        clipped = np.clip(weights[:, chosen], 0.0, 1.0)
        kept[rows, columns] = (clipped / clipped.sum(0)).T
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
    down, right = np.divmod(within, wide[faces])
    return faces, low[faces, 0] + right, low[faces, 1] + down


def _barycentric(
    corners: np.ndarray, faces: np.ndarray, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (3, n) of the corners of a triangle at each point, and the distance to its nearest
    edge in texels, inside positive.

    What depends on the triangle alone is worked out once for all of its points.
    """
    a, b, c = corners.swapaxes(0, 1)
    across, along = b - a, c - a
    doubled = across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0]
    area = np.where(np.abs(doubled) < 1e-9, 1e-9, doubled)
    weights = np.empty((3, len(faces)))
    for weight, start, edge in ((weights[0], b, c - b), (weights[1], c, a - c)):
        right, down = x - start[faces, 0], y - start[faces, 1]
        weight[:] = (edge[faces, 0] * down - edge[faces, 1] * right) / area[faces]
    weights[2] = 1.0 - (weights[0] + weights[1])
    size = np.abs(area)[faces]
    lengths = (np.linalg.norm(edge, axis=1)[faces] for edge in (c - b, a - c, b - a))
    distances = [
        weight * size / np.maximum(length, 1e-9) for weight, length in zip(weights, lengths)
    ]
    return weights, np.minimum.reduce(distances)
