"""Simple things that move besides people: the cube that clients spawn for calibration."""

from __future__ import annotations

import numpy as np

from synth_workers.engine.crowd import Appearance
from synth_workers.engine.person_meshes import BONES, TILE
from synth_workers.people.person import CLIP_FRAMES, VERTEX, BuiltPerson, Clip, Lod

_HALF = 0.5


def box_vertices(
    low: tuple[float, float, float], high: tuple[float, float, float], tint: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """(24,) ``VERTEX`` and (12, 3) uint32 triangles of a box bound to bone 0, body frame."""
    vertices = np.zeros(24, VERTEX)
    bounds, corners = np.array([low, high]), np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    vertices["normal"][:, :3] = 128
    triangles = []
    for face, own in enumerate(vertices.reshape(6, 4)):
        axis, side = divmod(face, 2)
        across, along = (axis + 1) % 3, (axis + 2) % 3
        own["position"][:, axis] = bounds[side, axis]
        own["position"][:, across] = bounds[corners[:, 0], across]
        own["position"][:, along] = bounds[corners[:, 1], along]
        own["normal"][:, axis] = 255 if side else 1
        own["uv"] = corners
        a = face * 4
        order = (a, a + 1, a + 2), (a, a + 2, a + 3)
        triangles += [t if side else t[::-1] for t in order]
    vertices["tint"] = (*tint, 255)
    vertices["weights"][:, 0] = 255
    return vertices, np.array(triangles, np.uint32)


def still_clip() -> Clip:
    """A clip in which nothing moves."""
    bones = np.zeros((CLIP_FRAMES, BONES, 3, 4), np.float32)
    bones[..., 0, 0] = bones[..., 1, 1] = bones[..., 2, 2] = 1
    return Clip(bones, np.zeros(CLIP_FRAMES + 1, np.float32), 1.0)


def cube() -> Appearance:
    """A grey cube with one metre edges around its origin."""
    lod = Lod(*box_vertices((-_HALF, -_HALF, -_HALF), (_HALF, _HALF, _HALF), (190, 190, 190)))
    person = BuiltPerson(
        lods=(lod,) * 4,
        tiles=np.zeros((0, TILE, TILE, 3), np.uint8),
        clips={"idle": still_clip(), "walk": still_clip()},
        feet=np.zeros((2, 4), np.float32),
        foot_bones=(0, 0),
        joints=np.zeros((0, 4), np.float32),
        joint_bones=(),
        joint_names=(),
        stature=2 * _HALF,
        radius=_HALF * 2**0.5,
        reach=_HALF,
    )
    return Appearance("cube", person)
