"""Who lies over whom: the order of clothes, what they hide, press and shade.

Layers never poke through each other because what is well under another layer is left out and
what is near its edge is pressed against the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import KDTree

from synth_workers.people.body.fastening import coloured
from synth_workers.people.body.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import HEM_SHADE, OCCLUSION
from synth_workers.people.clothes.garments import GarmentTemplate
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.pieces import Piece, Tiles, cloth_piece, visible_level
from synth_workers.people.spec import CutKind, GarmentCut, PersonSpec, Slot

SKIN_HIDDEN_FROM_EDGE = 0.4
LAYER_HIDDEN_FROM_EDGE = 0.4
"""Decimetres: skin and inner layers stay within this depth under the cloth, summed over cloths."""

_LAYER_ORDER = {
    Slot.shoes: 1.5,
    Slot.bottom: 1.0,
    Slot.skirt: 1.0,
    Slot.top: 2.0,
    Slot.dress: 2.0,
    Slot.outer: 3.0,
}
_TUCKED_IN = 0.8
_SHOES_INSIDE = 0.5
_TROUSERS_OVER_SHOES = 0.12
_CONTACT_SHADE = 0.35
_CUFF_SHOWS = 0.06
_DETAIL_HIDDEN_FROM_EDGE = 0.1
_PRESS = 0.92
_PRESSED_FULLY_AT = 0.4
_PRESSED_OFF = 0.025
_NEAR_EDGE = 0.02
_BESIDE = 0.045
_HEM_CLEARANCE = 0.013
"""Metres: how near an inner layer must lie to be in the way, and how far a hem stays off it."""

_SPREAD = 3
_WAISTED = 0.75
_WAISTED_HEIGHT = 0.2


@dataclass(frozen=True)
class Layer:
    """One cut of a garment on one person.

    ``order``: higher lies outside; ``garment``: which of the person's garments it belongs to;
    ``waisted``: a skirt goes on below its hem.
    """

    order: float
    garment: int
    cut: GarmentCut
    template: GarmentTemplate
    part: Part
    waisted: bool


def dress(spec: PersonSpec, body: FittedBody, catalogue: GarmentCatalogue) -> list[Layer]:
    """Fit all garments of a person to the body and press inner layers under outer ones."""
    cuts = [(i, garment, cut) for i, garment in enumerate(spec.garments) for cut in garment.cuts]
    over_shoes = any(
        cut.kind is CutKind.skirt
        or (cut.kind is CutKind.bottom and cut.loose >= _TROUSERS_OVER_SHOES)
        for *_, cut in cuts
    )
    in_skirt = spec.worn_at(Slot.skirt) is not None
    layers = []
    for i, garment, cut in cuts:
        order = _LAYER_ORDER[garment.slot]
        if garment.slot is Slot.top and in_skirt:
            order = _TUCKED_IN
        if garment.slot is Slot.shoes and over_shoes:
            order = _SHOES_INSIDE
        if cut.kind is CutKind.skirt and garment.slot is not Slot.skirt:
            order -= 0.5
        waisted = cut.kind is CutKind.top and len(garment.cuts) > 1
        if garment.pack is not None:
            template, part = _from_pack(garment.pack, garment.slot, body, catalogue)
        else:
            template, part = catalogue.template(cut), body.cut(cut)
        worn = replace(
            coloured(part, garment.fabric),
            wrinkle=garment.wrinkle * template.folds,
            falling=template.kind is CutKind.skirt,
            specular=garment.gloss,
            name=garment.name,
        )
        layers.append(Layer(order, i, cut, template, worn, waisted))
    pressed = [_pressed(layer, layers, body, catalogue) for layer in layers]
    return [_over(layer, pressed) for layer in pressed]


def skin_under(layers: Sequence[Layer]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for all skin vertices whether clothes hide them, how deep they lie under clothes
    (dm from the edge) and how much clothes beside them shade them."""
    cover = np.zeros(BODY_VERTICES)
    depth = np.zeros(BODY_VERTICES)
    contact = np.zeros(BODY_VERTICES)
    for layer in layers:
        if layer.cut.hide:
            cover += layer.template.cover[:BODY_VERTICES]
            depth = np.maximum(depth, layer.template.depth[:BODY_VERTICES])
        contact = np.maximum(contact, layer.template.contact[:BODY_VERTICES])
    return cover > SKIN_HIDDEN_FROM_EDGE, depth, contact


def layer_piece(
    layer: Layer, layers: Sequence[Layer], catalogue: GarmentCatalogue, tiles: Tiles
) -> Piece:
    """Pack a layer without what outer layers hide, shaded where they lie on it."""
    part, mesh = layer.part, layer.template.mesh
    hidden = np.zeros(len(part.positions), bool)
    cover = np.zeros(len(part.positions))
    depth = np.zeros(len(part.positions))
    shade = np.ones(len(part.positions))
    for other in layers:
        if other.order <= layer.order or not other.cut.hide:
            continue
        cover += mesh(other.template.cover)
        if other.garment != layer.garment:
            depth = np.maximum(depth, mesh(other.template.depth))
        if layer.cut.kind is other.cut.kind is CutKind.top and other.cut.sleeve > 1.0:
            hidden |= _cuffs_inside(layer, other, catalogue)
        shade *= 1.0 - _CONTACT_SHADE * mesh(other.template.contact)
    hidden |= cover > LAYER_HIDDEN_FROM_EDGE
    part = replace(part, shade=shade if part.shade is None else part.shade * shade)
    levels = [visible_level(level, hidden) for level in part.levels or ()]
    return cloth_piece(part, levels, tiles, under=depth)


def without_covered(part: Part, clothes: Sequence[Piece]) -> Part:
    """Leave out what of a garment's detail (named ``garment.detail``) other clothes cover."""
    if part.levels is None or "." not in part.name:
        return part
    owner = part.name.split(".")[0]
    for piece in clothes:
        if piece.name != owner or piece.under is None or not (piece.under > 0).any():
            continue
        tree = KDTree(piece.vertices["position"])
        near = np.asarray(tree.query(part.positions)[1])
        hidden = piece.under[near] > _DETAIL_HIDDEN_FROM_EDGE
        return replace(part, levels=tuple(visible_level(level, hidden) for level in part.levels))
    return part


def _cuffs_inside(inner: Layer, outer: Layer, catalogue: GarmentCatalogue) -> np.ndarray:
    """Tell which vertices are cuffs that end inside the outer garment's sleeves."""
    mesh, fields = inner.template.mesh, catalogue.fields
    if inner.cut.sleeve > outer.cut.sleeve + _CUFF_SHOWS:
        return np.zeros(len(mesh.rows), bool)
    return (mesh(fields.arm_share) > 0.5) & (mesh(fields.arm) > outer.cut.sleeve - 0.5)


def _pressed(
    layer: Layer, layers: Sequence[Layer], body: FittedBody, catalogue: GarmentCatalogue
) -> Layer:
    """Press a layer towards the body where outer layers lie on it, so that it stays inside."""
    if layer.cut.kind is CutKind.shoe:
        return layer
    mesh, part = layer.template.mesh, layer.part
    press = np.zeros(len(part.positions), np.float32)
    if layer.waisted:
        above_hem = (mesh(catalogue.fields.torso) - layer.cut.hem) / _WAISTED_HEIGHT
        off_arm = mesh(catalogue.fields.arm_share) < 0.5
        press = _WAISTED * np.clip(1.0 - above_hem, 0, 1) * off_arm
    for other in layers:
        if other.order > layer.order and other.cut.hide:
            under = np.clip(other.template.cover / _PRESSED_FULLY_AT, 0, 1)
            if other.cut.kind is CutKind.skirt:
                under = np.maximum(under, other.template.contact)
            press = np.maximum(press, mesh(under))
    if not press.any():
        return layer
    close = mesh(body.vertices) + _PRESSED_OFF * layer.cut.off * mesh(body.normals)
    positions = part.positions + _PRESS * press[:, None] * (close - part.positions)
    normals = layer.template.normals(positions).astype(np.float32)
    return replace(layer, part=replace(part, positions=positions, normals=normals))


def _over(layer: Layer, layers: Sequence[Layer]) -> Layer:
    """Keep a garment's hem outside of what it hangs over, so that the edge is not ragged.

    Inner layers are pressed in well under an outer one, not close to its edge: there the outer
    one gives way.
    """
    inner = [
        other.part
        for other in layers
        if other.order < layer.order
        and other.garment != layer.garment
        and other.cut.kind in (CutKind.bottom, CutKind.skirt, CutKind.top)
    ]
    part, template = layer.part, layer.template
    rows = np.flatnonzero(template.edge > _NEAR_EDGE)
    if not inner or not len(rows) or not layer.cut.hide:
        return layer
    places = np.concatenate([other.positions for other in inner])
    normals = np.concatenate([other.normals for other in inner])
    distance, near = KDTree(places).query(part.positions[rows], k=3, distance_upper_bound=_BESIDE)
    found = np.isfinite(distance)
    near = np.where(found, near, 0)
    gap = part.positions[rows][:, None] - places[near]
    height = np.einsum("ijk,ijk->ij", gap, normals[near])
    short = np.where(found, _HEM_CLEARANCE - height, 0.0).max(1)
    if short.max() <= 0:
        return layer
    push = np.zeros((len(part.positions), 1), np.float32)
    push[rows, 0] = np.clip(short, 0.0, _BESIDE)
    for _ in range(_SPREAD):
        push = np.maximum(push, template.neighbours @ push)
    way = part.normals.copy()
    if layer.cut.kind is CutKind.top:
        way[:, 1] = np.maximum(way[:, 1], 0.0)
    positions = part.positions + push * way
    turned = template.normals(positions).astype(np.float32)
    return replace(layer, part=replace(part, positions=positions, normals=turned))


def _from_pack(
    digest: str, slot: Slot, body: FittedBody, catalogue: GarmentCatalogue
) -> tuple[GarmentTemplate, Part]:
    pack, template = catalogue.pack(digest, slot)
    positions = pack.fit(body.vertices * np.float32(10.0)) / np.float32(10.0)
    shade = (1.0 - OCCLUSION * (1.0 - template.light)) * (1.0 - HEM_SHADE * template.edge)
    part = Part(
        positions=positions.astype(np.float32),
        normals=template.normals(positions).astype(np.float32),
        bones=template.bone_rows,
        weights=template.bone_weights,
        faces=pack.faces,
        levels=template.levels,
        shade=shade,
    )
    return template, part
