"""Coarser versions of a mesh as choices among its own vertices.

A level is decided once on a template; on every body it is then only a gather, so levels of
one person never disagree about shape.
"""

from __future__ import annotations

import fast_simplification
import numpy as np

from synth_workers.people.mesh.parts import LEVELS
from synth_workers.people.mesh.surfaces import whole_faces

SKIN_RATIOS = (1.0, 0.30, 0.085, 0.035)
CLOTH_RATIOS = (1.0, 0.55, 0.22, 0.10)
THING_RATIOS = (1.0, 0.35, 0.14, 0.08)
"""Share of triangles kept at each level, for skin, cloth, and bags, hats and hair shells."""

_TOO_SMALL = 40


def decimate(positions: np.ndarray, faces: np.ndarray, ratio: float) -> np.ndarray:
    """Return about ``ratio`` of the triangles as (k, 3) rows of the original vertices.

    Every collapsed group of vertices is stood for by the original vertex nearest to where the
    quadric simplification put it.
    """
    if ratio >= 1.0 or len(faces) < _TOO_SMALL:
        return faces
    positions = np.ascontiguousarray(positions, np.float32)
    collapses = fast_simplification.simplify(
        positions,
        np.ascontiguousarray(faces, np.int32),
        target_reduction=1.0 - ratio,
        return_collapses=True,
    )[-1]
    moved, coarse, group = fast_simplification.replay_simplification(
        positions, np.ascontiguousarray(faces, np.int32), collapses
    )
    distance = ((positions - moved[group]) ** 2).sum(1)
    order = np.lexsort((distance, group))
    ordered = group[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    stands_for = np.zeros(len(moved), np.int64)
    stands_for[ordered[first]] = order[first]
    coarse = stands_for[coarse]
    return coarse[whole_faces(coarse)]


def decimate_seamed(
    positions: np.ndarray, uv: np.ndarray, faces: np.ndarray, ratio: float
) -> np.ndarray:
    """Decimate a mesh whose seams have doubled vertices, without opening the seams.

    Vertices at the same place are welded for the decision; each corner then takes the copy
    whose uv is nearest to that of the triangle's least ambiguous corner.
    """
    if ratio >= 1.0 or len(faces) < _TOO_SMALL:
        return faces
    _, first, weld = np.unique(
        np.round(positions, 5), axis=0, return_index=True, return_inverse=True
    )
    weld = weld.reshape(-1)
    welded = weld[faces]
    coarse = decimate(positions[first] * 10.0, welded[whole_faces(welded)], ratio)
    order = np.argsort(weld, kind="stable")
    start = np.searchsorted(weld[order], np.arange(len(first) + 1))
    copies = np.diff(start)[coarse]
    out = first[coarse]
    for face in np.flatnonzero((copies > 1).any(1)):
        anchor = uv[out[face, np.argmin(copies[face])]]
        for corner in range(3):
            row = coarse[face, corner]
            candidates = order[start[row] : start[row + 1]]
            gap = ((uv[candidates] - anchor) ** 2).sum(1)
            out[face, corner] = candidates[np.argmin(gap)]
    return out


def level_faces(
    positions: np.ndarray, faces: np.ndarray, ratios: tuple[float, ...]
) -> list[np.ndarray]:
    """Return the faces of all four levels of a welded mesh."""
    return [decimate(positions, faces, ratios[level]) for level in range(LEVELS)]
