"""Which triangles of a person can be seen from behind, and so have to be drawn two-sided.

A closed surface hides its own inside. The inside of a sleeve, a collar or an open coat shows
near the edge where the cloth ends, and no deeper, because there the body fills it. Sheets
(collars, lapels), thin tubes (handles, cords) that coarse levels flatten to ribbons, and pieces
that are wound inside out show their back everywhere; so do single triangles that contradict
their neighbours, because they lie in a crease.
"""

from __future__ import annotations

import numpy as np
import scipy

_CLOTH_REACH = 0.2  # metres from an open edge, along the surface
_SOLID_REACH = 0.02  # skin ends under cloth, and shoes at the ankle
_THIN = 0.0035  # metres: volume by surface of what has no inside worth the name
_GRID = 1e-4  # metres within which two vertices are one
_BITS = 21


def wound_outwards(positions: np.ndarray, normals: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The (m, 3) triangles, turned over where their winding contradicts the vertices' normals
    (n, 3), which would light them from the wrong side."""
    a, b, c = np.moveaxis(positions[indices], 1, 0)
    wrong = (np.cross(b - a, c - a) * normals[indices].sum(axis=1)).sum(axis=1) < 0
    return np.where(wrong[:, None], indices[:, ::-1], indices)


def seen_from_behind(positions: np.ndarray, indices: np.ndarray, cloth: np.ndarray) -> np.ndarray:
    """(m,) bool for (n, 3) metres and (m, 3) triangles; ``cloth``: (m,) bool, else solid."""
    cells = np.round(positions.astype(np.float64) / _GRID).astype(np.int64) + (1 << (_BITS - 1))
    keys = (cells[:, 0] << (2 * _BITS)) | (cells[:, 1] << _BITS) | cells[:, 2]
    _, first, welded = np.unique(keys, return_index=True, return_inverse=True)
    triangles, count = welded[indices], len(first)
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    codes, uses = np.unique(edges.min(axis=1) * count + edges.max(axis=1), return_counts=True)
    start, end = codes // count, codes % count
    open_ends = np.unique(np.concatenate([start[uses == 1], end[uses == 1]]))
    points = positions[first]
    lengths = np.linalg.norm(points[start] - points[end], axis=1)
    surface = scipy.sparse.csr_matrix((lengths, (start, end)), shape=(count, count))
    behind = _hollow(points, triangles, surface)
    if len(open_ends):
        distance = scipy.sparse.csgraph.dijkstra(
            surface, False, open_ends, min_only=True, limit=_CLOTH_REACH
        )
        reach = np.where(cloth, _CLOTH_REACH, _SOLID_REACH)
        behind |= distance[triangles].min(axis=1) <= reach
    return behind


def _hollow(
    points: np.ndarray, triangles: np.ndarray, surface: scipy.sparse.csr_matrix
) -> np.ndarray:
    """(m,) bool: triangles of pieces whose volume about their own middle is next to nothing, or
    negative."""
    count, piece = scipy.sparse.csgraph.connected_components(surface, directed=False)
    sizes = np.bincount(piece, minlength=count)[:, None]
    middle = np.stack([np.bincount(piece, axis, count) for axis in points.T], axis=1) / sizes
    a, b, c = np.moveaxis((points - middle[piece])[triangles], 1, 0)
    volumes = np.einsum("ni,ni->n", a, np.cross(b, c)) / 6
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    own = piece[triangles[:, 0]]
    return (np.bincount(own, volumes, count) <= _THIN * np.bincount(own, areas, count))[own]
