"""Cameras as OpenCV describes them: K, R, t and distortion.

World here: Unreal's with y turned round, ``x, -y, z`` in centimetres, because a rotation cannot
lead from a left-handed frame into OpenCV's camera frame (x right, y down, z forward; centimetres).
Pixels here: OpenCV's, whose integers are the *centres* of pixels, half a pixel less than boxes and
joints have, which count from the corner of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synth_workers.coordinates import Size, focal_length, rotation_axes
from synth_workers.lens import IDEAL, Distortion

_TURNED = np.array([1.0, -1.0, 1.0])


@dataclass(frozen=True)
class Calibration:
    """``matrix`` K (3, 3), pixels; ``rotation`` R (3, 3) and ``translation`` t (3,), cm, lead from
    the world of this module to the camera; ``distortion`` (5,): k1, k2, p1, p2, k3."""

    matrix: np.ndarray
    rotation: np.ndarray
    translation: np.ndarray
    distortion: np.ndarray

    def stored(self) -> dict[str, list[float]]:
        """As ``manifests.schema.CALIBRATION`` has it, matrices row by row."""
        named = {"K": self.matrix, "R": self.rotation, "t": self.translation}
        named["distortion"] = self.distortion
        return {name: values.ravel().tolist() for name, values in named.items()}


def opencv_points(points_cm: ArrayLike) -> np.ndarray:
    """Points (…, 3) of Unreal's world as points of OpenCV's, cm, float64."""
    return np.asarray(points_cm, float) * _TURNED


def calibration(
    location: Sequence[float],
    rotation: Sequence[float],
    fov: float,
    size: Size,
    distortion: Distortion = IDEAL,
) -> Calibration:
    """The calibration of a camera given in Unreal's terms, see ``coordinates.project``."""
    focal = focal_length(fov, size[0])
    matrix = np.array([[focal, 0.0, size[0] / 2 - 0.5], [0.0, focal, size[1] / 2 - 0.5], [0, 0, 1]])
    forward, right, up = rotation_axes(rotation) * _TURNED
    turn = np.stack([right, -up, forward])
    moved = -turn @ opencv_points(location)
    return Calibration(matrix, turn, moved, np.array([*distortion, 0.0, 0.0, 0.0]))
