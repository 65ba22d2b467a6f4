"""Rotation matrices over time: (n, 3, 3) arrays about the axes and between directions."""

from __future__ import annotations

from functools import partial

import numpy as np


def _rotations(degrees: np.ndarray, one: int, other: int) -> np.ndarray:
    angle = np.radians(degrees)
    turned = np.zeros((len(angle), 3, 3))
    turned[:, 3 - one - other, 3 - one - other] = 1.0
    turned[:, one, one] = turned[:, other, other] = np.cos(angle)
    turned[:, other, one] = np.sin(angle)
    turned[:, one, other] = -np.sin(angle)
    return turned


turn_x = partial(_rotations, one=1, other=2)
"""Rotations (n, 3, 3) about x by degrees (n,); positive turns y towards z."""

turn_y = partial(_rotations, one=2, other=0)
"""The same about y; positive turns z towards x."""

turn_z = partial(_rotations, one=0, other=1)
"""The same about z; positive turns x towards y."""


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


def partly(starts: np.ndarray, ends: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) a ``share`` (n,) of the way from ``starts`` to ``ends``, each (3, 3) or
    (n, 3, 3)."""
    between = np.broadcast_to(np.swapaxes(starts, -1, -2) @ ends, (len(share), 3, 3))
    axis = np.stack([between[:, 2, 1] - between[:, 1, 2], between[:, 0, 2] - between[:, 2, 0],
                     between[:, 1, 0] - between[:, 0, 1]], axis=1)  # fmt: skip
    sine = np.linalg.norm(axis, axis=1)
    angle = np.arctan2(sine, np.trace(between, axis1=1, axis2=2) - 1.0) * share
    axis = axis / np.maximum(sine, 1e-12)[:, None]
    return starts @ about(axis, angle)


def about(axes: np.ndarray, angles: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) by radians (n,) about unit axes (n, 3)."""
    cross = np.zeros((len(axes), 3, 3))
    cross[:, 0, 1], cross[:, 0, 2], cross[:, 1, 2] = -axes[:, 2], axes[:, 1], -axes[:, 0]
    cross -= cross.swapaxes(1, 2)
    sine, versine = np.sin(angles)[:, None, None], (1 - np.cos(angles))[:, None, None]
    return np.eye(3) + sine * cross + versine * (cross @ cross)


def normalised(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors along the last axis."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
