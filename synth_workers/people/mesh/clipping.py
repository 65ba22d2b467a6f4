"""Cuts triangle meshes along isolines, keeping every new vertex bound to the base mesh.

A clipped surface is a set of barycentric points of the base mesh: evaluating it on another
body is one sparse product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from synth_workers.people.mesh.surfaces import whole_faces


@dataclass(frozen=True)
class ClippedMesh:
    """Vertices as mixes of base vertices: ``rows`` (n, 3) int, ``shares`` (n, 3) float32 that
    sum to 1, and ``faces`` (m, 3) int. Every vertex lies in one triangle of the base mesh."""

    rows: np.ndarray
    shares: np.ndarray
    faces: np.ndarray
    base_count: int

    @classmethod
    def of(cls, triangles: np.ndarray, base_count: int) -> ClippedMesh:
        """Take whole triangles of the base mesh."""
        used, faces = np.unique(triangles, return_inverse=True)
        rows = np.repeat(used[:, None], 3, axis=1)
        shares = np.zeros((len(used), 3), np.float32)
        shares[:, 0] = 1.0
        return cls(rows, shares, faces.reshape(-1, 3), base_count)

    @cached_property
    def matrix(self) -> csr_matrix:
        """(n, base_count) float32 matrix that evaluates base values on this mesh."""
        count = len(self.rows)
        starts = np.arange(0, 3 * count + 1, 3)
        matrix = csr_matrix(
            (self.shares.ravel().astype(np.float32), self.rows.ravel(), starts),
            shape=(count, self.base_count),
        )
        matrix.eliminate_zeros()
        return matrix

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Interpolate values given per base vertex, (base_count,) or (base_count, k)."""
        return self.matrix @ values

    def clip(self, values: np.ndarray) -> ClippedMesh:
        """Keep the side where ``values`` (n,), linear on each triangle, are not positive."""
        inside = values <= 0
        count = inside[self.faces].sum(1)
        whole = self.faces[count == 3]
        cut = _Cutter(self, np.asarray(values, np.float64))
        one = _rotated(self.faces[count == 1], inside, first_inside=True)
        two = _rotated(self.faces[count == 2], inside, first_inside=False)
        near, far = cut(one[:, 0], one[:, 1]), cut(one[:, 0], one[:, 2])
        tips = np.stack([one[:, 0], near, far], 1)
        # two = (outside, p, q): what remains is the quad p, q, cut(q, out), cut(p, out)
        at_q, at_p = cut(two[:, 2], two[:, 0]), cut(two[:, 1], two[:, 0])
        lower = np.stack([two[:, 1], two[:, 2], at_q], 1)
        upper = np.stack([two[:, 1], at_q, at_p], 1)
        faces = np.concatenate([whole, tips, lower, upper])
        rows = np.concatenate([self.rows, *cut.rows])
        shares = np.concatenate([self.shares, *cut.shares])
        rows, shares, faces = _welded(rows, shares, faces)
        return ClippedMesh(rows, shares, faces, self.base_count)


class _Cutter:
    """Makes one new vertex for each crossed edge of a call; ``_welded`` joins equal ones."""

    def __init__(self, mesh: ClippedMesh, values: np.ndarray) -> None:
        self._mesh, self._values = mesh, values
        self._next = len(mesh.rows)
        self.rows: list[np.ndarray] = []
        self.shares: list[np.ndarray] = []

    def __call__(self, inside: np.ndarray, outside: np.ndarray) -> np.ndarray:
        start, stop = self._values[inside], self._values[outside]
        t = (start / (start - stop))[:, None]
        rows = np.concatenate([self._mesh.rows[inside], self._mesh.rows[outside]], 1)
        shares = np.concatenate(
            [self._mesh.shares[inside] * (1 - t), self._mesh.shares[outside] * t], 1
        )
        merged_rows, merged_shares = _merge_rows(rows, shares)
        self.rows.append(merged_rows)
        self.shares.append(merged_shares)
        fresh = np.arange(self._next, self._next + len(rows))
        self._next += len(rows)
        return fresh


def _rotated(faces: np.ndarray, inside: np.ndarray, *, first_inside: bool) -> np.ndarray:
    """Rotate each face so that its odd corner (the only inside or outside one) is first."""
    odd = inside[faces] == first_inside
    turn = odd.argmax(1) if len(faces) else np.zeros(0, np.int64)
    order = (turn[:, None] + np.arange(3)) % 3
    return np.take_along_axis(faces, order, 1)


def _merge_rows(rows: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reduce (k, 6) mixes inside one base triangle to (k, 3), in canonical row order."""
    if not len(rows):
        return rows[:, :3], shares[:, :3].astype(np.float32)
    same = rows[:, :, None] == rows[:, None, :]
    total = (same * shares[:, None, :]).sum(2)
    first = ~(same & np.tri(rows.shape[1], k=-1, dtype=bool)).any(2)
    total = np.where(first, total, -1.0)
    best = np.argsort(-total, axis=1, kind="stable")[:, :3]
    merged = np.take_along_axis(rows, best, 1)
    weight = np.clip(np.take_along_axis(total, best, 1), 0.0, None)
    merged = np.where(weight > 0, merged, merged[:, :1])
    order = np.argsort(merged, axis=1, kind="stable")
    merged = np.take_along_axis(merged, order, 1)
    weight = np.take_along_axis(weight, order, 1)
    return merged, (weight / weight.sum(1, keepdims=True)).astype(np.float32)


def _welded(
    rows: np.ndarray, shares: np.ndarray, faces: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join equal vertices, drop unused ones and degenerate faces."""
    merged_rows, merged_shares = _merge_rows(
        np.concatenate([rows, rows], 1), np.concatenate([shares, np.zeros_like(shares)], 1)
    )
    # a mix is named by its rows (padded with a repeat) and shares to 1e-5
    names = np.concatenate([merged_rows, np.round(merged_shares, 5)], 1).astype(np.float64)
    _, first, inverse = np.unique(names, axis=0, return_index=True, return_inverse=True)
    faces = inverse.reshape(-1)[faces]
    used, faces = np.unique(faces[whole_faces(faces)], return_inverse=True)
    keep = first[used]
    return merged_rows[keep], merged_shares[keep], faces.reshape(-1, 3)
