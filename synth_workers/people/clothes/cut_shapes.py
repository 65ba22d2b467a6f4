"""Clips a garment's surface out of the template: sleeves, hems, necklines, openings, panels.

Only the outline of a garment is decided here; how far it stands off the body is ``drape``.
All lengths are decimetres on the neutral body.
"""

from __future__ import annotations

import numpy as np

from manifests.errors import BadRecipe
from synth_workers.people.body.template_fields import HAIRLINE_DEPTHS, TemplateFields
from synth_workers.people.mesh.clipping import ClippedMesh
from synth_workers.people.spec import CutKind, GarmentCut, Neck, Side

SURFACE = {
    CutKind.top: "helper-tights",
    CutKind.bottom: "helper-tights",
    CutKind.shoe: "helper-tights",
    CutKind.glove: "helper-tights",
    CutKind.skirt: "helper-skirt",
    CutKind.head: "body",
    CutKind.mask: "body",
}
"""Which surface of the base mesh each kind of cut is taken from."""

NECK_ABOVE_BASE = {
    Neck.crew: 0.25,
    Neck.v: 0.3,
    Neck.scoop: 0.1,
    Neck.boat: 0.12,
    Neck.shirt: 0.55,
    Neck.turtle: 1.2,
    Neck.hood: 0.5,
}
DEFAULT_HAIRLINE = (0.3, 0.42, 0.52, 0.72, 0.8, 0.86, 0.9)
_MASK_FRONT = 0.48


def cut_surface(
    fields: TemplateFields, triangles: dict[str, np.ndarray], cut: GarmentCut
) -> ClippedMesh:
    """Clip ``cut`` out of its surface (``triangles`` by group name).

    Raises ``BadRecipe`` if nothing is left.
    """
    mesh = ClippedMesh.of(triangles[SURFACE[cut.kind]], len(fields.vertices))
    if cut.kind is CutKind.top:
        mesh = _top(fields, mesh, cut)
    elif cut.kind is CutKind.bottom:
        mesh = mesh.clip(mesh(fields.torso) - cut.waist)
        mesh = mesh.clip(mesh(fields.leg) - cut.leg)
    elif cut.kind is CutKind.shoe:
        mesh = mesh.clip(cut.top - mesh(fields.leg))
    elif cut.kind is CutKind.glove:
        mesh = mesh.clip(cut.top - mesh(fields.arm))
    elif cut.kind is CutKind.skirt:
        mesh = _skirt(fields, mesh, cut)
    elif cut.kind is CutKind.head:
        mesh = mesh.clip(0.5 - mesh(fields.head_share))
        line = np.interp(mesh(fields.head_depth), HAIRLINE_DEPTHS, cut.line or DEFAULT_HAIRLINE)
        mesh = mesh.clip(line - mesh(fields.head_height))
    else:
        mesh = mesh.clip(0.5 - mesh(fields.head_share))
        mesh = mesh.clip(mesh(fields.head_height) - cut.top)
        mesh = mesh.clip(_MASK_FRONT - mesh(fields.head_depth))
    mesh = _window(fields, mesh, cut)
    if not len(mesh.faces):
        raise BadRecipe(f"This {cut.kind} cut leaves nothing of the surface: {cut!r}")
    return mesh


def opening(fields: TemplateFields, cut: GarmentCut, y: np.ndarray) -> np.ndarray:
    """Return the half width of a front opening at height ``y``: wider towards the hem."""
    if cut.kind is CutKind.skirt:
        return np.full(len(y), cut.open)
    share = np.clip((fields.neck_y - y) / (fields.neck_y - fields.crotch_y), 0.0, 1.0)
    return cut.open * (0.35 + 0.65 * share)


def _top(fields: TemplateFields, mesh: ClippedMesh, cut: GarmentCut) -> ClippedMesh:
    mesh = mesh.clip(mesh(fields.arm) - cut.sleeve)
    on_arm = mesh(fields.arm_share) > 0.5
    mesh = mesh.clip(np.where(on_arm, -1.0, cut.hem - mesh(fields.torso)))
    points = mesh(fields.vertices)
    mesh = mesh.clip(points[:, 1] - _neckline(fields, cut, points))
    if cut.open > 0:
        x, y, z = mesh(fields.vertices).T
        mesh = mesh.clip(np.where(z > -0.2, opening(fields, cut, y) - np.abs(x), -1.0))
    return mesh


def _skirt(fields: TemplateFields, mesh: ClippedMesh, cut: GarmentCut) -> ClippedMesh:
    y = mesh(fields.vertices[:, 1])
    mesh = mesh.clip(y - fields.torso_y(cut.waist))
    mesh = mesh.clip(fields.leg_y(cut.leg) - mesh(fields.vertices[:, 1]))
    if cut.open > 0:
        x, y, z = mesh(fields.vertices).T
        mesh = mesh.clip(np.where(z > 0, opening(fields, cut, y) - np.abs(x), -1.0))
    return mesh


def _neckline(fields: TemplateFields, cut: GarmentCut, points: np.ndarray) -> np.ndarray:
    """Return how high the garment may reach at each point."""
    x, _, z = points.T
    front = np.clip((z + 0.1) / 0.5, 0.0, 1.0)
    limit = np.full(len(x), fields.neck_y + NECK_ABOVE_BASE[cut.neck])
    if cut.neck is Neck.v:
        depth = cut.neck_depth or 1.6
        v = fields.neck_y - depth * front + 2.2 * np.abs(x) + 3.0 * (1.0 - front)
        return np.minimum(limit, v)
    if cut.neck is Neck.scoop:
        depth = cut.neck_depth or 0.7
        return np.minimum(limit, fields.neck_y - depth * front + 0.6 * (x / 1.1) ** 2)
    if cut.neck is Neck.boat:
        return np.minimum(limit, fields.neck_y - 0.15 + 0.35 * (x / 1.3) ** 2)
    if cut.neck is Neck.crew:
        return limit - 0.35 * front
    return limit


def _window(fields: TemplateFields, mesh: ClippedMesh, cut: GarmentCut) -> ClippedMesh:
    """Keep only a panel or a diagonal band of what was cut."""
    panel, band = cut.panel, cut.band
    limits: list[tuple[np.ndarray, float]] = []
    if panel is not None:
        x, t, z = fields.vertices[:, 0], fields.torso, fields.vertices[:, 2]
        limits += [(-x, -panel.x0), (x, panel.x1), (-t, -panel.t0), (t, panel.t1)]
        if panel.side is not Side.both:
            limits.append((-z if panel.side is Side.front else z, 0.0))
    if band is not None:
        x0, y0, x1, y1, half = band
        along = np.array([x1 - x0, y1 - y0]) / np.hypot(x1 - x0, y1 - y0)
        away = (fields.vertices[:, 0] - x0) * along[1] - (fields.vertices[:, 1] - y0) * along[0]
        limits += [(away, half), (-away, half)]
    for field, limit in limits:
        if len(mesh.faces):
            mesh = mesh.clip(mesh(field) - limit)
    return mesh
