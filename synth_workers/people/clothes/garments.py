"""A garment template: an outline cut once on the neutral body, fitted to any body by a gather.

``GarmentTemplate`` holds what does not depend on the body or on how loose the cloth is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.fitted_body import SKIRT
from synth_workers.people.body.makehuman_data import strongest
from synth_workers.people.body.template_fields import ARM, LEG, TORSO, TemplateFields
from synth_workers.people.clothes.cut_shapes import SURFACE, cut_surface
from synth_workers.people.clothes.drape import (
    HangingRegion,
    folds_of,
    hang,
    hanging_regions,
    spanned,
)
from synth_workers.people.clothes.uv import cylinder_level
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.mesh.levels_of_detail import CLOTH_RATIOS, level_faces
from synth_workers.people.mesh.parts import PartLevel
from synth_workers.people.mesh.surfaces import (
    border_vertices,
    incidence,
    neighbour_mean,
    vertex_normals,
)
from synth_workers.people.spec import CutKind, GarmentCut

_NEAR = 0.5
_CONTACT = 0.3
_HEM_OFF_THIGH = 0.55
_SKIRT_CLOSE = 0.2
_SLEEVE_CLOSE = 0.3
_INSIDE_SOLE = 0.06
_WAISTBAND = 0.3
_DEEP = 1.2
_FOLDS_OFF_SEAM = 0.3
_LIGHT_STEPS = 14
_LIMB_OF = {CutKind.top: ARM, CutKind.glove: ARM, CutKind.bottom: LEG, CutKind.shoe: LEG}
"""Limbs that garments of the suit unwrap by themselves; a top's hem below the crotch is no leg."""


@dataclass(frozen=True)
class GarmentTemplate:
    """One outline on the neutral body.

    ``mesh``: its vertices (n) on the base mesh. ``levels``: its four levels of detail.
    ``bone_rows`` (n, 4) uint8, ``bone_weights`` (n, 4) float32. ``regions``: where it hangs.
    ``depth`` (19158,) float32: for base vertices under the cloth how far they are from its
    edge, dm, else 0. ``cover`` the same, with more inside sleeves and skirts, which show less
    of what is under them: what decides about hiding.
    ``contact`` (19158,) float32: 1 just outside its edge, falling to 0 within centimetres.
    ``light`` (n,): ambient openness. ``edge`` (n,): 1 at hems, cuffs, waist and neckline,
    falling to 0 within centimetres. ``folds`` (n,): how much the cloth creases: most where
    limbs bend and where it is pushed together.
    """

    kind: CutKind
    mesh: ClippedMesh
    levels: tuple[PartLevel, ...]
    bone_rows: np.ndarray
    bone_weights: np.ndarray
    regions: tuple[HangingRegion, ...]
    depth: np.ndarray
    cover: np.ndarray
    contact: np.ndarray
    light: np.ndarray
    edge: np.ndarray
    folds: np.ndarray

    @cached_property
    def incidence(self):
        """Sparse matrix that sums face normals at vertices."""
        return incidence(len(self.mesh.rows), self.mesh.faces)

    @cached_property
    def neighbours(self):
        """Sparse matrix that averages the neighbours of each vertex."""
        return neighbour_mean(len(self.mesh.rows), self.mesh.faces)

    def normals(self, positions: np.ndarray) -> np.ndarray:
        """Return (n, 3) unit normals of the garment at these positions."""
        return vertex_normals(positions, self.mesh.faces, self.incidence)


def build_template(
    fields: TemplateFields, triangles: dict[str, np.ndarray], cut: GarmentCut
) -> GarmentTemplate:
    """Cut one outline and derive everything about it."""
    mesh = cut_surface(fields, triangles, cut)
    limb = _LIMB_OF.get(cut.kind, TORSO)
    points = mesh(fields.vertices)
    border = border_vertices(mesh.faces)
    depth, cover, contact = _cover(fields, cut, mesh, triangles[SURFACE[cut.kind]], border)
    edge = np.zeros(len(points), np.float32)
    if len(border):
        edge = np.exp(-((KDTree(points[border]).query(points)[0] / 0.22) ** 2))
    light = mesh(fields.openness)
    if limb != TORSO and cut.hide:
        # The grooves of spine and muscles are bridged by cloth: they must not be painted on it.
        mean = neighbour_mean(len(points), mesh.faces)
        for _ in range(_LIGHT_STEPS):
            light = mean @ light
    rows, weights = strongest(_skin_weights(fields, mesh, cut.kind))
    faces = level_faces(points, mesh.faces, CLOTH_RATIOS)
    levels = tuple(cylinder_level(fields, mesh, f, limb=limb) for f in faces)
    return GarmentTemplate(
        kind=cut.kind,
        mesh=mesh,
        levels=levels,
        bone_rows=rows,
        bone_weights=weights,
        regions=hanging_regions(fields, mesh, cut.kind) if cut.hide else (),
        depth=depth,
        cover=cover,
        contact=contact,
        light=light.astype(np.float32),
        edge=edge.astype(np.float32),
        folds=folds_of(fields, mesh, cut.kind) * _away_from_seams(points, levels[0]),
    )


def fit(
    template: GarmentTemplate,
    off: np.ndarray,
    cut: GarmentCut,
    vertices: np.ndarray,
    normals: np.ndarray,
    joints: dict[str, np.ndarray],
) -> np.ndarray:
    """Fit a template to a body: positions (n, 3) in dm.

    ``off``: the cut's ``stand_off``; ``vertices``, ``normals``: of all base vertices, dm, lowest
    skin on y = 0.
    """
    outward = template.mesh(normals)
    outward /= np.maximum(np.sqrt((outward * outward).sum(1, keepdims=True)), 1e-6)
    places = template.mesh(vertices)
    positions = places + off[:, None] * outward
    if cut.kind is CutKind.shoe:
        return _on_the_sole(positions, outward)
    if template.regions:
        positions = spanned(positions, outward, template.neighbours, cut)
    positions = hang(positions, template.regions, joints, cut)
    if cut.kind is CutKind.top:
        # Skin faces the ground at crotch and seat: a hem pushed along it would sag in rags.
        hips = places[:, 1] < joints["pelvis"][1]
        hips &= np.abs(places[:, 0]) < abs(joints["lowerarm_l"][0])
        positions[hips, 1] = np.maximum(positions[hips, 1], places[hips, 1])
    return positions


def _on_the_sole(positions: np.ndarray, outward: np.ndarray) -> np.ndarray:
    """Flatten the underside of a shoe inside its sole, arch and toes included."""
    out = positions.copy()
    share = np.clip((-outward[:, 1] - 0.1) / 0.3, 0, 1) * np.clip((1.0 - out[:, 1]) / 0.4, 0, 1)
    out[:, 1] = np.maximum(out[:, 1] * (1 - share) + _INSIDE_SOLE * share, _INSIDE_SOLE)
    return out


def _away_from_seams(points: np.ndarray, level: PartLevel) -> np.ndarray:
    """Return how far each of the points (n, 3) is from where the texture starts anew, 0..1.

    Folds do not match across a seam, so they fade out towards it.
    """
    rows, copies = np.unique(level.vertices, return_counts=True)
    seam = rows[copies > 1]
    if not len(seam):
        return np.ones(len(points), np.float32)
    distance = np.asarray(KDTree(points[seam]).query(points)[0])
    return _single(1.0 - np.exp(-((distance / _FOLDS_OFF_SEAM) ** 2)))


def _cover(
    fields: TemplateFields,
    cut: GarmentCut,
    mesh: ClippedMesh,
    surface: np.ndarray,
    border: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (depth, cover, contact) over all base vertices; see ``GarmentTemplate``."""
    base = fields.vertices
    count = len(base)
    if not len(border) or not cut.hide:
        nothing = np.zeros(count, np.float32)
        return nothing, nothing, nothing
    tree = KDTree(mesh(base)[border])
    to_border = np.minimum(tree.query(base, distance_upper_bound=_DEEP)[0], _DEEP)
    if cut.kind is CutKind.skirt:
        top, bottom = fields.torso_y(cut.waist), fields.leg_y(cut.leg)
        inside = np.minimum(base[:, 1] - bottom, top - base[:, 1])
        if cut.open > 0:
            front = base[:, 2] > 0.1
            inside = np.where(front, np.minimum(inside, np.abs(base[:, 0]) - cut.open), inside)
        inside = np.where(fields.arm_share > 0.5, 0.0, inside)
        depth = np.clip(inside, 0.0, None)
        cover = np.where(inside > 0.0, inside + _SKIRT_CLOSE, 0.0)
        below = np.clip(bottom - base[:, 1], 0, None)
        above = np.clip(base[:, 1] - top, 0, None)
        contact = np.exp(-((below / 0.9) ** 2) - (above / _WAISTBAND) ** 2)
        contact *= (np.maximum(below, above) > 0) & (fields.arm_share < 0.5)
        return _single(depth), _single(cover), _single(contact)
    if cut.kind is CutKind.shoe:
        inside = fields.leg >= cut.top
    else:
        source = np.unique(surface).astype(np.int64)
        kept = np.zeros(count, bool)
        kept[mesh.rows[mesh.shares.max(1) == 1.0, 0]] = True
        distance, nearest = _nearest(base.astype(np.float32).tobytes(), source.tobytes())
        inside = kept[source[nearest]] & (distance < _NEAR)
        if cut.kind is CutKind.top:
            inside &= fields.head_share < 0.5
    depth = np.where(inside, to_border, 0.0)
    cover = depth
    if cut.kind is CutKind.top:
        deep_in_sleeve = inside & (fields.arm_share > 0.5) & (to_border > 0.1)
        cover = np.where(deep_in_sleeve, to_border + _SLEEVE_CLOSE, cover)
    contact = np.where(inside, 0.0, np.exp(-((to_border / _CONTACT) ** 2)))
    return _single(depth), _single(cover), _single(contact)


@lru_cache(maxsize=4)
def _nearest(places: bytes, rows: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Return each place's distance to some of the places and which of ``rows`` is nearest; kept.

    ``places``: (n, 3) float32; ``rows``: int64.
    """
    base = np.frombuffer(places, np.float32).reshape(-1, 3)
    distance, nearest = KDTree(base[np.frombuffer(rows, np.int64)]).query(base)
    return np.asarray(distance), np.asarray(nearest)


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)


def _skin_weights(fields: TemplateFields, mesh: ClippedMesh, kind: CutKind) -> np.ndarray:
    """Return dense (n, 53) weights: tops follow the pelvis more than the thighs, and skirts mix
    left and right so that they do not split."""
    if kind not in (CutKind.skirt, CutKind.top):
        return mesh(fields.weights)
    base = fields.weights.copy()
    names = fields.bone_names
    if kind is CutKind.top:
        thighs = [names.index("thigh_l"), names.index("thigh_r")]
        base[:, names.index("pelvis")] += _HEM_OFF_THIGH * base[:, thighs].sum(1)
        base[:, thighs] *= 1 - _HEM_OFF_THIGH
        return mesh(base)
    mirror = [
        names.index(b[:-2] + {"_l": "_r", "_r": "_l"}[b[-2:]]) if b[-2:] in ("_l", "_r") else i
        for i, b in enumerate(names)
    ]
    x = np.abs(fields.vertices[SKIRT, 0])
    mix = 0.5 * np.clip(1.0 - x / 0.7, 0.04, 1.0)[:, None]
    own = base[SKIRT]
    base[SKIRT] = (1 - mix) * own + mix * own[:, mirror]
    return mesh(base)
