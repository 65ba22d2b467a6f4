"""The two frames of the project and the camera model that joins them to images.

World: Unreal's, left-handed, centimetres, degrees, order pitch yaw roll; yaw grows from +x
towards +y. Engine: right-handed, metres, z up, i.e. ``x/100, -y/100, z/100``. Images: origin
top left, pixel (column 0, row 0) covers the half-open square [0, 1) x [0, 1).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from synth_workers.lens import IDEAL, Distortion, distortion_factor, valid_square

Size = tuple[int, int]
CM_PER_METRE = 100.0
_TO_ENGINE = np.array([1.0, -1.0, 1.0]) / CM_PER_METRE


def to_engine(points_cm: ArrayLike) -> np.ndarray:
    """World points (…, 3) in centimetres as engine points (…, 3) in metres, float64."""
    return np.asarray(points_cm, float) * _TO_ENGINE


def to_world(points_m: ArrayLike) -> np.ndarray:
    """Engine points (…, 3) in metres as world points (…, 3) in centimetres, float64."""
    return np.asarray(points_m, float) / _TO_ENGINE


def rotation_axes(rotation: Sequence[float]) -> np.ndarray:
    """Forward, right and up of a (pitch, yaw, roll) rotation: rows of a (3, 3) world matrix."""
    pitch, yaw, roll = np.radians(np.asarray(rotation, float))
    cp, cy, cr = np.cos(pitch), np.cos(yaw), np.cos(roll)
    sp, sy, sr = np.sin(pitch), np.sin(yaw), np.sin(roll)
    return np.array(
        [
            [cp * cy, cp * sy, sp],
            [sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp],
            [-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp],
        ]
    )


def engine_axes(rotation: Sequence[float]) -> np.ndarray:
    """As ``rotation_axes``, but the three vectors are expressed in the engine's frame."""
    return rotation_axes(rotation) * np.array([1.0, -1.0, 1.0])


def focal_length(fov: float, width: int) -> float:
    """Pixels per unit of tangent for a horizontal field of view in degrees."""
    return width / 2.0 / float(np.tan(np.radians(fov) / 2.0))


def project(
    points_cm: ArrayLike,
    location: Sequence[float],
    rotation: Sequence[float],
    fov: float,
    width: int,
    height: int,
    distortion: Distortion = IDEAL,
) -> np.ndarray:
    """Image positions of world points.

    ``points_cm``: (n, 3). Returns (n, 3) float64: column and row in pixels (not clipped to the
    image) and planar depth in centimetres. Points at or behind the camera plane get NaN
    positions and their depth <= 0. ``distortion``: the lens, see ``synth_workers.lens``.
    """
    relative = np.asarray(points_cm, float).reshape(-1, 3) - np.asarray(location, float)
    axes, focal = rotation_axes(rotation), focal_length(fov, width)
    return to_image(relative, axes, focal, (width, height), distortion)


def to_image(
    relative: np.ndarray, axes: np.ndarray, focal: float, size: Size, distortion: Distortion
) -> np.ndarray:
    """As ``project``, in either frame and its unit: points (…, 3) ``relative`` to a camera with
    forward, right and up ``axes``; ``size``: width and height, pixels."""
    width, height = size
    forward, right, up = axes
    depth = relative @ forward
    safe = np.where(depth > 1e-6, depth, np.nan)
    x, y = (relative @ right) / safe, (relative @ up) / safe
    if distortion != IDEAL:
        limit = valid_square(distortion, (width**2 + height**2) / (2 * focal) ** 2)
        factor = distortion_factor(x * x + y * y, distortion, limit)
        x, y = x * factor, y * factor
    column = width / 2.0 + focal * x
    row = height / 2.0 - focal * y
    return np.stack([column, row, depth], axis=-1)
