"""Straps and stripes: ribbons along waypoints, pulled onto the surface of a body or garment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from synth_workers.people.body.fastening import skinned
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import Mesh, grid_faces
from synth_workers.people.spec import Colour

_ARM_BONES = ("upperarm", "lowerarm", "hand", "thumb", "index", "middle", "ring", "pinky")

_SAMPLES = 36
_NEIGHBOURS = 6


@dataclass(frozen=True)
class Surface:
    """What ribbons lie on: (n, 3) points and normals, (n, 4) bones and weights."""

    points: np.ndarray
    normals: np.ndarray
    bones: np.ndarray
    weights: np.ndarray


def torso_surface(body: FittedBody) -> Surface:
    """The trunk's skin, without the arms."""
    rows = torso_rows(body)
    return Surface(
        body.vertices[rows], body.normals[rows], body.bone_rows[rows], body.bone_weights[rows]
    )


def torso_rows(body: FittedBody) -> np.ndarray:
    """Rows of the suit's vertices that belong to the trunk, not to the arms."""
    rows = np.arange(TIGHTS.start, TIGHTS.stop)
    strongest = body.bone_rows[rows, body.bone_weights[rows].argmax(axis=1)]
    arms = [i for i, name in enumerate(body.bone_names) if name.startswith(_ARM_BONES)]
    return rows[~np.isin(strongest, arms)]


def ribbon(
    surface: Surface, waypoints: np.ndarray, width: float, clearance: float, colour: Colour,
    name: str,
) -> Part:  # fmt: skip
    """A strap ``width`` metres wide through (k, 3) waypoints, ``clearance`` off the surface.

    It has the skin of what it lies on and moves with it.
    """
    points, normals = surface.points, surface.normals
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(waypoints, axis=0), axis=1))])
    wanted = scipy.interpolate.CubicSpline(steps, waypoints)(np.linspace(0, steps[-1], _SAMPLES))
    distance, near = map(np.asarray, scipy.spatial.KDTree(points).query(wanted, k=_NEIGHBOURS))
    share = 1.0 / (distance + 0.01) ** 2
    share = (share / share.sum(axis=1, keepdims=True))[..., None]
    outward = (normals[near] * share).sum(axis=1)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    # Height of the clothes' surface over each wanted point, along the outward direction.
    height = ((points[near] - wanted[:, None]) * outward[:, None]).sum(-1, keepdims=True)
    centre = _smoothed(wanted + outward * ((height * share).sum(axis=1) + clearance))
    along = np.gradient(centre, axis=0)
    across = np.cross(along, outward)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    offsets = np.array([-0.5, 0.0, 0.5]) * width
    lift = np.array([-0.003, 0.0, -0.003])
    grid = (
        centre[:, None]
        + across[:, None] * offsets[None, :, None]
        + outward[:, None] * lift[None, :, None]
    )
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(centre, axis=0), axis=1))])
    uv = np.stack(np.broadcast_arrays(offsets[None], length[:, None]), axis=-1)
    faces = grid_faces(_SAMPLES, 3)
    mesh = Mesh(grid.reshape(-1, 3).astype(np.float32), faces, uv.reshape(-1, 2).astype(np.float32))
    if (mesh.normals.reshape(_SAMPLES, 3, 3)[:, 1] * outward).sum() < 0:
        mesh = Mesh(mesh.positions, faces[:, [0, 2, 1]], mesh.uv)
    nearest = near[:, 0].astype(int)
    bones = np.repeat(surface.bones[nearest], 3, axis=0).astype(np.uint8)
    weights = np.repeat(surface.weights[nearest], 3, axis=0).astype(np.float32)
    return skinned(mesh, bones, weights, colour, name)


def _smoothed(path: np.ndarray) -> np.ndarray:
    """A moving average that keeps the ends."""
    padded = np.concatenate([path[:1], path[:1], path, path[-1:], path[-1:]])
    weights = np.array([1, 2, 3, 2, 1]) / 9
    return sum(weight * padded[i : i + len(path)] for i, weight in enumerate(weights))  # type: ignore[return-value]


def shoulder_strap(
    body: FittedBody, side: float, bag_top: np.ndarray, bag_bottom: np.ndarray
) -> np.ndarray:
    """Waypoints from a pack's top over one shoulder, down the chest and under the arm.

    ``side``: 1 left, -1 right. ``bag_top``, ``bag_bottom``: where the strap meets the pack,
    for the left side.
    """
    shoulder = body.joint("upperarm_l" if side > 0 else "upperarm_r").astype(np.float64)
    neck = body.joint("neck_01").astype(np.float64)
    points = body.vertices[torso_rows(body)]

    def front(x: float, y: float) -> np.ndarray:
        close = points[(np.abs(points[:, 1] - y) < 0.05) & (np.abs(points[:, 0] - x) < 0.04)]
        return np.array([x, y, close[:, 2].max() if len(close) else 0.1])

    out = 0.5 * abs(float(shoulder[0]))
    top = points[np.abs(points[:, 0] - side * out) < 0.03][:, 1].max()
    chest = float(neck[1]) - 0.14
    waist = float(bag_bottom[1]) + 0.03
    flank = points[np.abs(points[:, 1] - waist) < 0.04][:, 0].max()
    mirror = np.array([side, 1.0, 1.0])
    return np.array(
        [
            bag_top * mirror,
            [side * out, top, float(neck[2]) - 0.02],
            front(side * out * 1.05, chest),
            front(side * out * 1.35, 0.5 * (chest + waist)),
            [side * flank, waist, 0.0],
            bag_bottom * mirror,
        ]
    )


def outer_line(surface: Surface, side: float, samples: int = 14) -> np.ndarray:
    """Points down the outermost line of one leg, from the waist to the cuff.

    ``side``: 1 left, -1 right.
    """
    own = surface.points[surface.points[:, 0] * side > 0]
    top, bottom = own[:, 1].max() - 0.01, own[:, 1].min() + 0.008
    line = []
    for height in np.linspace(top, bottom, samples):
        band = own[np.abs(own[:, 1] - height) < 0.035]
        if len(band):
            outermost = band[np.argsort(band[:, 0] * side)[-3:]]
            line.append([outermost[:, 0].mean(), height, outermost[:, 2].mean()])
    return np.array(line)
