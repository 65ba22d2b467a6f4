"""Hair of the head: caps cut from the scalp, hanging shells, buns and tails, strands at the rim.

A style is a row of ``STYLES``; every style starts from a cap with its own hairline and volume.
Thin strands break up the rim, so that hair does not end in a hard line like a helmet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.fastening import coloured, rigid
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.mesh.parts import LEVELS, Part, PartLevel
from synth_workers.people.mesh.primitives import rounded_box, tube, vector
from synth_workers.people.mesh.surfaces import border_vertices
from synth_workers.people.spec import (
    CutKind,
    FabricKind,
    FabricSpec,
    GarmentCut,
    HairStyle,
    PersonSpec,
)
from synth_workers.people.worn.accessories import Place, has_at
from synth_workers.people.worn.hair_shells import hanging_shell

S = HairStyle

_HIGH = (0.28, 0.38, 0.56, 0.68, 0.80, 0.86, 0.90)
_FULL = (0.27, 0.37, 0.55, 0.70, 0.79, 0.85, 0.89)
_LOW = (0.22, 0.31, 0.55, 0.66, 0.76, 0.84, 0.88)
_RECEDING = (0.29, 0.40, 0.53, 0.72, 0.90, 0.97, 1.01)
"""Hairlines: share of head height at depth 0 (back), .25, .45, .6, .75, .9 and 1 (front)."""

_SHEEN = 0.22

_TO_EARS = 0.87
"""Half width of the hair beside the ears, share of the head's with them."""

BEARD_LINE = 0.165
"""Upper edge of a beard, share of head height: just below the lower lip."""


@dataclass(frozen=True)
class StyleShape:
    """Geometry of one style.

    ``line``: hairline. ``off``: thickness of the cap, dm. ``lift``: extra height on top,
    ``quiff``: at the front of it, ``puff``: all round, metres. ``curl``: size of bumps,
    metres. ``part``: side parting. ``drop``: how far a shell hangs below the head's centre,
    half head heights (0 none). ``tail``: bun, ponytail, braid or pigtails.
    """

    line: tuple[float, ...] = _FULL
    off: float = 0.13
    lift: float = 0.008
    quiff: float = 0.0
    puff: float = 0.0
    curl: float = 0.002
    part: float = 0.0
    drop: float = 0.0
    tail: str = ""


STYLES: dict[HairStyle, StyleShape | None] = {
    S.bald: None,
    S.crew: StyleShape(_HIGH, off=0.05, lift=0.003, curl=0.001),
    S.short: StyleShape(_HIGH, off=0.13, lift=0.014, curl=0.003),
    S.side_part: StyleShape(_HIGH, off=0.12, lift=0.012, part=0.018),
    S.quiff: StyleShape(_HIGH, off=0.09, lift=0.012, quiff=0.030),
    S.curly: StyleShape(_FULL, off=0.14, lift=0.012, puff=0.014, curl=0.007),
    S.afro: StyleShape(_FULL, off=0.14, lift=0.018, puff=0.050, curl=0.005),
    S.receding: StyleShape(_RECEDING, off=0.07, lift=0.002),
    S.pixie: StyleShape(_LOW, off=0.14, lift=0.012, part=0.006),
    S.bob: StyleShape(drop=1.05, lift=0.014, part=0.010),
    S.shoulder: StyleShape(drop=1.5, lift=0.013, part=0.010),
    S.long: StyleShape(drop=2.15, lift=0.012, part=0.010),
    S.bun: StyleShape(off=0.10, lift=0.005, tail="bun"),
    S.ponytail: StyleShape(off=0.10, lift=0.006, tail="ponytail"),
    S.braid: StyleShape(off=0.11, lift=0.006, part=0.005, tail="braid"),
    S.pigtails: StyleShape(off=0.11, lift=0.006, tail="pigtails"),
}


def hair_parts(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """All parts of a person's hair and beard; flattened under a hat."""
    return [*_head_hair(spec, body), *_beard(spec, body)]


def hairline(spec: PersonSpec) -> tuple[float, ...] | None:
    """Share of head height at which a person's hair begins, from back to front; None if bald."""
    shape = STYLES[spec.hair.style]
    return None if shape is None else shape.line


def _head_hair(spec: PersonSpec, body: FittedBody) -> list[Part]:
    shape = STYLES[spec.hair.style]
    if shape is None:
        return []
    hat = has_at(spec, Place.head)
    rng = np.random.default_rng(spec.hair.seed)
    fabric = hair_fabric(spec)
    cap = _cap(shape, body, hat, rng)
    parts = [replace(coloured(cap, fabric), specular=_SHEEN, name="hair")]
    fringe = _strands(parts[0], body, rng, 0.006 if shape.line is _HIGH else 0.012)
    if fringe is not None:
        parts.append(fringe)
    if shape.drop:
        parts.append(hanging_shell(shape.drop, spec, body, fabric, hat, rng))
    if shape.tail:
        parts.extend(_tail(shape.tail, body, fabric, rng))
    return parts


def _beard(spec: PersonSpec, body: FittedBody) -> list[Part]:
    """Hair on chin and jaw, thicker in the middle; none under what covers the mouth."""
    if spec.face.beard <= 0 or has_at(spec, Place.mouth):
        return []
    cut = GarmentCut(kind=CutKind.mask, top=BEARD_LINE, off=0.05, loose=0.0, hide=False)
    part = body.cut(cut)
    points = part.positions.astype(np.float64)
    inside = _smooth(KDTree(points[border_vertices(part.faces)]).query(points)[0] / 0.014)
    grown = part.normals * (0.010 * spec.face.beard * inside - 0.0035)[:, None]
    beard = replace(
        coloured(part, hair_fabric(spec)),
        positions=(points + grown).astype(np.float32),
        shade=(0.9 + 0.1 * inside).astype(np.float32),
        specular=0.05,
        name="beard",
    )
    return [beard]


def hair_fabric(spec: PersonSpec) -> FabricSpec:
    """The cloth hair is drawn with; curls have finer locks."""
    curly = spec.hair.style in (S.curly, S.afro)
    return FabricSpec(
        kind=FabricKind.hair,
        colours=(spec.hair.colour,),
        seed=spec.hair.seed,
        scale=0.6 if curly else 1.0,
        tile=0.2,
    )


def _cap(shape: StyleShape, body: FittedBody, hat: bool, rng: np.random.Generator) -> Part:
    off = 0.04 if hat else shape.off
    cut = GarmentCut(kind=CutKind.head, line=shape.line, off=off, loose=0.0, hide=False)
    cap = body.cut(cut)
    points = cap.positions.astype(np.float64)
    across, up, depth = ((points - body.head_centre) / body.head_half).T
    # Hair lies behind the ears, not over them.
    beside = np.where(up < 0.4, _TO_EARS, 2.0) * body.head_half[0]
    points[:, 0] = body.head_centre[0] + np.clip(
        points[:, 0] - body.head_centre[0], -beside, beside
    )
    top = np.clip(up, 0.0, 1.0)
    bumps = np.sin(points[:, 0] * 96 + rng.uniform(0, 6)) * np.sin(
        points[:, 1] * 83 + points[:, 2] * 71 + rng.uniform(0, 6)
    )
    rim = border_vertices(cap.faces)
    inside = _smooth(KDTree(points[rim]).query(points)[0] / 0.022)
    settled = (1 - inside) * 0.075 * off
    grown = cap.normals * (-settled)[:, None]
    if not hat:
        rise = shape.lift * top**1.2
        rise += shape.quiff * _smooth((depth - 0.1) / 0.7) * _smooth((up - 0.55) / 0.35)
        side = 1.0 if rng.random() < 0.5 else -1.0
        groove = np.exp(-(((across * side - 0.38) / 0.07) ** 2)) * _smooth((up - 0.45) / 0.3)
        sweep = np.clip(0.38 - across * side, 0, 1) * top
        rise += shape.part * (0.9 * sweep - groove)
        grown = grown + (rise * (0.3 + 0.7 * inside))[:, None] * vector(0, 1, 0)
        volume = shape.curl * bumps + shape.puff
        grown = grown + cap.normals * (volume * inside)[:, None]
        grown[:, 2] += shape.quiff * 0.35 * _smooth((depth - 0.3) / 0.5) * top
    roots = 0.70 + 0.30 * inside
    if shape.part and not hat:
        roots = roots * (1.0 - 0.45 * groove)
    return replace(
        cap,
        positions=(points + grown).astype(np.float32),
        shade=roots.astype(np.float32),
    )


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
    each = 3
    pick = np.repeat(np.arange(len(rim)), each)
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


def _tail(kind: str, body: FittedBody, fabric: FabricSpec, rng: np.random.Generator) -> list[Part]:
    centre, half = body.head_centre.astype(np.float64), body.head_half.astype(np.float64)
    tie = tuple(int(c * 0.45) for c in fabric.main_colour)
    if kind == "bun":
        high = float(rng.uniform(0.1, 0.7))
        back = half[2] * (1.10 - 0.25 * high)
        ball = rounded_box((0.044, 0.040, 0.038), 0.9).moved(
            centre + vector(0, high * half[1], -back)
        )
        return [rigid(ball, body, "head", fabric, "hair.bun", specular=_SHEEN)]
    if kind == "ponytail":
        start = centre + vector(0, rng.uniform(0.05, 0.5) * half[1], -half[2] * 1.0)
        length = float(rng.uniform(0.16, 0.27))
        along = np.array([[0, 0.004, 0.01], [0, 0, -0.03], [0, -0.2, -0.055], [0, -0.55, -0.052],
                          [0, -0.85, -0.036], [0, -1.0, -0.03]])  # fmt: skip
        path = start + along * [1, length, 1]
        radius = np.array([0.014, 0.017, 0.026, 0.027, 0.018, 0.004])
        band = tube(start + np.array([[0, 0, -0.012], [0, 0, -0.024]]), 0.018, 8)
        return [
            rigid(tube(path, radius, 10), body, "head", fabric, "hair.ponytail", specular=_SHEEN),
            rigid(band, body, "head", (tie[0], tie[1], tie[2]), "hair.tie"),
        ]
    if kind == "braid":
        return [_braid(body, centre + vector(0, -0.25 * half[1], -half[2] * 0.98), fabric)]
    pigtails = []
    for side in (1.0, -1.0):
        start = centre + vector(side * half[0] * 0.95, -0.1 * half[1], -half[2] * 0.45)
        along = np.array([[0, 0.005, 0], [0.025, -0.01, 0], [0.04, -0.06, 0], [0.036, -0.12, 0.004],
                          [0.03, -0.17, 0.008]])  # fmt: skip
        radius = np.array([0.012, 0.018, 0.024, 0.021, 0.004])
        mesh = tube(start + along * [side, 1, 1], radius, 8)
        pigtails.append(rigid(mesh, body, "head", fabric, "hair.pigtail", specular=_SHEEN))
    return pigtails


def _braid(body: FittedBody, start: np.ndarray, fabric: FabricSpec) -> Part:
    """A plait down the back: a tube that swells and thins along its length."""
    torso = body.vertices[TIGHTS]
    steps = np.linspace(0.0, 1.0, 33)
    path = start + np.stack([0 * steps, -0.36 * steps, -0.012 - 0.02 * np.sin(np.pi * steps)], 1)
    for row in path:
        near = torso[(np.abs(torso[:, 1] - row[1]) < 0.03) & (np.abs(torso[:, 0]) < 0.05)]
        if len(near):
            row[2] = min(row[2], float(near[:, 2].min()) - 0.03)
    path[:, 0] += 0.004 * np.sin(2 * np.pi * steps * 7)
    radius = (0.024 - 0.010 * steps) * (1 + 0.22 * np.abs(np.sin(np.pi * steps * 11)))
    radius[-1] = 0.004
    return rigid(tube(path, radius, 8), body, "neck_01", fabric, "hair.braid", specular=_SHEEN)
