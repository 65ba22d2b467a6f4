"""Soles of shoes: a flat slab around the outline of each foot, in a colour of its own.

The outline is the convex hull of the foot seen from above on the neutral body; every point of
it is bound to the two template vertices it lies between, so it follows any foot.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from synth_workers.people.body.makehuman_data import strongest
from synth_workers.people.body.template_fields import TemplateFields
from synth_workers.people.mesh.parts import LEVELS, Part, PartLevel

THICKNESS = 0.24
RIM = 0.05
"""Decimetres: height of the slab, and how far it stands out from the shoe's upper."""

_POINTS = 28
_ANKLE = 0.75


@dataclass(frozen=True)
class SoleTemplate:
    """Outline points of both feet: between base vertices ``first`` and ``second`` (n,) at
    ``share`` (n,) of the way; ``outward`` (n, 2) x-z directions; weights of the skin there."""

    first: np.ndarray
    second: np.ndarray
    share: np.ndarray
    outward: np.ndarray
    bone_rows: np.ndarray
    bone_weights: np.ndarray


def sole_template(fields: TemplateFields, suit: np.ndarray) -> SoleTemplate:
    """Find the outline of both feet; ``suit`` are the triangles of the closed suit."""
    rows = np.unique(suit)
    floor = fields.vertices[rows, 1].min()
    foot = rows[(fields.vertices[rows, 1] < floor + _ANKLE) & (fields.leg[rows] > 1.8)]
    first, second, share, outward = [], [], [], []
    for sign in (1.0, -1.0):
        own = foot[fields.vertices[foot, 0] * sign > 0]
        flat = fields.vertices[own][:, [0, 2]].astype(np.float64)
        ring = own[ConvexHull(flat).vertices]
        line = fields.vertices[ring][:, [0, 2]].astype(np.float64)
        step = np.roll(line, -1, axis=0) - line
        length = np.hypot(*step.T)
        start = np.r_[0.0, np.cumsum(length)]
        at = (np.arange(_POINTS) + 0.5) / _POINTS * start[-1]
        edge = np.clip(np.searchsorted(start, at, side="right") - 1, 0, len(ring) - 1)
        t = (at - start[edge]) / length[edge]
        point = line[edge] + t[:, None] * step[edge]
        tangent = np.roll(point, -1, axis=0) - np.roll(point, 1, axis=0)
        normal = np.stack([tangent[:, 1], -tangent[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        if ((point - point.mean(0)) * normal).sum() < 0:
            normal = -normal
        first.append(ring[edge])
        second.append(np.roll(ring, -1)[edge])
        share.append(t)
        outward.append(normal)
    one, two, mix = np.concatenate(first), np.concatenate(second), np.concatenate(share)
    blended = (1 - mix)[:, None] * fields.weights[one] + mix[:, None] * fields.weights[two]
    bone_rows, bone_weights = strongest(blended)
    return SoleTemplate(
        one,
        two,
        mix.astype(np.float32),
        np.concatenate(outward).astype(np.float32),
        bone_rows,
        bone_weights,
    )


def sole_part(template: SoleTemplate, vertices: np.ndarray, upper_off: float) -> Part:
    """Return the slabs under both feet of a body (``vertices``: all of it, metres).

    ``upper_off``: dm that the upper stands off the foot. The slab stands on y = 0.
    """
    share = template.share[:, None]
    middle = (1 - share) * vertices[template.first] + share * vertices[template.second]
    outline = middle[:, [0, 2]] + template.outward * ((upper_off + RIM) / 10)
    height = THICKNESS / 10
    count = len(outline)
    rings = []
    for y, inset in ((height, 0.004), (height, 0.0), (0.003, 0.0), (0.0, 0.004)):
        ring = np.empty((count, 3), np.float32)
        ring[:, [0, 2]] = outline - template.outward * inset
        ring[:, 1] = y
        rings.append(ring)
    out = np.zeros((count, 3), np.float32)
    out[:, [0, 2]] = template.outward
    up = np.array([[0.0, 1.0, 0.0]], np.float32)
    normals = [np.repeat(up, count, 0), out, out, np.repeat(-up, count, 0)]
    levels = tuple(_level(count // 2, stride) for stride in (1, 1, 2, 4))
    assert len(levels) == LEVELS
    shade = np.repeat([0.8, 1.0, 0.85, 0.6], count)
    return Part(
        positions=np.concatenate(rings),
        normals=np.concatenate(normals),
        bones=np.tile(template.bone_rows, (4, 1)),
        weights=np.tile(template.bone_weights, (4, 1)),
        faces=levels[0].faces,
        levels=levels,
        shade=shade.astype(np.float32),
        specular=0.05,
        name="sole",
    )


def _level(per_foot: int, stride: int) -> PartLevel:
    """Return walls, lip and bottom of both feet over every ``stride``-th outline point."""
    faces = []
    for foot in range(2):
        ring = foot * per_foot + np.arange(0, per_foot, stride)
        following = np.roll(ring, -1)
        for upper in range(3):
            a, b = ring + upper * 2 * per_foot, following + upper * 2 * per_foot
            c, d = a + 2 * per_foot, b + 2 * per_foot
            faces += [np.stack([a, b, c], 1), np.stack([b, d, c], 1)]
        for level, turn in ((0, -1), (3, 1)):
            cap = ring + level * 2 * per_foot
            fan = np.stack([np.full(len(cap) - 2, cap[0]), cap[1:-1], cap[2:]], 1)
            faces.append(fan[:, ::turn])
    count = 8 * per_foot
    uv = np.zeros((count, 2), np.float32)
    return PartLevel(np.arange(count), uv, np.concatenate(faces))
