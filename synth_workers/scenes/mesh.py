"""Geometric primitives: boxes, quads, grids, lathes, tubes and lofts, all vectorised.

A ``Shape`` is bare geometry; ``parts`` gives it a material. Frame: right-handed, metres, z up.
Texture coordinates are in metres here; materials divide them by the size of their tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

SMOOTH_EDGE_DEGREES = 50.0
"""Profile corners of a lathe flatter than this are shaded smoothly."""


class Shape(NamedTuple):
    """``positions`` (n, 3), ``normals`` (n, 3), ``uv`` (n, 2) float64; ``faces`` (k, 3) intp."""

    positions: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    faces: np.ndarray


# Each face of a box: outward normal, then its four corners counter-clockwise from outside.
_BOX_NORMALS = np.array(
    [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)], float
)
_BOX_CORNERS = np.array(
    [
        [(1, -1, -1), (1, 1, -1), (1, 1, 1), (1, -1, 1)],
        [(-1, 1, -1), (-1, -1, -1), (-1, -1, 1), (-1, 1, 1)],
        [(1, 1, -1), (-1, 1, -1), (-1, 1, 1), (1, 1, 1)],
        [(-1, -1, -1), (1, -1, -1), (1, -1, 1), (-1, -1, 1)],
        [(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)],
        [(-1, 1, -1), (1, 1, -1), (1, -1, -1), (-1, -1, -1)],
    ],
    float,
)
_BOX_UV_AXES = np.array([(1, 2), (1, 2), (0, 2), (0, 2), (0, 1), (0, 1)])
BOX_FACES = {"+x": 0, "-x": 1, "+y": 2, "-y": 3, "+z": 4, "-z": 5}
ALL_SIDES = tuple(BOX_FACES)
NO_UNDERSIDE = ("+x", "-x", "+y", "-y", "+z")
NO_BACK = ("+x", "+y", "-y", "+z", "-z")


def unit(vectors: np.ndarray) -> np.ndarray:
    """The vectors along the last axis at length 1; null vectors stay."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def quad_faces(count: int) -> np.ndarray:
    """(2 * count, 3): two triangles for each run of four vertices."""
    first = np.arange(count)[:, None] * 4
    return np.concatenate([first + [0, 1, 2], first + [0, 2, 3]], axis=1).reshape(-1, 3)


def boxes(bottoms: ArrayLike, sizes: ArrayLike, sides: Sequence[str] = NO_UNDERSIDE) -> Shape:
    """Axis-aligned boxes. ``bottoms``: (n, 3) centres of their lower faces; ``sizes``: (n, 3).

    ``sides`` names the faces to make; each box has 4 * len(sides) vertices in a row, so an
    array per box is spread with ``np.repeat(values, 4 * len(sides), axis=0)``.
    """
    sizes = np.atleast_2d(np.asarray(sizes, float))
    bottoms = np.atleast_2d(np.asarray(bottoms, float))
    count = max(len(sizes), len(bottoms))
    half = np.broadcast_to(sizes, (count, 3)) / 2
    centres = np.broadcast_to(bottoms, (count, 3)) + half * [0, 0, 1]
    chosen = [BOX_FACES[name] for name in sides]
    corners = _BOX_CORNERS[chosen]  # (f, 4, 3)
    positions = centres[:, None, None] + corners[None] * half[:, None, None]
    normals = np.broadcast_to(_BOX_NORMALS[chosen][None, :, None], positions.shape)
    axes = np.broadcast_to(_BOX_UV_AXES[chosen][None, :, None], (*positions.shape[:3], 2))
    uv = np.take_along_axis(positions, axes, axis=3)
    return Shape(
        positions.reshape(-1, 3),
        normals.reshape(-1, 3).copy(),
        uv.reshape(-1, 2),
        quad_faces(count * len(chosen)),
    )


def border(
    at: tuple[float, float], lengths: tuple[float, float], width: float, height: float, z: float = 0
) -> tuple[list, list]:
    """Bottoms and sizes, for ``boxes``, of four bars around a rectangle: two of ``lengths[1]``
    at x = +-``at[0]``, two of ``lengths[0]`` at y = +-``at[1]``."""
    (x, y), (along_x, along_y) = at, lengths
    bottoms = [(x, 0, z), (-x, 0, z), (0, y, z), (0, -y, z)]
    return bottoms, [(width, along_y, height)] * 2 + [(along_x, width, height)] * 2


def quads(corners: ArrayLike, uv: ArrayLike | None = None) -> Shape:
    """Flat quads from (n, 4, 3) corners, counter-clockwise from outside.

    ``uv``: (n, 4, 2); by default metres along the first edge and across it.
    """
    corners = np.asarray(corners, float).reshape(-1, 4, 3)
    # Of the diagonals, so that a quad with two equal corners (a triangle) has one too.
    normal = unit(np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]))
    if uv is None:
        u_axis = unit(corners[:, 1] - corners[:, 0])
        v_axis = np.cross(normal, u_axis)
        u = np.einsum("nij,nj->ni", corners, u_axis)
        v = np.einsum("nij,nj->ni", corners, v_axis)
        uv = np.stack([u, v], axis=-1)
    return Shape(
        corners.reshape(-1, 3),
        np.repeat(normal, 4, axis=0),
        np.asarray(uv, float).reshape(-1, 2),
        quad_faces(len(corners)),
    )


def upright(x: ArrayLike, y0: ArrayLike, y1: ArrayLike, z0: ArrayLike, z1: ArrayLike) -> np.ndarray:
    """(n, 4, 3) corners of rectangles at ``x`` from (``y0``, ``z0``) to (``y1``, ``z1``), for
    ``quads``; they face +x if ``y0`` < ``y1``, else -x."""
    corners = [
        np.stack(np.broadcast_arrays(x, y, z), axis=-1)
        for y, z in ((y0, z0), (y1, z0), (y1, z1), (y0, z1))
    ]
    return np.stack(np.broadcast_arrays(*corners), axis=-2).reshape(-1, 4, 3).astype(float)


def _lattice_faces(rows: int, columns: int) -> np.ndarray:
    """Triangles of a (rows, columns) lattice of vertices stored row by row."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    corner = (i * columns + j).ravel()
    first = np.stack([corner, corner + columns, corner + 1], axis=1)
    second = np.stack([corner + 1, corner + columns, corner + columns + 1], axis=1)
    return np.concatenate([first, second])


def floor(
    x0: float, y0: float, x1: float, y1: float, step: float, z: float = 0.0, up: bool = True
) -> Shape:
    """A level rectangle cut into squares of about ``step`` metres; ``up=False``: a ceiling."""
    xs = np.linspace(x0, x1, max(round((x1 - x0) / step), 1) + 1)
    ys = np.linspace(y0, y1, max(round((y1 - y0) / step), 1) + 1)
    gx, gy = np.meshgrid(xs, ys, indexing="ij")
    positions = np.stack([gx, gy, np.full_like(gx, z)], axis=-1).reshape(-1, 3)
    faces = _lattice_faces(len(xs), len(ys))
    normal = (0.0, 0.0, 1.0 if up else -1.0)
    return Shape(
        positions,
        np.tile(normal, (len(positions), 1)),
        positions[:, :2].copy(),
        faces if up else faces[:, ::-1],
    )


def smooth_normals(positions: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """(n, 3) unit normals, faces weighted by area."""
    a, b, c = (positions[faces[:, k]] for k in range(3))
    face_normals = np.cross(b - a, c - a)
    normals = np.zeros_like(positions)
    for axis in range(3):
        for corner in range(3):
            normals[:, axis] += np.bincount(
                faces[:, corner], face_normals[:, axis], minlength=len(positions)
            )
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-12, normals / np.maximum(length, 1e-12), (0.0, 0.0, 1.0))


def lathe(profile: ArrayLike, sides: int = 16) -> Shape:
    """Turns a profile of (radius, height) points, given upwards along the outside, about z.

    Corners sharper than ``SMOOTH_EDGE_DEGREES`` stay sharp.
    """
    points = np.asarray(profile, float)
    edges = np.diff(points, axis=0)
    slopes = unit(np.stack([edges[:, 1], -edges[:, 0]], axis=1))
    start, end = slopes.copy(), slopes.copy()
    smooth = np.sum(slopes[1:] * slopes[:-1], axis=1) > np.cos(np.radians(SMOOTH_EDGE_DEGREES))
    mean = unit(slopes[1:] + slopes[:-1])
    start[1:][smooth] = mean[smooth]
    end[:-1][smooth] = mean[smooth]
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(edges, axis=1))])

    radius = np.stack([points[:-1, 0], points[1:, 0]], axis=1)  # (s, 2): both ends of a segment
    height = np.stack([points[:-1, 1], points[1:, 1]], axis=1)
    slope = np.stack([start, end], axis=1)  # (s, 2, 2)
    shape = (*radius.shape, sides + 1)

    def turned(outwards: np.ndarray, upwards: np.ndarray) -> np.ndarray:
        flat, rise = outwards[..., None, None] * circle, upwards[..., None, None]
        return np.concatenate([flat, np.broadcast_to(rise, (*shape, 1))], axis=-1)

    positions, normals = turned(radius, height), turned(slope[..., 0], slope[..., 1])
    girth = np.max(points[:, 0])
    length = np.stack([along[:-1], along[1:]], axis=1)
    uv = np.stack(
        [np.broadcast_to(angle * girth, shape), np.broadcast_to(length[..., None], shape)], axis=-1
    )
    one = _lattice_faces(2, sides + 1)[:, ::-1]
    offsets = np.arange(len(edges))[:, None, None] * 2 * (sides + 1)
    faces = (one[None] + offsets).reshape(-1, 3)
    positions, normals, uv = (a.reshape(-1, a.shape[-1]) for a in (positions, normals, uv))
    return without_slivers(Shape(positions, normals, uv, faces))


def tube(path: ArrayLike, radii: ArrayLike, sides: int = 7) -> Shape:
    """A round bar along ``path`` (n, 3) with one radius or one per point; open at the ends."""
    points = np.asarray(path, float)
    radius = np.broadcast_to(np.asarray(radii, float), len(points))
    tangent = unit(np.gradient(points, axis=0))
    steep = np.abs(tangent[:, 2:]) > 0.95
    first = unit(np.cross(tangent, np.where(steep, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))))
    second = np.cross(tangent, first)
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    normals = (
        np.cos(angle)[None, :, None] * first[:, None]
        + np.sin(angle)[None, :, None] * second[:, None]
    )
    positions = points[:, None] + radius[:, None, None] * normals
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    uv = np.stack(
        np.broadcast_arrays(angle[None, :] * radius.mean(), along[:, None]), axis=-1
    ).astype(float)
    faces = _lattice_faces(len(points), sides + 1)[:, ::-1]
    return Shape(positions.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces)


def loft(sections: np.ndarray, capped: bool = True) -> Shape:
    """A closed skin over (s, m, 3) rings; every ring runs counter-clockwise seen against +s."""
    rings = np.concatenate([sections, sections[:, :1]], axis=1)
    count, around = rings.shape[:2]
    positions = rings.reshape(-1, 3)
    faces = _lattice_faces(count, around)[:, ::-1]
    normals = smooth_normals(positions, faces).reshape(count, around, 3)
    normals[:, 0] = normals[:, -1] = unit(normals[:, 0] + normals[:, -1])
    uv = positions[:, [0, 2]].copy()
    shape = Shape(positions, normals.reshape(-1, 3), uv, faces)
    if not capped:
        return shape
    return joined([shape, _cap(sections[0], True), _cap(sections[-1], False)])


def _cap(ring: np.ndarray, start: bool) -> Shape:
    centre = ring.mean(axis=0)
    positions = np.concatenate([[centre], ring])
    index = np.arange(len(ring))
    following = (index + 1) % len(ring)
    faces = np.stack([np.zeros_like(index), index + 1, following + 1], axis=1)
    faces = faces[:, ::-1] if start else faces
    normal = smooth_normals(positions, faces)[0]
    return Shape(positions, np.tile(normal, (len(positions), 1)), positions[:, [1, 2]], faces)


def without_slivers(shape: Shape) -> Shape:
    """The same shape without triangles of no area (tips of lathes)."""
    a, b, c = (shape.positions[shape.faces[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return shape._replace(faces=shape.faces[area > 1e-10])


def joined(shapes: Sequence[Shape]) -> Shape:
    """Several shapes as one."""
    starts = np.cumsum([0] + [len(s.positions) for s in shapes[:-1]])
    moved_on = [s._replace(faces=s.faces + start) for s, start in zip(shapes, starts)]
    return Shape(*(np.concatenate(columns) for columns in zip(*moved_on)))


def rotation_z(heading: float) -> np.ndarray:
    """(3, 3) counter-clockwise turn by ``heading`` radians seen from above."""
    c, s = np.cos(heading), np.sin(heading)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def moved(
    shape: Shape,
    offset: ArrayLike = (0, 0, 0),
    heading: float = 0.0,
    scale: ArrayLike = 1.0,
    turn: np.ndarray | None = None,
) -> Shape:
    """Scaled, then turned (about z by ``heading`` radians, or by ``turn``), then moved."""
    matrix = rotation_z(heading) if turn is None else turn
    factor = np.broadcast_to(np.asarray(scale, float), 3)
    normals = unit((shape.normals / factor) @ matrix.T)
    return shape._replace(
        positions=(shape.positions * factor) @ matrix.T + np.asarray(offset, float), normals=normals
    )
