"""How much of the sky each vertex of a static scene sees: baked once, then a byte per vertex.

The scene is drawn as depth maps from a few dozen directions of the upper hemisphere; a vertex
counts a direction when nothing that occludes lies in front of it.
"""

from __future__ import annotations

from collections.abc import Callable

import moderngl
import numpy as np

from synth_workers.cache_folder import cache_root, keep_array, kept_array
from synth_workers.engine.view import gl_bytes, look_at, orthographic
from synth_workers.scenes.geometry import SceneGeometry

BAKE_VERSION = 1
DIRECTIONS = 40
_RESOLUTION = 1024
_LIFT = 0.06  # metres along the normal, against self-occlusion
_DEPTH_SLACK = 0.0008
_UNSEEN = 0.35
_FLOOR = 0.30


def sky_directions(count: int) -> np.ndarray:
    """(count, 3) unit vectors spread evenly over the upper hemisphere, none below 5 degrees."""
    steps = np.arange(count)
    height = 0.08 + 0.92 * (steps + 0.5) / count
    angle = steps * 2.39996  # the golden angle
    flat = np.sqrt(1 - height**2)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), height], axis=1)


def bake(
    context: moderngl.Context, geometry: SceneGeometry, draw_casters: Callable[[bytes], None]
) -> np.ndarray:
    """(vertices of all cells in order,) uint8 occlusion, 255 = open sky.

    ``draw_casters`` draws what occludes, depth only, seen through a matrix of ``gl_bytes``.
    """
    vertices = np.concatenate([cell.vertices for cell in geometry.cells])
    positions = vertices["position"].astype(float)
    normals = (vertices["normal"][:, :3].astype(float) - 128) / 127
    depth = context.depth_texture((_RESOLUTION, _RESOLUTION))
    target = context.framebuffer(depth_attachment=depth)
    centre = (positions.min(axis=0) + positions.max(axis=0)) / 2
    lifted = np.hstack([positions + normals * _LIFT, np.ones((len(positions), 1))])
    seen = np.zeros(len(positions))
    weights = np.zeros(len(positions))
    for direction in sky_directions(DIRECTIONS):
        view = look_at(centre + direction * 100, centre, (0, 1, 0.01))
        local = positions @ view[:3, :3].T + view[:3, 3]
        low, high = local.min(axis=0), local.max(axis=0)
        matrix = orthographic(low[0], high[0], low[1], high[1], -high[2] - 1, -low[2] + 1) @ view
        target.use()
        target.clear(depth=1.0)
        draw_casters(gl_bytes(matrix))
        nearest = np.frombuffer(depth.read(alignment=1), "f4").reshape(_RESOLUTION, _RESOLUTION)
        place = (lifted @ matrix.T)[:, :3] * 0.5 + 0.5
        column, row = np.clip((place[:, :2] * _RESOLUTION).astype(int), 0, _RESOLUTION - 1).T
        weight = np.maximum(normals @ direction, 0)
        seen += weight * (place[:, 2] <= nearest[row, column] + _DEPTH_SLACK)
        weights += weight
    share = np.where(weights > 0.3, seen / np.maximum(weights, 1e-6), _UNSEEN)
    return np.clip((_FLOOR + (1 - _FLOOR) * share) * 255, 0, 255).astype(np.uint8)


def load_or_bake(
    context: moderngl.Context, geometry: SceneGeometry, draw_casters: Callable[[bytes], None]
) -> np.ndarray:
    """The baked bytes of ``geometry``, from the cache when its digest is known there."""
    if not geometry.digest:
        return bake(context, geometry, draw_casters)
    count = sum(len(cell.vertices) for cell in geometry.cells)
    path = cache_root() / "ambient_occlusion" / f"{geometry.digest}-v{BAKE_VERSION}.npy"
    found = kept_array(path)
    if found is None or found.shape != (count,) or found.dtype != np.uint8:
        found = bake(context, geometry, draw_casters)
        keep_array(path, found)
    return found
