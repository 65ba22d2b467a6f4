"""A person as every export format needs them: one skinned mesh, one texture, a skeleton, clips."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.rig import Rig
from synth_workers.people.export.bake import bake, wanted_detail
from synth_workers.people.export.skeleton import (
    Animation,
    Skeleton,
    animation_of,
    clips_of,
    skeleton_of,
)
from synth_workers.people.export.unwrap import unwrap
from synth_workers.people.person import BuiltPerson, Clip
from synth_workers.people.spec import PersonSpec

TEXTURE_SIZE = 1024


@dataclass(frozen=True)
class Mesh:
    """A skinned, textured triangle mesh in rest pose, metres, body frame.

    ``positions``, ``normals``: (n, 3) float32. ``uv``: (n, 2) float32 in 0..1, v downwards.
    ``joints``, ``weights``: (n, 4) uint8; weights sum to 255, unused slots are 0, 0.
    ``faces``: (m, 3) uint32, counter-clockwise from outside; both sides are to be drawn.
    """

    positions: np.ndarray
    normals: np.ndarray
    uv: np.ndarray
    joints: np.ndarray
    weights: np.ndarray
    faces: np.ndarray


@dataclass(frozen=True)
class ExportedPerson:
    """One person, ready to be written.

    ``texture``: (size, size, 3) uint8 sRGB. ``animations``: by name (``walk_normal``, ...,
    ``idle_sway``); ``own``: which of them are the person's ``walk`` and ``idle``.
    """

    spec: PersonSpec
    stature: float
    mesh: Mesh
    texture: np.ndarray
    skeleton: Skeleton
    animations: dict[str, Animation]
    own: dict[str, str]


def export_model(
    spec: PersonSpec,
    builder: PersonBuilder,
    *,
    level: int = 0,
    texture_size: int = TEXTURE_SIZE,
    root_motion: bool = False,
    frames_per_second: int | None = None,
) -> ExportedPerson:
    """Build a person for other programs.

    ``level``: 0 (finest) to 3. ``root_motion``: walks move the root bone instead of walking on
    the spot. ``frames_per_second``: let every cycle last a whole number of frames (a per cent
    faster or slower than the engine's), for formats that store frames.
    """
    person = builder.build(spec)
    rig = Rig.from_body(builder.body(spec))
    skeleton = skeleton_of(rig)
    clips = clips_of(spec.gait, rig)
    if frames_per_second is not None:
        clips = {name: _in_frames(clip, frames_per_second) for name, clip in clips.items()}
    mesh, texture = _surface(person, level, texture_size, rig)
    return ExportedPerson(
        spec=spec,
        stature=person.stature,
        mesh=mesh,
        texture=texture,
        skeleton=skeleton,
        animations={
            name: animation_of(clip, skeleton, root_motion=root_motion and name.startswith("walk"))
            for name, clip in clips.items()
        },
        own={"walk": f"walk_{spec.gait.walk}", "idle": f"idle_{spec.gait.idle}"},
    )


def _in_frames(clip: Clip, frames_per_second: int) -> Clip:
    frames = max(round(clip.seconds * frames_per_second), 1)
    return replace(clip, seconds=frames / frames_per_second)


def _surface(
    person: BuiltPerson, level: int, texture_size: int, rig: Rig
) -> tuple[Mesh, np.ndarray]:
    vertices = person.lods[level].vertices
    faces = person.lods[level].indices.astype(np.int64)
    positions = vertices["position"].astype(np.float64)
    corners = positions[faces]
    area = np.linalg.norm(
        np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
    )
    faces = faces[area > 0]
    on_head = (vertices["bones"] == rig.bone("head")) & (vertices["weights"] > 0)
    detail = wanted_detail(vertices, faces, person.tiles, on_head.any(1))
    flat = unwrap(positions, faces, detail, texture_size)
    texture = bake(vertices, faces, person.tiles, flat.fragments)
    chosen = vertices[flat.rows]
    normals = chosen["normal"][:, :3].astype(np.float32) - 128.0
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-6, normals / np.maximum(length, 1e-6), (0.0, 1.0, 0.0))
    joints, weights = _influences(chosen["bones"], chosen["weights"])
    mesh = Mesh(
        positions=np.ascontiguousarray(chosen["position"]),
        normals=normals.astype(np.float32),
        uv=flat.uv,
        joints=joints,
        weights=weights,
        faces=_outward(positions[faces], normals[flat.faces], flat.faces).astype(np.uint32),
    )
    return mesh, texture


def _outward(corners: np.ndarray, normals: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Wind every triangle as its normals say: strict renderers draw those at odds black."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    against = np.einsum("fi,fci->f", np.cross(b - a, c - a), normals) < 0
    return np.where(against[:, None], faces[:, [0, 2, 1]], faces)


def _influences(joints: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Strongest first, each joint once, unused slots 0, 0."""
    joints, weights = joints.astype(np.int64), weights.astype(np.int64)
    for slot in range(1, 4):
        for earlier in range(slot):
            same = (joints[:, slot] == joints[:, earlier]) & (weights[:, slot] > 0)
            weights[same, earlier] += weights[same, slot]
            weights[same, slot] = 0
    order = np.argsort(-weights, axis=1, kind="stable")
    joints = np.take_along_axis(joints, order, 1)
    weights = np.take_along_axis(weights, order, 1)
    return np.where(weights > 0, joints, 0).astype(np.uint8), weights.astype(np.uint8)
