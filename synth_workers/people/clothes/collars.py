"""What stands or lies at a garment's neck: leaf collars, lapels, hoods that hang down, strings.

Each is a small sheet between lines taken from the neckline of the garment as it is worn, so it
follows any body; where its outline leaves the garment is decided here and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.fastening import coloured
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.mesh.parts import Part, PartLevel
from synth_workers.people.mesh.primitives import grid_faces
from synth_workers.people.mesh.surfaces import border_vertices, vertex_normals
from synth_workers.people.spec import Colour, FabricSpec, GarmentSpec, Neck, Slot

_COLUMNS = 21
_NEAR_NECK = 0.13
_FRONT_GAP = np.radians(9.0)
_STRIDES = (1, 1, 2, 4)


def collar_parts(garment: GarmentSpec, colour: Colour, body: FittedBody) -> list[Part]:
    """A turned-down leaf around the neck, or lapels where the garment opens in a V."""
    worn = body.cut(garment.cuts[0])
    if garment.cuts[0].neck is Neck.v:
        return _lapels(garment, worn, body)
    ring = _neck_ring(worn, body)
    if ring is None:
        return []
    angle, rows = ring
    outer = garment.slot is Slot.outer
    low, point, spread = (0.058, 0.044, 0.016) if outer else (0.040, 0.036, 0.011)
    facing = np.abs(angle)
    # Leaves end in points beside the front and are shortest at the back.
    drop = low + point * np.exp(-(((facing - np.radians(24)) / np.radians(24)) ** 2))
    away = _outward(worn.positions[rows], body)
    start = worn.positions[rows].astype(np.float64) + 0.002 * away
    up = np.array([0.0, 1.0, 0.0])
    grid = np.stack(
        [
            start,
            start + 0.005 * up + 0.3 * spread * away,
            start + 0.6 * spread * away - 0.25 * drop[:, None] * up,
            start + spread * away - drop[:, None] * up,
        ]
    )
    grid[2:] = _laid_on(worn, grid[2:], 0.006, body)
    tone = _toned(garment.fabric, colour)
    shade = np.repeat([0.8, 1.0, 1.0, 0.72], _COLUMNS)
    return [_sheet(grid, worn, rows, tone, garment, "collar", shade)]


def hood_parts(garment: GarmentSpec, body: FittedBody) -> list[Part]:
    """A hood that lies on the back, and the strings that close it."""
    worn = body.cut(garment.cuts[0])
    ring = _neck_ring(worn, body)
    if ring is None:
        return []
    angle, rows = ring
    start = worn.positions[rows].astype(np.float64)
    away = _outward(start, body)
    up = np.array([0.0, 1.0, 0.0])
    behind = np.clip((np.abs(angle) - np.radians(20)) / np.radians(110), 0.0, 1.0)[:, None]
    behind = behind * behind * (3 - 2 * behind)
    thick = 0.008 + 0.040 * behind
    grid = np.stack(
        [
            start - 0.004 * up,
            start + (0.010 + 0.028 * behind) * up + 0.45 * thick * away,
            start + (0.002 + 0.012 * behind) * up + 1.2 * thick * away,
            start - (0.016 + 0.070 * behind) * up + 1.35 * thick * away,
            start - (0.024 + 0.150 * behind) * up + 0.55 * thick * away,
        ]
    )
    # The tip of a hood is narrow: it gathers towards the middle of the back.
    grid[3:, :, 0] *= 1.0 - np.array([[0.12], [0.45]]) * behind.T
    grid[3:] = _laid_on(worn, grid[3:], 0.010, body)
    shade = np.repeat([0.62, 0.82, 1.0, 1.0, 0.72], _COLUMNS)
    cloth = _toned(garment.fabric, garment.fabric.main_colour)
    hood = _sheet(grid, worn, rows, cloth, garment, "hood", shade)
    return [hood, *_strings(garment, worn, body)]


def _strings(garment: GarmentSpec, worn: Part, body: FittedBody) -> list[Part]:
    neck = body.joint("neck_01")
    light = max(garment.fabric.main_colour) < 150
    colour = (214, 212, 206) if light else (52, 52, 56)
    parts = []
    for side in (1.0, -1.0):
        line = np.array([[side * 0.034, neck[1] - 0.035 - 0.045 * i, 0.0] for i in range(5)])
        line = _on_front(worn, line, 0.006)
        half = np.array([0.0032, 0.0, 0.0])
        grid = np.stack([line - half, line + half])
        near = np.asarray(KDTree(worn.positions).query(line)[1])
        parts.append(_sheet(grid, worn, near, colour, garment, "strings"))
    return parts


def _lapels(garment: GarmentSpec, worn: Part, body: FittedBody) -> list[Part]:
    """Folded-back fronts along the edge of a V opening, widest below the collar's notch."""
    cut = garment.cuts[0]
    neck = float(body.joint("neck_01")[1])
    waist = float(body.joint("spine_02")[1])
    rim = border_vertices(worn.faces)
    parts = []
    for side in (1.0, -1.0):
        points = worn.positions[rim]
        front = (points[:, 0] * side > -0.005) & (points[:, 2] > points[:, 2].mean() - 0.02)
        front &= (points[:, 1] > waist - 0.05) & (points[:, 1] < neck + 0.06)
        front &= np.abs(points[:, 0]) < _NEAR_NECK
        edge = rim[front]
        if len(edge) < 4:
            return []
        edge = edge[np.argsort(worn.positions[edge, 1])]
        height = worn.positions[edge, 1]
        wanted = np.linspace(height[0], height[-1], _COLUMNS)
        picked = edge[np.abs(height[:, None] - wanted[None]).argmin(0)]
        inner = worn.positions[picked].astype(np.float64)
        inner[:, 1] = wanted
        share = np.linspace(0.0, 1.0, _COLUMNS)
        wide = 0.07 if cut.open else 0.055
        notch = np.where(share > 0.82, 0.7, 1.0)
        width = wide * np.interp(share, (0.0, 0.72, 1.0), (0.08, 1.0, 0.62)) * notch
        across = np.array([side, 0.0, 0.0])
        grid = np.stack([inner + out * width[:, None] * across for out in (0.0, 0.5, 1.0)])
        grid = _laid_on(worn, grid, 0.007, body)
        grid[1, :, 2] += 0.003
        shade = np.repeat([0.9, 1.0, 0.62], _COLUMNS)
        parts.append(
            _sheet(grid, worn, picked, garment.fabric, garment, "collar", shade, flip=side > 0)
        )
    return parts


def _neck_ring(worn: Part, body: FittedBody) -> tuple[np.ndarray, np.ndarray] | None:
    """Return angles (21,) around the neck (0 front, from the left to the right) and the rows
    (21,) of the garment's rim there; None when there is no rim at the neck."""
    neck = body.joint("neck_01").astype(np.float64)
    rim = border_vertices(worn.faces)
    gap = worn.positions[rim] - neck
    near = (np.hypot(gap[:, 0], gap[:, 2]) < _NEAR_NECK) & (gap[:, 1] > -0.12)
    rim, gap = rim[near], gap[near]
    if len(rim) < 12:
        return None
    angle = np.arctan2(gap[:, 0], gap[:, 2])
    first = max(float(np.abs(angle).min()), _FRONT_GAP)
    half = np.linspace(first, np.pi, _COLUMNS // 2 + 1)
    wanted = np.concatenate([half, -half[-2::-1]])
    turn = np.abs((angle[:, None] - wanted[None] + np.pi) % (2 * np.pi) - np.pi)
    return wanted, rim[turn.argmin(0)]


def _outward(points: np.ndarray, body: FittedBody) -> np.ndarray:
    """Unit directions away from the neck, level with the ground."""
    away = points - body.joint("neck_01")
    away[..., 1] = 0.0
    return away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-6)


def _laid_on(worn: Part, grid: np.ndarray, lift: float, body: FittedBody) -> np.ndarray:
    """Push the points of a grid (r, c, 3) out of the garment, at least ``lift`` metres."""
    flat = grid.reshape(-1, 3)
    distance, near = KDTree(worn.positions).query(flat, k=3)
    share = 1.0 / (np.asarray(distance) + 0.004) ** 2
    share = (share / share.sum(1, keepdims=True))[..., None]
    normal = (worn.normals[near] * share).sum(1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    middle = (worn.positions[near] * share).sum(1)
    height = np.einsum("ij,ij->i", flat - middle, normal)
    return (flat + np.maximum(lift - height, 0.0)[:, None] * normal).reshape(grid.shape)


def _on_front(worn: Part, line: np.ndarray, lift: float) -> np.ndarray:
    """Bring points (k, 3) to the front of the garment at their x and y."""
    front = worn.positions[worn.normals[:, 2] > 0.1]
    near = np.asarray(KDTree(front[:, :2]).query(line[:, :2])[1])
    out = line.copy()
    out[:, 2] = front[near, 2] + lift
    return out


def _toned(fabric: FabricSpec, colour: Colour) -> FabricSpec | Colour:
    """The collar's cloth: the garment's own, or ``colour`` where it is of one colour."""
    plain = fabric.kind in ("plain", "twill", "solid")
    return colour if plain else fabric


def _sheet(
    grid: np.ndarray,
    worn: Part,
    rows: np.ndarray,
    cloth: FabricSpec | Colour,
    garment: GarmentSpec,
    what: str,
    shade: np.ndarray | None = None,
    flip: bool = False,
) -> Part:
    """A part through a grid (r, c, 3), each column moving with row ``rows[c]`` of the garment."""
    lines, columns = grid.shape[:2]
    points = grid.reshape(-1, 3).astype(np.float32)
    steps = np.linalg.norm(np.diff(grid, axis=1), axis=2).mean(0)
    falls = np.linalg.norm(np.diff(grid, axis=0), axis=2).mean(1)
    uv = np.stack(
        np.meshgrid(np.r_[0.0, np.cumsum(steps)], np.r_[0.0, np.cumsum(falls)]), axis=-1
    ).reshape(-1, 2)
    levels = []
    for stride in _STRIDES:
        kept = np.unique(np.r_[np.arange(0, columns, stride), columns - 1])
        faces = _cells(lines, columns, kept)
        if flip:
            faces = faces[:, ::-1]
        used, local = np.unique(faces, return_inverse=True)
        levels.append(PartLevel(used, uv[used].astype(np.float32), local.reshape(-1, 3)))
    faces = levels[0].faces
    normals = vertex_normals(points, faces)
    outward = np.array([0.0, 0.0, 1.0]) if what == "strings" else points - points.mean(0)
    if (normals * outward).sum() < 0:
        normals = -normals
        levels = [replace(level, faces=level.faces[:, ::-1]) for level in levels]
    part = Part(
        positions=points,
        normals=normals.astype(np.float32),
        bones=np.tile(worn.bones[rows], (lines, 1)),
        weights=np.tile(worn.weights[rows], (lines, 1)),
        faces=levels[0].faces,
        levels=tuple(levels),
        shade=None if shade is None else shade.astype(np.float32),
        specular=garment.gloss,
        name=f"{garment.name}.{what}",
    )
    return coloured(part, cloth)


def _cells(lines: int, columns: int, kept: np.ndarray) -> np.ndarray:
    """Two triangles per cell of a grid of which only some columns are kept."""
    faces = grid_faces(lines, len(kept)).reshape(2, lines - 1, -1, 3)
    row, column = np.divmod(faces.swapaxes(0, 1).reshape(-1, 3), len(kept))
    return row * columns + kept[column]
