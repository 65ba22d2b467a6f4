"""Rotation matrices over time: (n, 3, 3) arrays about the axes and between directions."""

from __future__ import annotations

import numpy as np


def turn_x(degrees: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) about x; positive turns y towards z."""
    return _rotations(degrees, 1, 2)


def turn_y(degrees: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) about y; positive turns z towards x."""
    return _rotations(degrees, 2, 0)


def turn_z(degrees: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) about z; positive turns x towards y."""
    return _rotations(degrees, 0, 1)


def _rotations(degrees: np.ndarray, one: int, other: int) -> np.ndarray:
    angle = np.radians(degrees)
    turned = np.zeros((len(angle), 3, 3))
    turned[:, 3 - one - other, 3 - one - other] = 1.0
    turned[:, one, one] = turned[:, other, other] = np.cos(angle)
    turned[:, other, one] = np.sin(angle)
    turned[:, one, other] = -np.sin(angle)
    return turned


def least_rotation(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Smallest rotations taking unit vectors ``starts`` (3,) or (n, 3) to ``ends`` (n, 3)."""
    starts = np.broadcast_to(starts, ends.shape)
    axis = np.cross(starts, ends)
    cosine = np.einsum("...i,...i->...", starts, ends)
    cross = np.zeros((*ends.shape[:-1], 3, 3))
    cross[..., 0, 1], cross[..., 0, 2] = -axis[..., 2], axis[..., 1]
    cross[..., 1, 0], cross[..., 1, 2] = axis[..., 2], -axis[..., 0]
    cross[..., 2, 0], cross[..., 2, 1] = -axis[..., 1], axis[..., 0]
    return np.eye(3) + cross + cross @ cross / (1 + cosine)[..., None, None]


def normalised(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors along the last axis."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
