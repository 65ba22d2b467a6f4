"""Small shapes that hair and accessories are made of: lathes, rounded boxes, tubes, sheets.

Lengths are metres; texture coordinates are metres on the cloth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.mesh.surfaces import face_normals, vertex_normals

ArrayLike = np.ndarray | Sequence[float]


@dataclass(frozen=True)
class Mesh:
    """``positions`` (n, 3), ``faces`` (m, 3) int, ``uv`` (n, 2)."""

    positions: np.ndarray
    faces: np.ndarray
    uv: np.ndarray

    @property
    def normals(self) -> np.ndarray:
        """(n, 3) unit normals, area-weighted."""
        return vertex_normals(self.positions, self.faces)

    def moved(self, by: ArrayLike = (0.0, 0.0, 0.0), scale: ArrayLike | float = 1.0) -> Mesh:
        """Scaled about the origin, then shifted."""
        return Mesh(self.positions * np.asarray(scale) + np.asarray(by), self.faces, self.uv)

    def turned(self, rotation: np.ndarray) -> Mesh:
        """Rotated about the origin by a (3, 3) matrix."""
        return Mesh(self.positions @ rotation.T, self.faces, self.uv)


def vector(x: float, y: float, z: float) -> np.ndarray:
    """A point or shift as an array."""
    return np.array([x, y, z], dtype=np.float64)


def grid_faces(rows: int, columns: int) -> np.ndarray:
    """Two triangles per cell of a grid of rows x columns vertices."""
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]).ravel()
    right, below = corner + 1, corner + columns
    return np.concatenate(
        [np.stack([corner, right, below], 1), np.stack([right, below + 1, below], 1)]
    )


def _tidy(positions: np.ndarray, faces: np.ndarray, uv: np.ndarray) -> Mesh:
    """Drop degenerate triangles and make the rest face away from the shape's middle."""
    area = face_normals(positions, faces)
    kept = np.einsum("ij,ij->i", area, area) > 1e-18
    faces, area = faces[kept], area[kept]
    outward = positions[faces].mean(axis=1) - positions.mean(axis=0)
    if np.einsum("ij,ij->", area, outward) < 0:
        faces = faces[:, [0, 2, 1]]
    return Mesh(positions.astype(np.float32), faces, uv.astype(np.float32))


def lathe(
    profile: Sequence[tuple[float, float]],
    segments: int = 20,
    start: float = 0.0,
    end: float = 2 * np.pi,
) -> Mesh:
    """Turn (radius, height) points about the y axis; angle 0 faces +z, then +x."""
    angle = np.linspace(start, end, segments + 1)
    radius, height = np.array(profile, dtype=np.float64).T
    x = radius[:, None] * np.sin(angle)
    z = radius[:, None] * np.cos(angle)
    y = np.broadcast_to(height[:, None], x.shape)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(radius), np.diff(height)))])
    uv = np.stack(np.broadcast_arrays(angle[None] * max(radius.max(), 1e-3), along[:, None]), -1)
    positions = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    return _tidy(positions, grid_faces(len(profile), segments + 1), uv.reshape(-1, 2))


def rounded_box(half: ArrayLike, roundness: float = 0.35, segments: int = 12) -> Mesh:
    """A superellipsoid of half sizes ``half``; roundness 1 is an ellipsoid, 0 a box."""
    size = np.asarray(half, dtype=np.float64)
    power = lambda value: np.sign(value) * np.abs(value) ** roundness  # noqa: E731
    elevation = np.linspace(-np.pi / 2, np.pi / 2, segments)[:, None]
    azimuth = np.linspace(-np.pi, np.pi, 2 * segments)[None]
    unit = np.stack(
        np.broadcast_arrays(
            power(np.cos(elevation)) * power(np.sin(azimuth)),
            power(np.sin(elevation)),
            power(np.cos(elevation)) * power(np.cos(azimuth)),
        ),
        axis=-1,
    )
    positions = (unit * size).reshape(-1, 3)
    uv = np.stack([positions[:, 0] + 0.6 * positions[:, 2], -positions[:, 1]], axis=1)
    return _tidy(positions, grid_faces(segments, 2 * segments), uv)


def tube(path: np.ndarray, radius: float | np.ndarray, segments: int = 8) -> Mesh:
    """A round tube along (k, 3) points; ``radius`` may vary along it."""
    points = np.asarray(path, dtype=np.float64)
    along = np.gradient(points, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    steep = np.abs(along[:, 2:]) > 0.9
    reference = np.where(steep, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]])
    side = np.cross(along, reference)
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    other = np.cross(along, side)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    ring = (
        np.cos(angle)[None, :, None] * side[:, None] + np.sin(angle)[None, :, None] * other[:, None]
    )
    width = np.broadcast_to(np.asarray(radius, dtype=np.float64), len(points))
    positions = points[:, None] + width[:, None, None] * ring
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(angle[None] * float(width.max()), length[:, None]), axis=-1)
    return _tube_tidy(positions.reshape(-1, 3), points, uv.reshape(-1, 2), segments)


def _tube_tidy(positions: np.ndarray, points: np.ndarray, uv: np.ndarray, segments: int) -> Mesh:
    faces = grid_faces(len(points), segments + 1)
    normal = face_normals(positions, faces)
    core = np.repeat(points, segments + 1, axis=0)
    outward = (positions - core)[faces].mean(axis=1)
    if np.einsum("ij,ij->", normal, outward) < 0:
        faces = faces[:, [0, 2, 1]]
    return Mesh(positions.astype(np.float32), faces, uv.astype(np.float32))


def sheet(grid: np.ndarray) -> Mesh:
    """A surface through a (rows, columns, 3) grid of points; rows run down."""
    points = np.asarray(grid, dtype=np.float64)
    rows, columns = points.shape[:2]
    down = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(axis=1)
    across = np.linalg.norm(np.diff(points, axis=1), axis=2).max(axis=0)
    v = np.concatenate([[0], np.cumsum(down)])
    u = np.concatenate([[0], np.cumsum(across)])
    uv = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    return _tidy(points.reshape(-1, 3), grid_faces(rows, columns), uv)


def disc(centre: ArrayLike, half_width: float, half_height: float, segments: int = 16) -> Mesh:
    """A flat ellipse that faces +z."""
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    ring = np.stack([half_width * np.cos(angle), half_height * np.sin(angle), 0 * angle], axis=1)
    positions = np.concatenate([np.zeros((1, 3)), ring]) + np.asarray(centre)
    at = np.arange(segments)
    faces = np.stack([np.zeros(segments, int), at + 1, (at + 1) % segments + 1], axis=1)
    return Mesh(positions.astype(np.float32), faces, positions[:, :2].astype(np.float32))


def joined(*meshes: Mesh) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0, *(len(mesh.positions) for mesh in meshes[:-1])])
    return Mesh(
        np.concatenate([mesh.positions for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts)]),
        np.concatenate([mesh.uv for mesh in meshes]),
    )
