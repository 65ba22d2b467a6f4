"""Texture coordinates of garments: cylinders around torso, arms and legs, in metres.

Charts are analytic, so any decimated version of a garment gets its own seams without smears.
"""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.template_fields import ARM, LEG, TORSO, TemplateFields
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.mesh.parts import PartLevel

CHART_RADIUS = {TORSO: 1.45, ARM: 0.55, LEG: 0.8}
"""Decimetres: how far one radian around each chart's axis is on the cloth."""

TORSO_HALF = (1.55, 1.1)
TORSO_CENTRE_Z = 0.05
"""The torso is unrolled as an ellipse, so that patterns are not squeezed on the flat back."""


def cylinder_level(
    fields: TemplateFields, mesh: ClippedMesh, faces: np.ndarray, *, limb: int
) -> PartLevel:
    """Give ``faces`` (m, 3), rows of ``mesh``, their uv and split vertices along seams.

    ``limb``: which limbs to unwrap around axes of their own (``ARM`` or ``LEG``, ``TORSO`` for
    none); all else is one tube around the body: skirts, heads, and tops down to their hems.
    u runs around the axis from the front, v along it, both in metres on the neutral body, so
    patterns keep their size on hems of any height.
    """
    points = mesh(fields.vertices)
    on_limb = mesh((fields.chart == limb).astype(np.float32)) > 0.5
    face_chart = np.where(on_limb[faces].any(1), limb, TORSO)
    side = np.where(points[faces][:, :, 0].mean(1) >= 0, 1, -1)
    vertices, uvs, out, total = [], [], [], 0
    for chart in (TORSO, limb) if limb != TORSO else (TORSO,):
        for sign in (1, -1) if chart != TORSO else (0,):
            chosen = face_chart == chart
            if sign:
                chosen &= side == sign
            if not chosen.any():
                continue
            angle, height = _around(fields, points, chart, "l" if sign >= 0 else "r")
            corners = faces[chosen]
            turns = angle[corners]
            turns += 2 * np.pi * np.round((turns[:, :1] - turns) / (2 * np.pi))
            uv = np.stack([turns * CHART_RADIUS[chart], height[corners]], -1) / 10.0
            keys = np.concatenate([corners.reshape(-1, 1), uv.reshape(-1, 2).round(4)], 1)
            unique, inverse = np.unique(keys, axis=0, return_inverse=True)
            vertices.append(unique[:, 0].astype(np.int64))
            uvs.append(unique[:, 1:])
            out.append(inverse.reshape(-1, 3) + total)
            total += len(unique)
    if not vertices:
        empty = np.zeros((0, 3), np.int64)
        return PartLevel(empty[:, 0], np.zeros((0, 2), np.float32), empty)
    return PartLevel(
        np.concatenate(vertices), np.concatenate(uvs).astype(np.float32), np.concatenate(out)
    )


def _around(
    fields: TemplateFields, points: np.ndarray, chart: int, side: str
) -> tuple[np.ndarray, np.ndarray]:
    if chart == TORSO:
        across, deep = TORSO_HALF
        angle = np.arctan2(points[:, 0] / across, (points[:, 2] - TORSO_CENTRE_Z) / deep)
        return angle, points[:, 1].copy()
    ends = {ARM: ("upperarm", "hand"), LEG: ("thigh", "foot")}[chart]
    start, stop = (fields.joint(f"{bone}_{side}") for bone in ends)
    axis = (stop - start) / np.linalg.norm(stop - start)
    relative = points - start
    along = relative @ axis
    radial = relative - along[:, None] * axis
    return angle_around(axis, radial), -along


def angle_around(axis: np.ndarray, radial: np.ndarray) -> np.ndarray:
    """Return the angles of (n, 3) directions around a unit axis, 0 in front."""
    forward = np.array([0.0, 0.0, 1.0]) - axis * axis[2]
    forward /= np.linalg.norm(forward)
    return np.arctan2(radial @ np.cross(axis, forward), radial @ forward)
