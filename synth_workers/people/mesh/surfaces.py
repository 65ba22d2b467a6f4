"""Small facts about triangle meshes: normals, borders, sizes. No people, no clothes."""

from __future__ import annotations

import numpy as np
import scipy


def incidence(vertices: int, triangles: np.ndarray) -> scipy.sparse.csr_matrix:
    """Return the (vertices, triangles) matrix that sums triangle values at vertices."""
    ones = np.ones(3 * len(triangles), np.float32)
    columns = np.tile(np.arange(len(triangles)), 3)
    return scipy.sparse.csr_matrix(
        (ones, (triangles.T.ravel(), columns)), shape=(vertices, len(triangles))
    )


def face_normals(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Return (m, 3) normals as long as twice the triangles' areas."""
    a = positions[triangles[:, 0]]
    e = positions[triangles[:, 1]] - a
    d = positions[triangles[:, 2]] - a
    out = np.empty_like(e)
    out[:, 0] = e[:, 1] * d[:, 2] - e[:, 2] * d[:, 1]
    out[:, 1] = e[:, 2] * d[:, 0] - e[:, 0] * d[:, 2]
    out[:, 2] = e[:, 0] * d[:, 1] - e[:, 1] * d[:, 0]
    return out


def whole_faces(triangles: np.ndarray) -> np.ndarray:
    """Return which (m,) triangles have three different corners."""
    a, b, c = triangles.T
    return (a != b) & (b != c) & (a != c)


def vertex_normals(
    positions: np.ndarray, triangles: np.ndarray, matrix: scipy.sparse.csr_matrix | None = None
) -> np.ndarray:
    """Return (n, 3) unit normals, area-weighted; vertices without triangles point up.

    ``matrix``: the mesh's ``incidence``, for callers that keep it.
    """
    if matrix is None:
        matrix = incidence(len(positions), triangles)
    summed = np.asarray(matrix @ face_normals(positions, triangles))
    length = np.sqrt((summed * summed).sum(1, keepdims=True))
    up = np.array([0.0, 1.0, 0.0], summed.dtype)
    return np.where(length > 1e-12, summed / np.maximum(length, 1e-12), up)


def neighbour_mean(vertices: int, triangles: np.ndarray) -> scipy.sparse.csr_matrix:
    """Return the (vertices, vertices) matrix that averages the neighbours of each vertex.

    Vertices of an open border average their neighbours along it, so that hems stay where they
    are cut; vertices without triangles stand for themselves.
    """
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    both = np.concatenate([edges, edges[:, ::-1]])
    on_border = np.zeros(vertices, bool)
    on_border[border_vertices(triangles)] = True
    both = both[~on_border[both[:, 0]] | on_border[both[:, 1]]]
    lonely = np.setdiff1d(np.arange(vertices), both[:, 0])
    both = np.concatenate([both, np.stack([lonely, lonely], 1)])
    ones = np.ones(len(both), np.float32)
    summed = scipy.sparse.csr_matrix((ones, (both[:, 0], both[:, 1])), shape=(vertices, vertices))
    summed.data[:] = 1.0
    summed.data /= np.repeat(np.diff(summed.indptr), np.diff(summed.indptr)).astype(np.float32)
    return summed


def border_vertices(triangles: np.ndarray) -> np.ndarray:
    """Return the vertices on edges that belong to one triangle only."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    return np.unique(unique[count == 1])
