"""Vectors in the plane, (…, 2), and angles, radians."""

from __future__ import annotations

import numpy as np


def wrapped(angle: np.ndarray) -> np.ndarray:
    """Angles in -pi to pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def length(vectors: np.ndarray) -> np.ndarray:
    """How long vectors are."""
    # Reductions over an axis of two are many times slower.
    return np.hypot(vectors[..., 0], vectors[..., 1])


def within(vectors: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Whether vectors (…, 2) might be shorter than ``reach`` (…)."""
    return (np.abs(vectors[..., 0]) < reach) & (np.abs(vectors[..., 1]) < reach)


def summed(values: np.ndarray, owner: np.ndarray, count: int) -> np.ndarray:
    """The sum of the values of each of ``count`` owners, added in their order."""
    return np.bincount(owner, weights=values, minlength=count)


def dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products of vectors."""
    return a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1]


def along(headings: np.ndarray | float) -> np.ndarray:
    """(…, 2) unit vectors of headings."""
    return np.stack([np.cos(headings), np.sin(headings)], axis=-1)
