"""How far cloth stands off the body: fitted at the shoulder and hip, hanging below.

A constant distance along the normal looks inflated. Cloth hangs: below the chest, the seat or
the biceps its distance from the limb's axis falls off slowly instead of following the skin.
Lengths are decimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

from synth_workers.people.body.template_fields import ARM, LEG, TORSO, TemplateFields
from synth_workers.people.clothes.uv import angle_around
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.spec import CutKind, GarmentCut

_STEP = 0.35
_SIDE_STEP = 0.5
_REACH = 0.9
_STEPS = {TORSO: 18, ARM: 16, LEG: 28}
_AXES = {
    TORSO: ("pelvis", "neck_01"),
    ARM: ("upperarm", "lowerarm", "hand"),
    LEG: ("thigh", "calf", "foot"),
}
_TORSO_FORWARD = 0.35
_SPANNED = ((0.05, 0.12, 0.3), (2, 12, 24))
"""Stand-off and looseness (dm), and the rounds of smoothing that span hollows."""

_FREE = ((0.1, 0.26, 0.4), (0.2, 0.8, 1.0))
_HANG = {
    TORSO: (((0.05, 0.2, 0.4), (0.4, 0.22, 0.1)), _FREE),
    ARM: (((0.05, 0.2, 0.4), (0.12, 0.06, 0.03)), _FREE),
    LEG: (((0.02, 0.07, 0.22, 0.5), (0.5, 0.1, 0.065, 0.015)), ((0.05, 0.1, 0.2), (0.0, 0.5, 1.0))),
}
"""Slope per dm by looseness, and strength 0..1 of hanging by distance from the skin (dm)."""

_KNEE_ROOM = 0.22
_OVER_SHOE = 0.3
"""Decimetres that a full-length trouser leg falls below the ankle."""


@dataclass(frozen=True)
class HangingRegion:
    """Vertices of a garment that hang around one axis.

    ``rows`` (k,) of the garment; ``bones`` of the axis; ``chart``. ``above`` (k, k) averages
    the vertices one step up the cloth (itself at the top), ``beside`` (k, k) those one step to
    the left and right, as a straight chord between them. ``amount`` (k,) 0..1: how freely the
    place may hang. ``along`` (k,) 0..2: position on arm or leg (0 on the torso).
    """

    rows: np.ndarray
    bones: tuple[str, ...]
    chart: int
    above: csr_matrix
    beside: csr_matrix
    amount: np.ndarray
    along: np.ndarray


def hanging_regions(
    fields: TemplateFields, mesh: ClippedMesh, kind: CutKind
) -> tuple[HangingRegion, ...]:
    """Find where a garment of this outline hangs, on the neutral body."""
    if kind is CutKind.top:
        arm, torso, share = mesh(fields.arm), mesh(fields.torso), mesh(fields.arm_share)
        body = np.clip((0.88 - torso) / 0.18, 0, 1) * np.clip(1 - 2 * share, 0, 1)
        sleeve = np.clip((arm - 0.5) / 0.5, 0, 1) * np.clip(2 * share - 1, 0, 1)
        places = [
            (TORSO, "", body, np.zeros_like(arm)),
            (ARM, "_l", sleeve, arm),
            (ARM, "_r", sleeve, arm),
        ]
    elif kind is CutKind.bottom:
        leg = mesh(fields.leg)
        free = np.clip((leg - 0.08) / 0.3, 0, 1)
        places = [(LEG, side, free, leg) for side in ("_l", "_r")]
    else:
        return ()
    regions = (_region(fields, mesh, *place) for place in places)
    return tuple(region for region in regions if region is not None)


def _region(
    fields: TemplateFields,
    mesh: ClippedMesh,
    chart: int,
    side: str,
    amount: np.ndarray,
    along: np.ndarray,
) -> HangingRegion | None:
    points = mesh(fields.vertices)
    sign = {"": 0.0, "_l": 1.0, "_r": -1.0}[side]
    chosen = amount > 0
    if sign:
        chosen &= points[:, 0] * sign > -1e-6
    rows = np.flatnonzero(chosen)
    if len(rows) < 8:
        return None
    bones = tuple(bone + side for bone in _AXES[chart])
    axis = _axis_points([fields.joint(b) for b in bones], chart, points[rows])
    radial = points[rows] - axis
    direction = fields.joint(bones[-1]) - fields.joint(bones[0])
    if chart == TORSO:
        direction = -direction
    direction = direction / np.linalg.norm(direction)
    height = -(points[rows] @ direction)
    angle = angle_around(direction, radial)
    radius = float(np.median(np.linalg.norm(radial, axis=1)))
    turn = _SIDE_STEP / radius
    return HangingRegion(
        rows=rows,
        bones=bones,
        chart=chart,
        above=_average_at(angle, height, radius, (0.0,), _STEP),
        beside=_average_at(angle, height, radius, (-turn, turn), 0.0) * np.float32(np.cos(turn)),
        amount=amount[rows].astype(np.float32),
        along=np.clip(along[rows], 0, 2).astype(np.float32),
    )


def _average_at(
    angle: np.ndarray, height: np.ndarray, radius: float, turns: Sequence[float], up: float
) -> csr_matrix:
    """Return the matrix that averages what lies at each place turned and lifted.

    Where there is nothing (above the top), a vertex stands for itself.
    """

    def unrolled(turn: float, lift: float) -> np.ndarray:
        turned = angle + turn
        return np.stack([np.cos(turned) * radius, np.sin(turned) * radius, height + lift], 1)

    count, tree = len(angle), KDTree(unrolled(0.0, 0.0))
    entries, columns = [], []
    for turn in turns:
        distance, nearest = tree.query(unrolled(turn, up), k=3)
        share = 1.0 / (np.asarray(distance) + 0.02) ** 2
        columns_here = np.array(nearest)
        missing = np.asarray(distance)[:, 0] > _REACH * _STEP
        columns_here[missing] = np.flatnonzero(missing)[:, None]
        entries.append(share / share.sum(1, keepdims=True) / len(turns))
        columns.append(columns_here)
    data = np.concatenate([entry.ravel() for entry in entries]).astype(np.float32)
    rows = np.tile(np.repeat(np.arange(count), 3), len(turns))
    where = np.concatenate([column.ravel() for column in columns])
    return csr_matrix((data, (rows, where)), shape=(count, count))


def _axis_points(line: Sequence[np.ndarray], chart: int, points: np.ndarray) -> np.ndarray:
    """Return the foot (k, 3) of each point on the axis polyline, its ends extended."""
    joints = np.array(line, np.float32)
    if chart == TORSO:
        joints = joints + np.array([0, 0, _TORSO_FORWARD], np.float32)
    feet, gaps = [], []
    for i in range(len(joints) - 1):
        start, step = joints[i], joints[i + 1] - joints[i]
        t = (points - start) @ step / (step @ step)
        t = np.clip(t, 0.0 if i else -9.0, 1.0 if i < len(joints) - 2 else 9.0)
        feet.append(start + t[:, None] * step)
        gaps.append(((points - feet[-1]) ** 2).sum(1))
    return np.array(feet)[np.argmin(gaps, axis=0), np.arange(len(points))]


def stand_off(fields: TemplateFields, mesh: ClippedMesh, cut: GarmentCut) -> np.ndarray:
    """Return the distance along the normal (n,) of a cut before it hangs."""
    count = len(mesh.rows)
    off = np.full(count, cut.off)
    if cut.kind is CutKind.top:
        arm, torso = mesh(fields.arm), mesh(fields.torso)
        on_arm = mesh(fields.arm_share) > 0.5
        body = np.clip((0.9 - torso) / 0.5, 0, 1)
        sleeve = np.clip((arm - 0.25) / 0.6, 0, 1)
        off += 0.45 * cut.loose * np.where(on_arm, sleeve, body)
        off += cut.flare * np.clip((0.35 - torso) / 0.6, 0, 1) * ~on_arm
        # Cloth rests on the shoulders, however loose it is elsewhere.
        on_shoulder = np.where(
            on_arm, np.clip(1 - arm / 0.5, 0, 1), np.clip((torso - 0.7) / 0.25, 0, 1)
        )
        off *= 1.0 - 0.45 * on_shoulder
    elif cut.kind is CutKind.bottom:
        leg = mesh(fields.leg)
        off += 0.25 * cut.loose * np.clip((leg - 0.15) / 0.5, 0, 1)
        off += cut.flare * np.clip(leg - 0.9, 0, 1.1)
    elif cut.kind is CutKind.shoe:
        leg = mesh(fields.leg)
        off += 0.06 * np.clip(leg - 2.0, 0, 1)
        off *= 0.35 + 0.65 * np.clip((leg - cut.top) / 0.15, 0, 1)
    elif cut.kind is CutKind.skirt:
        x, y, z = mesh(fields.vertices).T
        below = np.clip((fields.crotch_y + 1.5 - y) / 4.0, 0, 2)
        narrow = np.abs(np.sin(np.arctan2(x, z))) ** 2 if cut.flare < 0 else 1.0
        off += cut.flare * below * narrow
        # Room for the knees in a stride.
        off += _KNEE_ROOM * np.clip(below, 0, 1) * np.cos(np.arctan2(x, z)) ** 2
        folds = np.cos(9 * np.arctan2(x, z) + 0.7 * np.sin(3 * np.arctan2(x, z)))
        off += 0.16 * np.clip(cut.flare + 0.05, 0, 0.4) * below * folds
    return off.astype(np.float32)


def folds_of(fields: TemplateFields, mesh: ClippedMesh, kind: CutKind) -> np.ndarray:
    """Return how much a garment creases (n,) float32: 1 is usual, flat places have little.

    Cloth folds inside bent elbows and knees, at crotch, armpit and waist, and piles up above
    cuffs; on chest, shoulder blades and the front of the thigh it lies smooth.
    """

    def near(field: np.ndarray, place: float, width: float) -> np.ndarray:
        return np.exp(-(((field - place) / width) ** 2))

    if kind is CutKind.top:
        arm, torso = mesh(fields.arm), mesh(fields.torso)
        sleeve = 0.15 + 1.1 * near(arm, 1.0, 0.3) + 0.9 * near(arm, 1.95, 0.3)
        sleeve += 0.8 * near(arm, 0.15, 0.25)
        body = 0.12 + 0.75 * near(torso, 0.3, 0.22) + 0.35 * near(torso, 0.0, 0.15)
        shared = np.clip(2 * mesh(fields.arm_share) - 0.5, 0, 1)
        return (shared * sleeve + (1 - shared) * body).astype(np.float32)
    if kind is CutKind.bottom:
        leg = mesh(fields.leg)
        bent = 1.1 * near(leg, 1.0, 0.22) + 0.7 * near(leg, 0.1, 0.2) + 1.1 * near(leg, 1.95, 0.3)
        return (0.15 + bent).astype(np.float32)
    return np.full(len(mesh.rows), 0.55, np.float32)


def spanned(
    positions: np.ndarray, outward: np.ndarray, neighbours: csr_matrix, cut: GarmentCut
) -> np.ndarray:
    """Stretch cloth (n, 3) over the hollows of the body: spine, chest, between muscles.

    ``outward`` (n, 3): the body's normals; ``neighbours`` (n, n): mean of neighbours. Cloth
    only ever moves away from the body, the farther the looser it is.
    """
    steps = round(float(np.interp(cut.off + cut.loose, *_SPANNED)))
    smooth = positions
    for _ in range(steps):
        smooth = neighbours @ smooth
    rise = np.einsum("ij,ij->i", smooth - positions, outward)
    for _ in range(2):
        rise = neighbours @ np.maximum(rise, 0.0)
    return positions + rise[:, None] * outward


def hang(
    positions: np.ndarray,
    regions: tuple[HangingRegion, ...],
    joints: dict[str, np.ndarray],
    cut: GarmentCut,
) -> np.ndarray:
    """Let a fitted garment (n, 3) hang on one body; ``joints`` are its bone heads, dm.

    Going down the cloth, the distance from the axis loses only ``slope`` per decimetre, the
    less the looser the cut, and hollows are spanned sideways; ``taper`` takes that back towards
    the cuff of a leg.
    """
    out = positions.copy()
    for region in regions:
        slopes, strengths = _HANG[region.chart]
        slope = float(np.interp(cut.loose, *slopes))
        strength = float(np.interp(cut.off + cut.loose, *strengths))
        if strength <= 0:
            continue
        points = positions[region.rows]
        axis = _axis_points([joints[b] for b in region.bones], region.chart, points)
        radial = points - axis
        radius = np.sqrt((radial * radial).sum(1))
        hanging = radius.copy()
        for _ in range(_STEPS[region.chart]):
            hanging = np.maximum(hanging, region.above @ hanging - slope * _STEP)
            hanging = np.maximum(hanging, region.beside @ hanging)
        amount = region.amount * strength
        if region.chart == LEG:
            amount = amount * (1.0 - cut.taper * np.clip(region.along - 0.9, 0, 1))
        scale = 1.0 + amount * (hanging - radius) / np.maximum(radius, 0.05)
        moved = axis + radial * scale[:, None]
        if region.chart == LEG:
            side = 1.0 if region.bones[0].endswith("_l") else -1.0
            inner = np.minimum(points[:, 0] * side, 0.03)
            moved[:, 0] = side * np.maximum(moved[:, 0] * side, inner)
            drop = _OVER_SHOE * np.clip((region.along - 1.7) / 0.25, 0, 1) * strength
            moved[:, 1] = np.maximum(moved[:, 1] - drop, np.minimum(moved[:, 1], 0.15))
        out[region.rows] = moved
    return out
