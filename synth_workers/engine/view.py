"""One camera at one instant as matrices of the engine's frame."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from synth_workers.coordinates import engine_axes, focal_length, to_engine

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
    return np.array(
        [
            [2 / (right - left), 0, 0, -(right + left) / (right - left)],
            [0, 2 / (top - bottom), 0, -(top + bottom) / (top - bottom)],
            [0, 0, -2 / (far - near), -(far + near) / (far - near)],
            [0, 0, 0, 1],
        ]
    )


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
    def matrix(self) -> np.ndarray:
        """(4, 4) from engine coordinates to clip space."""
        forward, right, up = self.axes
        view = np.eye(4)
        view[:3, :3] = right, up, -forward
        view[:3, 3] = -view[:3, :3] @ self.eye
        projection = np.zeros((4, 4))
        projection[0, 0] = self.focal / (self.width / 2)
        projection[1, 1] = self.focal / (self.height / 2)
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
        forward, right, up = self.axes
        relative = points - self.eye
        depth = relative @ forward
        safe = np.where(depth > 1e-6, depth, np.nan)
        column = self.width / 2 + self.focal * (relative @ right) / safe
        row = self.height / 2 - self.focal * (relative @ up) / safe
        return np.stack([column, row, depth], axis=-1)
