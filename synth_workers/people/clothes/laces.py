"""Laces: a small sheet on the instep of laced shoes, drawn once with tongue and crossing laces."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.fastening import coloured
from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.clothes.wardrobe import GARMENTS
from synth_workers.people.mesh.parts import Part, PartLevel
from synth_workers.people.mesh.surfaces import vertex_normals
from synth_workers.people.spec import FabricSpec, GarmentSpec

_ROWS, _COLUMNS = 5, 3
_HALF_WIDTH = 0.021
_LIFT = 0.005
_FROM_TOE, _TO_ANKLE = 0.30, 0.66
"""Where laces begin and end, share of the shoe's length from the toe."""

_TILE = 0.5
_KEPT = ((0, 1, 2, 3, 4), (0, 2, 4), (0, 4), ())
"""Rows kept at each level of detail."""


def lace_parts(garment: GarmentSpec, body: FittedBody) -> list[Part]:
    """The laces of both shoes; none for shoes that have none."""
    laced = any(row.laced for row in GARMENTS if row.name == garment.name)
    if not laced or garment.pack is not None:
        return []
    worn = body.cut(garment.cuts[0])
    main = garment.fabric.main_colour
    laces = (226, 224, 218) if max(main) < 200 else (120, 120, 122)
    fabric = FabricSpec(kind="decal", colours=(main, laces), motif="laces", tile=_TILE)
    upper = np.flatnonzero(worn.normals[:, 1] > 0.15)
    points, rows = [], []
    for side in (1.0, -1.0):
        own = upper[worn.positions[upper, 0] * side > 0]
        place = worn.positions[own].astype(np.float64)
        heel, toe = place[:, 2].min(), place[:, 2].max()
        z = toe - np.linspace(_TO_ANKLE, _FROM_TOE, _ROWS) * (toe - heel)
        # The instep's ridge: the highest points along the foot.
        ridge = [place[np.abs(place[:, 2] - at) < 0.016][:, [0, 1]] for at in z]
        if any(len(band) == 0 for band in ridge):
            return []
        x = np.array([band[band[:, 1].argsort()[-3:], 0].mean() for band in ridge])
        across = np.linspace(-1.0, 1.0, _COLUMNS) * _HALF_WIDTH
        flat = np.stack(np.broadcast_arrays(x[:, None] + across, z[:, None]), -1).reshape(-1, 2)
        distance, near = KDTree(place[:, [0, 2]]).query(flat, k=4)
        share = 1.0 / (np.asarray(distance) + 0.002) ** 2
        height = (place[near, 1] * share).sum(1) / share.sum(1)
        points.append(np.stack([flat[:, 0], height + _LIFT, flat[:, 1]], 1))
        rows.append(own[np.asarray(near)[:, 0]])
    positions = np.concatenate(points).astype(np.float32)
    picked = np.concatenate(rows)
    across, down = (np.linspace(0.02, 0.98, count) for count in (_COLUMNS, _ROWS))
    uv = np.stack(np.meshgrid(across, down), -1).reshape(-1, 2) * _TILE
    levels = tuple(_level(kept, np.tile(uv, (2, 1)).astype(np.float32)) for kept in _KEPT)
    part = Part(
        positions=positions,
        normals=vertex_normals(positions, levels[0].faces).astype(np.float32),
        bones=worn.bones[picked],
        weights=worn.weights[picked],
        faces=levels[0].faces,
        levels=levels,
        specular=garment.gloss,
        outline=False,
        name=f"{garment.name}.laces",
    )
    return [coloured(part, fabric)]


def _level(kept: tuple[int, ...], uv: np.ndarray) -> PartLevel:
    """The cells between the kept rows of both sheets, facing up."""
    faces = [np.zeros((0, 3), np.int64)]
    for shoe in range(2):
        for upper, lower in pairwise(kept):
            a = shoe * _ROWS * _COLUMNS + upper * _COLUMNS + np.arange(_COLUMNS - 1)
            c = a + (lower - upper) * _COLUMNS
            faces += [np.stack([a, c, a + 1], 1), np.stack([a + 1, c, c + 1], 1)]
    joined = np.concatenate(faces)
    used, local = np.unique(joined, return_inverse=True)
    return PartLevel(used, uv[used], local.reshape(-1, 3))
