"""Scalar fields on the neutral body that say where every vertex is along arms, legs and torso.

Garments are cut where such a field crosses a value, so hems are straight at any length and a
cut fits every body.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from synth_workers.people.body.bodies import NEUTRAL, BodyData
from synth_workers.people.body.fitted_body import BODY_VERTICES, TIGHTS
from synth_workers.people.mesh.surfaces import vertex_normals

FINGERS = ("hand", "thumb", "index", "middle", "ring", "pinky")
ARM_BONES = ("upperarm", "lowerarm", *FINGERS)
LEG_BONES = ("thigh", "calf", "foot", "ball")

TORSO, ARM, LEG = 0, 1, 2

HAIRLINE_DEPTHS = (0.0, 0.25, 0.45, 0.6, 0.75, 0.9, 1.0)
"""``head_depth`` at which a hairline says how high on the head hair begins."""

NEUTRAL_HEIGHT = 0.5
_MEMBER = 0.02
_CROTCH_BELOW_HIP = 0.75
_NECK_BASE_BELOW_JOINT = 0.15
_VOXEL = 0.15


@dataclass(frozen=True)
class TemplateFields:
    """Fields over all 19158 vertices of the neutral body (decimetres, y up, z forward).

    ``vertices`` (n, 3), ``normals`` (n, 3); ``arm``: 0 shoulder, 1 elbow, 2 wrist, -1 off the
    arm; ``leg``: 0 hip, 1 knee, 2 ankle, more on the foot, -1 off the leg; ``torso``: 0 crotch,
    1 base of the neck; ``arm_share``, ``leg_share``, ``head_share``: skin weight of those
    bones; ``chart``: 0 torso, 1 arm, 2 leg; ``head_height``, ``head_depth``: 0..1 over the
    skull's box, upwards and forwards; ``openness``: 1 where the sky is free, less in armpit,
    crotch and under the chin; ``weights`` (n, 53) skin weights; ``joints`` (53, 3).
    """

    vertices: np.ndarray
    normals: np.ndarray
    arm: np.ndarray
    leg: np.ndarray
    torso: np.ndarray
    arm_share: np.ndarray
    leg_share: np.ndarray
    head_share: np.ndarray
    chart: np.ndarray
    head_height: np.ndarray
    head_depth: np.ndarray
    openness: np.ndarray
    weights: np.ndarray
    joints: np.ndarray
    bone_names: tuple[str, ...]
    crotch_y: float
    neck_y: float

    def joint(self, name: str) -> np.ndarray:
        """Return a bone's head (3,) on the neutral body."""
        return self.joints[self.bone_names.index(name)]

    def torso_y(self, torso: float) -> float:
        """Return the height in dm of a value of the ``torso`` field."""
        return self.crotch_y + torso * (self.neck_y - self.crotch_y)

    def leg_y(self, leg: float) -> float:
        """Return the height in dm of a value of the ``leg`` field (for skirts)."""
        ys = [self.joint(name)[1] for name in ("thigh_l", "calf_l", "foot_l")]
        return float(np.interp(leg, (0.0, 1.0, 2.0), ys))


def build_fields(data: BodyData) -> TemplateFields:
    """Compute the fields on the neutral body; about a second, so the catalogue keeps them.

    Membership of arm and leg follows the skin weights, so no vertex list is written by hand.
    """
    vertices = data.shape(NEUTRAL, NEUTRAL_HEIGHT)
    joints, _ = data.joints(vertices)
    names = data.bone_names
    weights = np.zeros((len(vertices), len(names)), np.float32)
    np.put_along_axis(weights, data.bone_rows.astype(np.int64), data.bone_weights, 1)

    def share(prefixes: tuple[str, ...], side: str = "") -> np.ndarray:
        chosen = [b.startswith(prefixes) and b.endswith(side) for b in names]
        return weights[:, chosen].sum(1)

    def joint(name: str) -> np.ndarray:
        return joints[names.index(name)]

    arm = np.full(len(vertices), -1.0)
    leg = np.full(len(vertices), -1.0)
    for side, sign in (("_l", 1.0), ("_r", -1.0)):
        own_side = np.sign(vertices[:, 0]) == sign
        member = (share(ARM_BONES, side) > 0) & own_side
        line = np.array([joint(b + side) for b in ("upperarm", "lowerarm", "hand")])
        belongs = np.clip(share(ARM_BONES, side)[member] / 0.5, 0, 1)
        arm[member] = belongs * along_polyline(line, vertices[member]) - (1 - belongs)
        member = (share(LEG_BONES, side) > _MEMBER) & own_side
        line = np.array([joint(b + side) for b in ("thigh", "calf", "foot")])
        leg[member] = along_polyline(line, vertices[member])

    crotch = float(joint("thigh_l")[1] - _CROTCH_BELOW_HIP)
    neck = float(joint("neck_01")[1] - _NECK_BASE_BELOW_JOINT)
    head_share = weights[:, names.index("head")]
    skull = vertices[:BODY_VERTICES][head_share[:BODY_VERTICES] > 0.9]
    low, high = skull.min(0), skull.max(0)
    arm_share = share(ARM_BONES)
    below = vertices[:, 1] < crotch
    triangles = np.concatenate(
        [data.triangles(group) for group in ("body", "helper-tights", "helper-skirt")]
    )
    normals = vertex_normals(vertices, triangles)
    posed, posed_normals = _lower_arms(vertices, normals, arm_share, joint)
    openness = _openness(posed, posed_normals, data.triangles("body"))
    return TemplateFields(
        vertices=vertices,
        normals=normals,
        arm=arm.astype(np.float32),
        leg=leg.astype(np.float32),
        torso=((vertices[:, 1] - crotch) / (neck - crotch)).astype(np.float32),
        arm_share=arm_share,
        leg_share=share(LEG_BONES),
        head_share=head_share,
        chart=np.where(arm_share > 0.5, ARM, np.where(below, LEG, TORSO)).astype(np.float32),
        head_height=((vertices[:, 1] - low[1]) / (high[1] - low[1])).astype(np.float32),
        head_depth=((vertices[:, 2] - low[2]) / (high[2] - low[2])).astype(np.float32),
        openness=openness,
        weights=weights,
        joints=joints.astype(np.float32),
        bone_names=names,
        crotch_y=crotch,
        neck_y=neck,
    )


def along_polyline(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return where points project on a polyline: i + share of segment i, extended at its ends."""
    last = len(line) - 2
    distances, values = [], []
    for i in range(last + 1):
        start, step = line[i], line[i + 1] - line[i]
        t = (points - start) @ step / (step @ step)
        t = np.clip(t, 0.0 if i else -3.0, 1.0 if i < last else 4.0)
        distances.append(np.linalg.norm(points - start - t[:, None] * step, axis=1))
        values.append(i + t)
    nearest = np.argmin(distances, axis=0)
    return np.take_along_axis(np.array(values), nearest[None], 0)[0]


def _lower_arms(
    vertices: np.ndarray,
    normals: np.ndarray,
    arm_share: np.ndarray,
    joint: Callable[[str], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the arms down to the sides as people carry them, for occlusion only."""
    posed, turned = vertices.copy(), normals.copy()
    for side, sign in (("_l", 1.0), ("_r", -1.0)):
        shoulder, hand = joint("upperarm" + side), joint("hand" + side)
        spread = np.arctan2(abs(hand[0] - shoulder[0]), shoulder[1] - hand[1])
        angle = -sign * max(0.0, float(spread) - np.radians(12.0))
        rows = np.flatnonzero((arm_share > 0.01) & (np.sign(vertices[:, 0]) == sign))
        angles = angle * np.clip(arm_share[rows], 0.0, 1.0)
        cos, sin = np.cos(angles), np.sin(angles)
        for array, centre in ((posed, shoulder), (turned, np.zeros(3))):
            x, y = (array[rows, :2] - centre[:2]).T
            array[rows, 0] = centre[0] + cos * x - sin * y
            array[rows, 1] = centre[1] + sin * x + cos * y
    return posed, turned


def _openness(vertices: np.ndarray, normals: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Estimate ambient light from how full of body the space above each vertex is.

    The body is voxelised and blurred at two widths; the usual density is the reference.
    """
    corners = vertices[triangles]
    mixes = np.array(
        [[1, 1, 1], [4, 1, 1], [1, 4, 1], [1, 1, 4], [2, 2, 1], [2, 1, 2], [1, 2, 2]], float
    )
    mixes /= mixes.sum(1, keepdims=True)
    samples = np.einsum("sk,tkd->tsd", mixes, corners).reshape(-1, 3)
    low = samples.min(0) - 3.0
    size = np.ceil((samples.max(0) + 3.0 - low) / _VOXEL).astype(int) + 1
    full = np.zeros(size, bool)
    full[tuple(((samples - low) / _VOXEL).round().astype(int).T)] = True
    closed = ndimage.binary_closing(full, iterations=2)
    full = np.asarray(ndimage.binary_fill_holes(closed))
    result = np.ones(len(vertices))
    for radius in (0.4, 1.0):
        density = ndimage.gaussian_filter(full.astype(np.float32), radius / _VOXEL)
        at = (vertices + 0.8 * radius * normals - low) / _VOXEL
        here = ndimage.map_coordinates(density, at.T, order=1, mode="nearest")
        usual = np.median(here[TIGHTS])
        result *= 1.0 - 1.4 * np.clip(here - usual - 0.02, 0.0, 0.4)
    return np.clip(result, 0.25, 1.0).astype(np.float32)
