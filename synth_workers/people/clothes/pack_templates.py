"""Makes the garment of a clothes pack behave like one that was cut from the template.

It hides skin, lies in the order of layers and has levels of detail like any other.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.makehuman_data import strongest
from synth_workers.people.body.template_fields import TemplateFields
from synth_workers.people.clothes.drape import folds_of
from synth_workers.people.clothes.garments import GarmentTemplate
from synth_workers.people.clothes.kept_packs import ClothesPack
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.mesh.levels_of_detail import CLOTH_RATIOS, decimate_seamed
from synth_workers.people.mesh.parts import LEVELS, PartLevel
from synth_workers.people.mesh.surfaces import border_vertices, face_normals
from synth_workers.people.spec import CutKind, Slot

STAND_IN = {
    Slot.top: CutKind.top,
    Slot.outer: CutKind.top,
    Slot.dress: CutKind.top,
    Slot.bottom: CutKind.bottom,
    Slot.skirt: CutKind.skirt,
    Slot.shoes: CutKind.shoe,
}
"""The kind of cut that stands for a pack of each slot."""

_SURELY_COVERED = 2.0
_NEAR = 0.35
_CONTACT = 0.3


def pack_template(fields: TemplateFields, pack: ClothesPack, slot: Slot) -> GarmentTemplate:
    """Derive hiding, weights, light and levels of detail of a pack worn as ``slot``, on the
    neutral body."""
    places = pack.fit(fields.vertices)
    mesh = ClippedMesh(pack.rows, pack.shares, pack.faces, len(fields.vertices))
    rows, weights = strongest(np.clip(mesh(fields.weights), 0.0, None))
    border = border_vertices(pack.faces)
    base = fields.vertices
    covered = np.zeros(len(base), bool)
    covered[pack.deleted] = True
    to_border = np.full(len(base), _SURELY_COVERED)
    edge = np.zeros(len(places))
    if len(border):
        tree = KDTree(places[border])
        to_border = np.asarray(tree.query(base)[0])
        edge = np.exp(-((np.asarray(tree.query(places)[0]) / 0.22) ** 2))
    near = np.asarray(KDTree(places).query(base)[0]) < _NEAR
    depth = np.where(near & (to_border > _NEAR), to_border, 0.0)
    depth = np.where(covered, _SURELY_COVERED, depth)
    contact = np.where(depth > 0, 0.0, np.exp(-((to_border / _CONTACT) ** 2)))
    return GarmentTemplate(
        kind=STAND_IN[slot],
        mesh=mesh,
        levels=_levels(pack, places),
        bone_rows=rows,
        bone_weights=weights,
        regions=(),
        depth=depth.astype(np.float32),
        cover=depth.astype(np.float32),
        contact=contact.astype(np.float32),
        light=np.clip(mesh(fields.openness), 0.2, 1.0).astype(np.float32),
        edge=edge.astype(np.float32),
        folds=folds_of(fields, mesh, STAND_IN[slot]),
    )


def _levels(pack: ClothesPack, places: np.ndarray) -> tuple[PartLevel, ...]:
    """Return four levels with the pack's own texture coordinates, scaled to metres of cloth."""
    pairs = np.stack([pack.faces.ravel(), pack.texture_faces.ravel()], 1)
    unique, corner = np.unique(pairs, axis=0, return_inverse=True)
    faces = corner.reshape(-1, 3)
    owner, uv = unique[:, 0], pack.texture[unique[:, 1]].astype(np.float64)
    surface = np.linalg.norm(face_normals(places, pack.faces), axis=1).sum()
    flat = np.concatenate([uv, np.zeros((len(uv), 1))], 1)
    unrolled = np.linalg.norm(face_normals(flat, faces), axis=1).sum()
    uv *= np.sqrt(surface / max(unrolled, 1e-9)) / 10.0
    levels = []
    for level in range(LEVELS):
        chosen = decimate_seamed(places[owner], uv, faces, CLOTH_RATIOS[level])
        used, local = np.unique(chosen, return_inverse=True)
        levels.append(PartLevel(owner[used], uv[used].astype(np.float32), local.reshape(-1, 3)))
    return tuple(levels)
