"""How much of the sky each vertex of a static scene sees: baked once, then a byte per vertex.

The scene is drawn as depth maps from a few dozen directions of the upper hemisphere; a vertex
counts a direction when nothing that occludes lies in front of it.
"""

from __future__ import annotations

from collections.abc import Callable

import moderngl
import numpy as np

from synth_workers.engine.view import gl_bytes, look_at, orthographic
from synth_workers.scenes.geometry import SceneGeometry, SkyBake
from synth_workers.scenes.kept import keep_arrays, kept_arrays, scene_folder

BAKE_VERSION = 1

_BAKES: dict[SkyBake, tuple[int, int, type[np.floating]]] = {
    "fine": (40, 1024, np.float64),
    "quick": (28, 512, np.float32),
}
"""From how many directions, the side of the depth maps in texels, and the type it is counted in."""

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
    directions, resolution, kind = _BAKES[geometry.sky_bake]
    vertices = np.concatenate([cell.vertices for cell in geometry.cells])
    # One row per coordinate: sums over vertices then run along memory.
    positions = np.ascontiguousarray(vertices["position"].T, kind)
    normals = (vertices["normal"][:, :3].T.astype(kind) - 128) / 127
    depth = context.depth_texture((resolution, resolution))
    target = context.framebuffer(depth_attachment=depth)
    centre = (positions.min(axis=1) + positions.max(axis=1)) / 2
    lifted = np.vstack([positions + normals * _LIFT, np.ones(positions.shape[1], kind)])
    seen = np.zeros(positions.shape[1], kind)
    weights = np.zeros(positions.shape[1], kind)
    for direction in sky_directions(directions):
        view = look_at(centre + direction * 100, centre, (0, 1, 0.01))
        local = view[:3, :3].astype(kind) @ positions
        low, high = local.min(axis=1) + view[:3, 3], local.max(axis=1) + view[:3, 3]
        matrix = orthographic(low[0], high[0], low[1], high[1], -high[2] - 1, -low[2] + 1) @ view
        target.use()
        target.clear(depth=1.0)
        draw_casters(gl_bytes(matrix))
        nearest = np.frombuffer(depth.read(alignment=1), "f4").reshape(resolution, resolution)
        facing = direction.astype(kind) @ normals
        lit = np.flatnonzero(facing > 0)
        place = (matrix[:3].astype(kind) @ lifted[:, lit]) * 0.5 + 0.5
        column, row = np.clip((place[:2] * resolution).astype(int), 0, resolution - 1)
        open_ = place[2] <= nearest[row, column] + _DEPTH_SLACK
        weight = facing[lit]
        seen[lit] += weight * open_
        weights[lit] += weight
    share = np.where(weights > 0.3, seen / np.maximum(weights, 1e-6), _UNSEEN)
    return np.clip((_FLOOR + (1 - _FLOOR) * share) * 255, 0, 255).astype(np.uint8)


def load_or_bake(
    context: moderngl.Context, geometry: SceneGeometry, draw_casters: Callable[[bytes], None]
) -> np.ndarray:
    """The baked bytes of ``geometry``, from the cache when its digest is known there."""
    if not geometry.digest:
        return bake(context, geometry, draw_casters)
    count = sum(len(cell.vertices) for cell in geometry.cells)
    path = scene_folder() / "sky" / f"{geometry.digest}-v{BAKE_VERSION}-{geometry.sky_bake}.npz"
    kept = kept_arrays(path)
    if kept is not None and kept["seen"].shape == (count,):
        return kept["seen"]
    baked = bake(context, geometry, draw_casters)
    keep_arrays(path, {"seen": baked})
    return baked
