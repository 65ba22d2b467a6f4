"""One camera at one instant as matrices of the engine's frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synth_workers.coordinates import engine_axes, focal_length, to_engine, to_image
from synth_workers.lens import IDEAL, Distortion, correction_factor, valid_square

NEAR = 0.1
FAR = 400.0
"""Clipping distances, metres."""


def look_at(eye: np.ndarray, centre: np.ndarray, up: tuple[float, float, float]) -> np.ndarray:
    """(4, 4) world-to-view matrix of a right-handed camera looking along its -z."""
    forward = np.asarray(centre, float) - np.asarray(eye, float)
    forward /= np.linalg.norm(forward)
    side = np.cross(forward, up)
    side /= np.linalg.norm(side)
    matrix = np.eye(4)
    matrix[:3, :3] = side, np.cross(side, forward), -forward
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix


def orthographic(
    left: float, right: float, bottom: float, top: float, near: float, far: float
) -> np.ndarray:
    """(4, 4) orthographic projection to the cube [-1, 1]^3."""
    width, height, length = right - left, top - bottom, far - near
    matrix = np.diag([2 / width, 2 / height, -2 / length, 1])
    matrix[:3, 3] = -(right + left) / width, -(top + bottom) / height, -(far + near) / length
    return matrix


def gl_bytes(matrix: np.ndarray) -> bytes:
    """A matrix as OpenGL wants it: column major, float32."""
    return np.ascontiguousarray(matrix.T, "f4").tobytes()


@dataclass(frozen=True)
class View:
    """Where a picture is taken from. World units (cm, degrees); ``fov`` is horizontal."""

    location: tuple[float, float, float]
    rotation: tuple[float, float, float]
    fov: float
    width: int
    height: int
    distortion: Distortion = IDEAL

    @cached_property
    def eye(self) -> np.ndarray:
        """(3,) camera position, metres."""
        return to_engine(self.location)

    @cached_property
    def axes(self) -> np.ndarray:
        """(3, 3): forward, right and up in the engine's frame."""
        return engine_axes(self.rotation)

    @cached_property
    def focal(self) -> float:
        """Pixels per unit of tangent."""
        return focal_length(self.fov, self.width)

    @cached_property
    def valid_square(self) -> float:
        """Up to which squared tangent the lens is a polynomial, see ``synth_workers.lens``."""
        corner = (self.width**2 + self.height**2) / (2 * self.focal) ** 2
        return valid_square(self.distortion, corner)

    @cached_property
    def overscan(self) -> float:
        """How much wider and higher than the picture one has to draw to fill it through the lens.

        In whole percents, so that few sizes of images are needed.
        """
        if self.distortion == IDEAL:
            return 1.0
        x, y = self.width / 2 / self.focal, self.height / 2 / self.focal
        along = np.linspace(0, 1, 33)
        sides = np.concatenate([x * x + (y * along) ** 2, (x * along) ** 2 + y * y])
        widest = correction_factor(sides, self.distortion, self.valid_square).max()
        return max(float(np.ceil(widest * 100)) / 100, 1.0)

    @cached_property
    def matrix(self) -> np.ndarray:
        """(4, 4) from engine coordinates to clip space, which is ``overscan`` pictures wide."""
        forward, right, up = self.axes
        view = np.eye(4)
        view[:3, :3] = right, up, -forward
        view[:3, 3] = -view[:3, :3] @ self.eye
        projection = np.zeros((4, 4))
        projection[0, 0] = self.focal / (self.width / 2) / self.overscan
        projection[1, 1] = self.focal / (self.height / 2) / self.overscan
        projection[2, 2] = (FAR + NEAR) / (NEAR - FAR)
        projection[2, 3] = 2 * FAR * NEAR / (NEAR - FAR)
        projection[3, 2] = -1
        return projection @ view

    @cached_property
    def planes(self) -> np.ndarray:
        """(5, 4) left, right, bottom, top, near frustum planes, normals inwards and unit."""
        m = self.matrix
        planes = np.stack([m[3] + m[0], m[3] - m[0], m[3] + m[1], m[3] - m[1], m[3] + m[2]])
        return planes / np.linalg.norm(planes[:, :3], axis=1, keepdims=True)

    def sees(self, centres: np.ndarray, radii: np.ndarray | float) -> np.ndarray:
        """(n,) bool: which spheres (n, 3), metres, reach into the frustum."""
        distances = centres @ self.planes[:, :3].T + self.planes[:, 3]
        return np.asarray((distances > -np.asarray(radii)[..., None]).all(axis=-1))

    def project(self, points: np.ndarray) -> np.ndarray:
        """Engine points (…, 3) as (…, 3): column, row in pixels and planar depth in metres.

        Points behind the camera get NaN positions.
        """
        size = (self.width, self.height)
        return to_image(points - self.eye, self.axes, self.focal, size, self.distortion)
