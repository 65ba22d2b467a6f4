"""Order of vertices and triangles that lets a renderer reuse the vertices it has just shaded."""

from __future__ import annotations

import numpy as np

_BITS = 10


def _spread(values: np.ndarray) -> np.ndarray:
    """(n,) 10-bit integers with two zero bits between any two of their bits."""
    x = values.astype(np.uint32)
    for shift, mask in ((16, 0x030000FF), (8, 0x0300F00F), (4, 0x030C30C3), (2, 0x09249249)):
        x = (x | (x << np.uint32(shift))) & np.uint32(mask)
    return x


def morton_codes(points: np.ndarray) -> np.ndarray:
    """(n,) uint32: position of (n, 3) points along a space-filling curve through their box."""
    low = points.min(axis=0)
    size = max(float((points.max(axis=0) - low).max()), 1e-9)
    cells = ((points - low) / size * (2**_BITS - 1)).astype(np.uint32)
    x, y, z = (_spread(cells[:, axis]) for axis in range(3))
    return x | (y << np.uint32(1)) | (z << np.uint32(2))


def order_triangles(positions: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The (m, 3) triangles so that neighbours follow each other; same corners, same winding."""
    if not len(indices):
        return indices
    centres = positions[indices].mean(axis=1)
    return indices[np.argsort(morton_codes(centres), kind="stable")]


def order_mesh(
    positions: np.ndarray, vertices: np.ndarray, *groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and triangles of one mesh, both in the order in which they will be used.

    ``groups`` of triangles, (m, 3) each, stay one behind the other. Vertices that no triangle
    uses are dropped.
    """
    triangles = np.concatenate([order_triangles(positions, group) for group in groups])
    flat = triangles.ravel()
    used, first = np.unique(flat, return_index=True)
    order = used[np.argsort(first, kind="stable")]
    place = np.zeros(len(vertices), np.uint32)
    place[order] = np.arange(len(order), dtype=np.uint32)
    return vertices[order], place[triangles]
