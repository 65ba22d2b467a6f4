"""Hair as parts: caps cut from the scalp, strands at their rim, beards.

Every style starts from a cap with its own hairline and volume. Thin strands break up the rim, so
that hair does not end in a hard line like a helmet.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy

from synth_workers.people.body.fastening import coloured
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.mesh.parts import LEVELS, Part, PartLevel
from synth_workers.people.mesh.primitives import vector
from synth_workers.people.mesh.surfaces import border_vertices
from synth_workers.people.spec import CutKind, FabricSpec, GarmentCut, PersonSpec
from synth_workers.people.worn.hair.registry import HAIR_STYLES, SHEEN, HairShape
from synth_workers.people.worn.hair.shells import hanging_shell

_TO_EARS = 0.87
"""Half width of the hair beside the ears, share of the head's with them."""

BEARD_LINE = 0.165
"""Upper edge of a beard, share of head height: just below the lower lip."""


def hair_parts(spec: PersonSpec, body: FittedBody, hat: bool, mask: bool) -> list[Part]:
    """All parts of a person's hair, flat under a hat, and beard, none under a mask."""
    return [*_head_hair(spec, body, hat), *([] if mask else _beard(spec, body))]


def hairline(spec: PersonSpec) -> tuple[float, ...] | None:
    """Share of head height at which a person's hair begins, from back to front; None if bald."""
    shape = HAIR_STYLES.find(spec.hair.style).shape
    return None if shape is None else shape.line


def _head_hair(spec: PersonSpec, body: FittedBody, hat: bool) -> list[Part]:
    shape = HAIR_STYLES.find(spec.hair.style).shape
    if shape is None:
        return []
    rng = np.random.default_rng(spec.hair.seed)
    fabric = _cloth(spec, shape.locks)
    cap = _cap(shape, body, hat, rng)
    parts = [replace(coloured(cap, fabric), specular=SHEEN, name="hair")]
    fringe = _strands(parts[0], body, rng, shape.strands)
    if fringe is not None:
        parts.append(fringe)
    if shape.drop:
        parts.append(hanging_shell(shape.drop, spec, body, fabric, hat, rng))
    if shape.tail:
        parts.extend(shape.tail(body, fabric, rng))
    return parts


def _beard(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """Hair on chin and jaw, thicker in the middle."""
    if spec.face.beard <= 0:
        return []
    shape = HAIR_STYLES.find(spec.hair.style).shape
    part = body.cut(GarmentCut(kind=CutKind.mask, top=BEARD_LINE, off=0.05, loose=0.0, hide=False))
    points = part.positions.astype(np.float64)
    inside = _smooth(
        scipy.spatial.KDTree(points[border_vertices(part.faces)]).query(points)[0] / 0.014
    )
    grown = part.normals * (0.010 * spec.face.beard * inside - 0.0035)[:, None]
    return [
        replace(
            coloured(part, _cloth(spec, 1.0 if shape is None else shape.locks)),
            positions=(points + grown).astype(np.float32),
            shade=(0.9 + 0.1 * inside).astype(np.float32),
            specular=0.05,
            name="beard",
        )
    ]


def _cloth(spec: PersonSpec, locks: float) -> FabricSpec:
    hair = spec.hair
    return FabricSpec(kind="hair", colours=(hair.colour,), seed=hair.seed, scale=locks, tile=0.2)


def _cap(shape: HairShape, body: FittedBody, hat: bool, rng: np.random.Generator) -> Part:
    off = 0.04 if hat else shape.off
    cut = GarmentCut(kind=CutKind.head, line=shape.line, off=off, loose=0.0, hide=False)
    cap = body.cut(cut)
    points = cap.positions.astype(np.float64)
    across, up, depth = ((points - body.head_centre) / body.head_half).T
    # Hair lies behind the ears, not over them.
    beside = np.where(up < 0.4, _TO_EARS, 2.0) * body.head_half[0]
    middle = body.head_centre[0]
    points[:, 0] = middle + np.clip(points[:, 0] - middle, -beside, beside)
    top = np.clip(up, 0.0, 1.0)
    bumps = np.sin(points[:, 0] * 96 + rng.uniform(0, 6)) * np.sin(
        points[:, 1] * 83 + points[:, 2] * 71 + rng.uniform(0, 6)
    )
    rim = border_vertices(cap.faces)
    inside = _smooth(scipy.spatial.KDTree(points[rim]).query(points)[0] / 0.022)
    settled = (1 - inside) * 0.075 * off
    grown = cap.normals * (-settled)[:, None]
    roots = 0.70 + 0.30 * inside
    if not hat:
        rise = shape.lift * top**1.2
        rise += shape.quiff * _smooth((depth - 0.1) / 0.7) * _smooth((up - 0.55) / 0.35)
        side = 1.0 if rng.random() < 0.5 else -1.0
        groove = np.exp(-(((across * side - 0.38) / 0.07) ** 2)) * _smooth((up - 0.45) / 0.3)
        sweep = np.clip(0.38 - across * side, 0, 1) * top
        rise += shape.part * (0.9 * sweep - groove)
        if shape.part:
            roots = roots * (1.0 - 0.45 * groove)
        grown = grown + (rise * (0.3 + 0.7 * inside))[:, None] * vector(0, 1, 0)
        volume = shape.curl * bumps + shape.puff
        grown = grown + cap.normals * (volume * inside)[:, None]
        grown[:, 2] += shape.quiff * 0.35 * _smooth((depth - 0.3) / 0.5) * top
    positions = (points + grown).astype(np.float32)
    return replace(cap, positions=positions, shade=roots.astype(np.float32))


def _smooth(value: np.ndarray) -> np.ndarray:
    clipped = np.clip(value, 0.0, 1.0)
    return clipped * clipped * (3 - 2 * clipped)


def _strands(cap: Part, body: FittedBody, rng: np.random.Generator, length: float) -> Part | None:
    """Thin triangles along the cap's rim that run on over the skin."""
    rim = border_vertices(cap.faces)
    off_ears = np.abs(cap.positions[rim, 0] - body.head_centre[0]) < 0.8 * body.head_half[0]
    rim = rim[off_ears]
    if len(rim) < 3:
        return None
    points, normals = cap.positions[rim].astype(np.float64), cap.normals[rim].astype(np.float64)
    outward = points - body.head_centre
    down = np.stack([0.15 * outward[:, 0], -np.ones(len(rim)), 0.25 * outward[:, 2]], axis=1)
    down -= np.einsum("ij,ij->i", down, normals)[:, None] * normals
    down /= np.maximum(np.linalg.norm(down, axis=1, keepdims=True), 1e-6)
    side = np.cross(down, normals)
    pick = np.repeat(np.arange(len(rim)), 3)
    count = len(pick)
    shift = rng.uniform(-0.006, 0.006, count)[:, None] * side[pick]
    root = points[pick] + shift + down[pick] * -0.003
    width = rng.uniform(0.0015, 0.0035, count)[:, None] * side[pick]
    reach = rng.uniform(0.25, 1.0, count)[:, None] * length
    lean = rng.normal(0, 0.35, count)[:, None] * side[pick]
    tip = root + reach * (down[pick] + lean) - normals[pick] * (0.35 * reach)
    positions = np.stack([root - width, root + width, tip], axis=1).reshape(-1, 3)
    rows = np.arange(3 * count)
    faces = rows.reshape(-1, 3)
    uv = positions[:, :2].astype(np.float32)
    levels = []
    for level in range(LEVELS):
        kept = faces[:: 1 + level] if level < LEVELS - 1 else faces[:0]
        used = kept.ravel()
        levels.append(PartLevel(used, uv[used], np.arange(len(used)).reshape(-1, 3)))
    return Part(
        positions=positions.astype(np.float32),
        normals=np.repeat(normals[pick], 3, axis=0).astype(np.float32),
        bones=np.repeat(cap.bones[rim][pick], 3, axis=0),
        weights=np.repeat(cap.weights[rim][pick], 3, axis=0),
        faces=faces,
        levels=tuple(levels),
        fabric=cap.fabric,
        colour=cap.colour,
        shade=np.full(len(positions), 0.8, dtype=np.float32),
        specular=0.05,
        name="hair.strands",
    )
