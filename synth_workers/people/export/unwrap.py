"""Unwraps a person's surface onto one square texture: every triangle gets its own place.

Triangles that face alike and touch become a chart, seen along the axis that they face; charts
are packed upright into rows. What overlaps inside a chart is moved to charts of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from synth_workers.people.export.raster import Fragments, fragments
from synth_workers.people.mesh.surfaces import face_normals

_GUTTER = 2
_SMOOTHING_ROUNDS = 4
_PULL = 0.35  # of each neighbour's choice on a triangle's own
_LEAST_FACING = 0.25
_CRUMB = 4  # triangles: charts this small join a neighbour where they can
_CRUMB_FACING = 0.08
_SLIVER = 2e-6  # m2, twice the area of a triangle whose direction means nothing
_OVERLAP_ROUNDS = 4
_OWN_SHARE = 0.7

# Seen along each axis: which direction is to the right and which is up on the texture.
_AXES = np.array(
    [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64
)
_RIGHT = np.array(
    [[0, 0, -1], [0, 0, 1], [1, 0, 0], [1, 0, 0], [1, 0, 0], [-1, 0, 0]], dtype=np.float64
)
_UP = np.array([[0, 1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1], [0, 1, 0], [0, 1, 0]], dtype=float)


@dataclass(frozen=True)
class Unwrapped:
    """Texture places of a mesh.

    ``rows``: (k,) which vertex of the mesh each new vertex is; ``uv``: (k, 2) float32 in 0..1,
    v downwards; ``faces``: (m, 3) into ``rows``, in the mesh's order. ``fragments``: the texels
    that the triangles cover.
    """

    rows: np.ndarray
    uv: np.ndarray
    faces: np.ndarray
    fragments: Fragments


def unwrap(positions: np.ndarray, faces: np.ndarray, detail: np.ndarray, size: int) -> Unwrapped:
    """Lay a mesh out on a texture of ``size`` x ``size`` texels.

    ``positions``: (n, 3); ``faces``: (m, 3); ``detail``: (m,) how much finer than the rest each
    triangle should be resolved, about 1.
    """
    positions = np.asarray(positions, np.float64)
    faces = np.asarray(faces, np.int64)
    first, second = _neighbours(positions, faces)
    sides = _sides(face_normals(positions, faces), first, second)
    apart = np.zeros(len(faces), np.int64)
    attempt = 0
    while True:
        charts = _components(len(faces), first, second, sides * len(faces) + apart)
        corners = _packed(positions, faces, sides, charts, detail, size)
        covered = fragments(corners, size)
        hidden = covered.own < _OWN_SHARE
        attempt += 1
        if attempt == _OVERLAP_ROUNDS or not hidden.any():
            break
        apart[hidden] = attempt
    keys = faces * (charts.max() + 1) + charts[:, None]
    unique, at, inverse = np.unique(keys, return_index=True, return_inverse=True)
    return Unwrapped(
        rows=unique // (charts.max() + 1),
        uv=(corners.reshape(-1, 2)[at] / size).astype(np.float32),
        faces=inverse.reshape(-1, 3),
        fragments=covered,
    )


def _neighbours(positions: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of triangles that share an edge, whatever vertices the edge is doubled by."""
    _, weld = np.unique(np.round(positions, 5), axis=0, return_inverse=True)
    welded = weld.reshape(-1)[faces]
    edges = np.sort(welded[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    key = edges[:, 0] * (welded.max() + 1) + edges[:, 1]
    owner = np.repeat(np.arange(len(faces)), 3)
    order = np.argsort(key, kind="stable")
    same = key[order][1:] == key[order][:-1]
    return owner[order][:-1][same], owner[order][1:][same]


def _sides(normals: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Which of the six axes each triangle is seen along; neighbours tend to agree."""
    unit = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    facing = unit @ _AXES.T
    side = facing.argmax(1)
    for _ in range(_SMOOTHING_ROUNDS):
        votes = np.zeros_like(facing)
        np.add.at(votes, (first, side[second]), _PULL)
        np.add.at(votes, (second, side[first]), _PULL)
        side = np.where(facing > _LEAST_FACING, facing + votes, facing - 4.0).argmax(1)
    sliver = (normals * normals).sum(1) < _SLIVER**2
    for _ in range(2):
        chart = _components(len(side), first, second, side)
        crumb = np.bincount(chart)[chart] <= _CRUMB
        votes = np.zeros_like(facing)
        np.add.at(votes, (first, side[second]), ~crumb[second])
        np.add.at(votes, (second, side[first]), ~crumb[first])
        votes[~sliver[:, None] & (facing < _CRUMB_FACING)] = 0.0
        side = np.where(crumb & (votes.max(1) > 0), votes.argmax(1), side)
    return side


def _components(count: int, first: np.ndarray, second: np.ndarray, label: np.ndarray) -> np.ndarray:
    same = label[first] == label[second]
    links = coo_matrix((np.ones(same.sum()), (first[same], second[same])), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _packed(
    positions: np.ndarray,
    faces: np.ndarray,
    sides: np.ndarray,
    charts: np.ndarray,
    detail: np.ndarray,
    size: int,
) -> np.ndarray:
    """(m, 3, 2) texel coordinates of all corners, as large as fits."""
    flat = np.stack(
        [
            np.einsum("fci,fi->fc", positions[faces], _RIGHT[sides]),
            -np.einsum("fci,fi->fc", positions[faces], _UP[sides]),
        ],
        axis=-1,
    )
    count = int(charts.max()) + 1
    finest = np.zeros(count)
    np.maximum.at(finest, charts, detail)
    flat *= finest[charts][:, None, None]
    low = np.full((count, 2), np.inf)
    high = np.full((count, 2), -np.inf)
    for corner in range(3):
        np.minimum.at(low, charts, flat[:, corner])
        np.maximum.at(high, charts, flat[:, corner])
    extent = high - low
    small, large = 0.0, size / max(float(extent.max()), 1e-9)
    places = None
    for _ in range(14):
        scale = (small + large) / 2
        found = _shelves(extent * scale, size)
        if found is None:
            large = scale
        else:
            small, places = scale, found
    if places is None:
        raise ValueError(f"{count} charts do not fit on a texture of {size} texels")
    return (flat - low[charts][:, None]) * small + places[charts][:, None]


def _shelves(extent: np.ndarray, size: int) -> np.ndarray | None:
    """Place boxes (n, 2) in rows from the tallest to the flattest; None if there is no room."""
    boxes = np.ceil(extent).astype(int) + 2 * _GUTTER
    places = np.empty_like(extent)
    x = y = height = 0
    for row in np.argsort(-boxes[:, 1], kind="stable").tolist():
        wide, tall = boxes[row].tolist()
        if x + wide > size:
            x, y, height = 0, y + height, 0
        if wide > size or y + tall > size:
            return None
        places[row] = x + _GUTTER, y + _GUTTER
        x += wide
        height = max(height, tall)
    return places
