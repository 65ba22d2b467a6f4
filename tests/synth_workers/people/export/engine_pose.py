"""How the embedded engine poses a person, for comparison with what readers of files get."""

from __future__ import annotations

import numpy as np

from synth_workers.engine.figures import pose_matrices
from synth_workers.people.person import BuiltPerson, Clip

PHASES = (0.0, 0.13, 0.489, 0.75, 0.99)
"""Phases on and between the stored frames."""


def engine_corners(person: BuiltPerson, clip: Clip, phase: float, level: int = 0) -> np.ndarray:
    """(m, 3, 3) corners of all triangles with an area, in the body frame, metres."""
    vertices, faces = person.lods[level].vertices, person.lods[level].indices
    rest = vertices["position"].astype(float)
    bones = pose_matrices(clip, phase).astype(float)
    weights = vertices["weights"] / 255.0
    blended = np.einsum("nk,nkij->nij", weights, bones[vertices["bones"].astype(int)])
    posed = np.einsum("nij,nj->ni", blended[..., :3], rest) + blended[..., 3]
    a, b, c = (rest[faces[:, corner]] for corner in range(3))
    flat = np.linalg.norm(np.cross(b - a, c - a), axis=1) == 0
    return posed[faces[~flat]]


def corner_error(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest distance of any corner; files may wind a triangle the other way round."""
    as_is, turned = (
        np.linalg.norm(corners - expected, axis=-1).max(1)
        for corners in (found, found[:, [0, 2, 1]])
    )
    return float(np.minimum(as_is, turned).max())
