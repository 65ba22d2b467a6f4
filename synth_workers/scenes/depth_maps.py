"""How far a camera sees in an empty scene: depth of the nearest surface in every direction.

Drawn from the scene's own triangles, by arithmetic alone, so that it is the same on every machine.
No people, no light, no lens: lines of sight are straight. Where maps are kept: ``scenes.cache``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.coordinates import focal_length, rotation_axes, to_engine, to_image, to_world
from synth_workers.lens import IDEAL
from synth_workers.scenes.description import Camera
from synth_workers.scenes.geometry import FAR_DETAIL, Cell

COLUMNS = 320
"""Width of a map, whatever the pictures are; its height follows from their shape."""

_WIDER = 1.05
"""A map shows so much more than an ideal picture, for lenses that show more."""

_NEAREST_CM = 10.0
"""What is nearer is not drawn."""

_AT_ONCE = 1 << 20
"""Pixels that are filled at a time."""


@dataclass(frozen=True)
class DepthMap:
    """What one camera sees of an empty scene.

    ``nearest``: (h, w) float32 planar depth, cm; infinite where there is nothing.
    ``location``, ``axes``: of the camera, cm, and its forward, right and up. ``focal``: pixels of
    the map per unit of tangent.
    """

    nearest: np.ndarray
    location: np.ndarray
    axes: np.ndarray
    focal: float

    def hides(self, points: np.ndarray, margin: float) -> np.ndarray:
        """(k,) whether a surface stands more than ``margin`` cm before each of the points (k, 3),
        cm; False beside the map and behind the camera."""
        height, width = self.nearest.shape
        relative = points - self.location
        image = to_image(relative, self.axes, self.focal, (width, height), IDEAL)
        column, row, _ = np.nan_to_num(np.floor(image), nan=-1.0).T
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        hidden = np.zeros(len(points), bool)
        place = row[inside].astype(int), column[inside].astype(int)
        hidden[inside] = self.nearest[place] < image[inside, 2] - margin
        return hidden


def depth_map(camera: Camera, nearest: np.ndarray) -> DepthMap:
    """What ``draw_depth`` drew, as seen by the camera that it drew."""
    focal = focal_length(camera.fov, nearest.shape[1]) / _WIDER
    location = np.asarray(camera.location, float)
    return DepthMap(nearest, location, rotation_axes(camera.rotation), focal)


def draw_depth(cells: Sequence[Cell], camera: Camera, width: int, height: int) -> np.ndarray:
    """(height, width) float32: see ``DepthMap.nearest``; drawn as the engine draws, with back faces
    and levels of detail."""
    eye = to_engine(camera.location)
    view = depth_map(camera, np.empty((height, width), np.float32))
    inverse = np.zeros(height * width)  # 1 / cm; greater is nearer
    for cell in cells:
        apart = float(np.linalg.norm(np.asarray(cell.centre) - eye)) - cell.radius
        detail = "far" if apart > FAR_DETAIL else "near"
        relative = to_world(cell.vertices["position"]) - view.location
        seen = relative @ view.axes.T  # depth, right, up
        if (seen[:, 0] < _NEAREST_CM).all():
            continue
        for kind, two_sided in ((detail, False), (f"{detail}_two_sided", True)):
            triangles = _before(seen[getattr(cell, kind)])
            image = np.stack(
                [
                    width / 2 + view.focal * triangles[..., 1] / triangles[..., 0],
                    height / 2 - view.focal * triangles[..., 2] / triangles[..., 0],
                    1.0 / triangles[..., 0],
                ],
                axis=-1,
            )
            _fill(inverse, image, width, height, two_sided)
    with np.errstate(divide="ignore"):
        return (1.0 / inverse).reshape(height, width).astype(np.float32)


def _before(triangles: np.ndarray) -> np.ndarray:
    """(n, 3, 3) the parts of triangles (m, 3, 3) that lie before the camera, cut into triangles;
    depth comes first."""
    before = triangles[..., 0] >= _NEAREST_CM
    count = before.sum(axis=1)
    whole = triangles[count == 3]
    cut: list[np.ndarray] = [whole]
    for corners in (1, 2):
        some = triangles[count == corners]
        if not len(some):
            continue
        # The corner that is alone on its side comes first.
        alone = (some[..., 0] >= _NEAREST_CM) == (corners == 1)
        first = alone.argmax(axis=1)
        order = (first[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(some, order[..., None], axis=1).transpose(1, 0, 2)
        ab, ac = (_at_nearest(a, other) for other in (b, c))
        if corners == 1:
            cut.append(np.stack([a, ab, ac], axis=1))
        else:
            cut += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
    return np.concatenate(cut)


def _at_nearest(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    share = (_NEAREST_CM - a[:, :1]) / (b[:, :1] - a[:, :1])
    return a + share * (b - a)


def _fill(inverse: np.ndarray, image: np.ndarray, width: int, height: int, both: bool) -> None:
    """Draw triangles (n, 3, 3), columns, rows and inverse depths, into ``inverse``; ``both``: seen
    from behind, too."""
    a, b, c = image.transpose(1, 0, 2)
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    low, high = image[..., :2].min(axis=1), image[..., :2].max(axis=1)
    # Rows and columns whose pixels' middles it may cover.
    top = np.clip(np.ceil(low[:, 1] - 0.5), 0, height)
    bottom = np.clip(np.ceil(high[:, 1] - 0.5), 0, height)
    beside = (high[:, 0] <= 0.5) | (low[:, 0] >= width - 0.5)
    faces = (area != 0) if both else (area < 0)
    used = np.flatnonzero(faces & (bottom > top) & ~beside)
    if not len(used):
        return
    a, b, c, area, top = a[used], b[used], c[used], area[used], top[used].astype(int)
    rows = bottom[used].astype(int) - top
    owner = np.repeat(np.arange(len(used)), rows)
    row = np.arange(len(owner)) - np.repeat(np.cumsum(rows) - rows, rows) + top[owner]
    left, right = np.full(len(owner), -np.inf), np.full(len(owner), np.inf)
    for p, q in ((a, b), (b, c), (c, a)):
        # Inside is where the turn from the edge to the pixel has the sign of the area.
        run = (q[:, 0] - p[:, 0])[owner]
        rise = (q[:, 1] - p[:, 1])[owner]
        down = row + 0.5 - p[owner, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = p[owner, 0] + run * down / rise
        starts = (rise * np.sign(area)[owner]) < 0
        left = np.where(starts, np.fmax(left, crossing), left)
        right = np.where(~starts & (rise != 0), np.fmin(right, crossing), right)
    first = np.clip(np.ceil(left - 0.5), 0, width).astype(int)
    length = np.clip(np.ceil(right - 0.5), 0, width).astype(int) - first
    some = np.flatnonzero(length > 0)
    slope = _slopes(a, b, c, area)
    for part in np.array_split(some, max(1, int(length[some].sum()) // _AT_ONCE)):
        counts, of = length[part], owner[part]
        span = np.repeat(np.arange(len(part)), counts)
        column = np.arange(len(span)) - np.repeat(np.cumsum(counts) - counts, counts)
        column += first[part][span]
        x, y = column + 0.5 - a[of, 0][span], (row[part] + 0.5 - a[of, 1])[span]
        value = a[of, 2][span] + slope[of, 0][span] * x + slope[of, 1][span] * y
        np.maximum.at(inverse, row[part][span] * width + column, value)


def _slopes(a: np.ndarray, b: np.ndarray, c: np.ndarray, area: np.ndarray) -> np.ndarray:
    """(n, 2) how the inverse depth grows per column and per row."""
    u, v = b - a, c - a
    across = u[:, 2] * v[:, 1] - v[:, 2] * u[:, 1]
    down = u[:, 0] * v[:, 2] - v[:, 0] * u[:, 2]
    return np.stack([across, down], axis=1) / area[:, None]
