"""Puts a person together: body, clothes, hair and things become the vertices the engine draws.

``build_person`` is a pure function of the spec. What is hidden under cloth is left out here,
so that layers cannot poke through; files and caches are ``cache``'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from synth_workers.people import accessories, decals, fabrics, hair, motion
from synth_workers.people.bodies import BodyData
from synth_workers.people.face_paint import face_paint, paint_eyes, paint_skin
from synth_workers.people.fitted_body import BODY_VERTICES, FittedBody
from synth_workers.people.fitting import Fitter
from synth_workers.people.garment_catalogue import GarmentCatalogue
from synth_workers.people.garments import GarmentTemplate
from synth_workers.people.keypoints import KEYPOINT_NAMES, face_landmarks, keypoints
from synth_workers.people.levels_of_detail import THING_RATIOS, decimate_seamed
from synth_workers.people.parts import LEVELS, Part, PartLevel
from synth_workers.people.person import VERTEX, BuiltPerson, Clip, Lod
from synth_workers.people.soles import sole_part
from synth_workers.people.spec import (
    CutKind,
    DetailKind,
    FabricKind,
    FabricSpec,
    GarmentCut,
    GarmentSpec,
    PersonSpec,
    Slot,
)

TILE_PIXELS = 128
FIRST_TILE_LAYER = 2
"""Texture layers 0 and 1 are the engine's own: white, and the cloth relief."""

SKIN_HIDDEN_FROM_EDGE = 0.5
LAYER_HIDDEN_FROM_EDGE = 0.6
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
_TROUSERS_OVER_SHOES = 0.12
_CONTACT_SHADE = 0.35
_SOCKS_FROM_LEG = 1.7
_SOCK_TOP = 1.6
_CUFF_SHOWS = 0.06
_PRESS = 0.92
_WAISTED = 0.75
_WAISTED_HEIGHT = 0.2
_PRESSED_FULLY_AT = 0.4
_SKIN_SPECULAR = 0.08
_EYE_SPECULAR = 0.2
_DEFAULT_SOLE = (214, 210, 202)


@dataclass(frozen=True)
class _Layer:
    """One cut of a garment on one person; ``waisted``: a skirt goes on below its hem."""

    order: float
    cut: GarmentCut
    template: GarmentTemplate
    part: Part
    waisted: bool


class PersonBuilder:
    """Builds people; holds only caches, so keep one per process."""

    def __init__(self, data: BodyData, catalogue: GarmentCatalogue) -> None:
        self._catalogue = catalogue
        self._fitter = Fitter(data, catalogue)
        fields = catalogue.fields
        eyes = [
            fields.vertices[np.unique(catalogue.triangles[f"helper-{side}-eye"])].mean(0)
            for side in "lr"
        ]
        self._paint = face_paint(fields, np.array(eyes))
        self._landmarks = face_landmarks(fields)

    def build(self, spec: PersonSpec) -> BuiltPerson:
        """Build one person; equal specs give equal bytes."""
        body = self._fitter.body(spec.body, spec.body.stature)
        layers = self._dress(spec, body)
        others = [
            *self._soles(spec, body),
            *decals.decal_parts(spec, body),
            *hair.hair_parts(spec, body),
            *accessories.accessory_parts(spec, body),
        ]
        tiles = _Tiles()
        pieces = [self._skin(spec, body, layers), self._eyes(spec, body)]
        pieces += [self._garment(layer, layers, tiles) for layer in layers]
        pieces += [self._thing(part, tiles) for part in others]
        lods = tuple(_merged(pieces, level) for level in range(LEVELS))
        clips = motion.build_clips(spec.gait, body)
        outlined = _merged([piece for piece in pieces if piece.outline], LEVELS - 1)
        radius, _ = _extent(outlined.vertices, clips)
        _, reach = _extent(lods[-1].vertices, clips)
        joints, joint_bones = keypoints(body, self._landmarks)
        feet = np.ones((2, 4), np.float32)
        for i, side in enumerate("lr"):
            feet[i, :3] = (body.joint(f"foot_{side}") + body.joint(f"ball_{side}")) / 2
            feet[i, 1] = 0.0
        return BuiltPerson(
            lods=lods,
            tiles=tiles.images(),
            clips=clips,
            feet=feet,
            foot_bones=(body.bone("foot_l"), body.bone("foot_r")),
            joints=joints,
            joint_bones=tuple(joint_bones),
            joint_names=KEYPOINT_NAMES,
            stature=body.stature,
            radius=radius,
            reach=reach,
        )

    def _dress(self, spec: PersonSpec, body: FittedBody) -> list[_Layer]:
        layers = []
        over_shoes = any(
            cut.kind is CutKind.bottom and cut.loose >= _TROUSERS_OVER_SHOES
            for garment in spec.garments
            for cut in garment.cuts
        )
        in_skirt = any(garment.slot is Slot.skirt for garment in spec.garments)
        for garment in spec.garments:
            for cut in garment.cuts:
                order = _LAYER_ORDER[garment.slot]
                if garment.slot is Slot.top and in_skirt:
                    order = _TUCKED_IN
                if garment.slot is Slot.shoes and over_shoes:
                    order = 0.5
                if cut.kind is CutKind.skirt and garment.slot is not Slot.skirt:
                    order -= 0.5
                part = _of_cloth(body.cut(cut), garment)
                waisted = cut.kind is CutKind.top and len(garment.cuts) > 1
                template = self._catalogue.template(cut)
                layers.append(_Layer(order, cut, template, part, waisted))
        return [_pressed(layer, layers, body, self._catalogue) for layer in layers]

    def _soles(self, spec: PersonSpec, body: FittedBody) -> list[Part]:
        parts = []
        for garment in spec.garments:
            if garment.slot is not Slot.shoes:
                continue
            colour = _DEFAULT_SOLE
            for detail in garment.details:
                if detail.kind is DetailKind.sole:
                    colour = detail.colours[0]
            sole = sole_part(self._catalogue.sole, body.vertices, garment.cuts[0].off)
            parts.append(replace(sole, colour=colour, specular=garment.gloss))
        return parts

    def _skin(self, spec: PersonSpec, body: FittedBody, layers: Sequence[_Layer]) -> _Piece:
        depth = np.zeros(BODY_VERTICES)
        contact = np.zeros(BODY_VERTICES)
        for layer in layers:
            if layer.cut.hide:
                depth += layer.template.cover[:BODY_VERTICES]
            contact = np.maximum(contact, layer.template.contact[:BODY_VERTICES])
        hidden = depth > SKIN_HIDDEN_FROM_EDGE
        colours = paint_skin(self._paint, spec.face, spec.skin, spec.hair.colour, contact)
        self._pull_on_socks(spec, colours)
        vertices = _vertices(
            body.vertices[:BODY_VERTICES],
            body.normals[:BODY_VERTICES],
            body.bone_rows[:BODY_VERTICES],
            body.bone_weights[:BODY_VERTICES],
            colours,
            specular=_SKIN_SPECULAR,
        )
        x, y, z = body.vertices[:BODY_VERTICES].T
        uv = np.stack([x + z, y], 1)
        levels = []
        for faces in self._catalogue.skin_levels:
            seen = faces[~hidden[faces].all(1)]
            rows, local = np.unique(seen, return_inverse=True)
            levels.append(PartLevel(rows, uv[rows], local.reshape(-1, 3)))
        return _Piece(vertices, tuple(levels), outline=True)

    def _pull_on_socks(self, spec: PersonSpec, colours: np.ndarray) -> None:
        """Paint socks in a grey of the trousers' tone between long trousers and shoes."""
        for garment in spec.garments:
            for cut in garment.cuts:
                if cut.kind is CutKind.bottom and cut.leg > _SOCKS_FROM_LEG:
                    cloth = np.array(garment.fabric.main_colour, float)
                    ankle = self._catalogue.fields.leg[:BODY_VERTICES] > _SOCK_TOP
                    colours[ankle] = 0.35 * cloth + 0.4 * cloth.mean() + 12.0

    def _eyes(self, spec: PersonSpec, body: FittedBody) -> _Piece:
        rows = np.unique(self._catalogue.eye_levels[0])
        positions = body.vertices[rows]
        gap = positions[:, None] - body.eyes[None]
        nearest = (gap * gap).sum(-1).argmin(1)
        normals = positions - body.eyes[nearest]
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
        vertices = _vertices(
            positions,
            normals,
            body.bone_rows[rows],
            body.bone_weights[rows],
            paint_eyes(positions, body.eyes, spec.face),
            specular=_EYE_SPECULAR,
        )
        levels = []
        for faces in self._catalogue.eye_levels:
            used, local = np.unique(np.searchsorted(rows, faces), return_inverse=True)
            uv = np.zeros((len(used), 2), np.float32)
            levels.append(PartLevel(used, uv, local.reshape(-1, 3)))
        return _Piece(vertices, tuple(levels), outline=True)

    def _garment(self, layer: _Layer, layers: Sequence[_Layer], tiles: _Tiles) -> _Piece:
        part, mesh = layer.part, layer.template.mesh
        hidden = np.zeros(len(part.positions), bool)
        depth = np.zeros(len(part.positions))
        shade = np.ones(len(part.positions))
        for other in layers:
            if other.order <= layer.order or not other.cut.hide:
                continue
            depth += mesh(other.template.cover)
            if layer.cut.kind is other.cut.kind is CutKind.top and other.cut.sleeve > 1.0:
                hidden |= self._cuffs_inside(layer, other)
            shade *= 1.0 - _CONTACT_SHADE * mesh(other.template.contact)
        hidden |= depth > LAYER_HIDDEN_FROM_EDGE
        part = replace(part, shade=shade if part.shade is None else part.shade * shade)
        levels = []
        for level in part.levels or ():
            faces = level.faces[~hidden[level.vertices[level.faces]].all(1)]
            used, local = np.unique(faces, return_inverse=True)
            levels.append(PartLevel(level.vertices[used], level.uv[used], local.reshape(-1, 3)))
        return _piece(part, tuple(levels), tiles)

    def _cuffs_inside(self, inner: _Layer, outer: _Layer) -> np.ndarray:
        """Tell which vertices are cuffs that end inside the outer garment's sleeves."""
        mesh, fields = inner.template.mesh, self._catalogue.fields
        if inner.cut.sleeve > outer.cut.sleeve + _CUFF_SHOWS:
            return np.zeros(len(mesh.rows), bool)
        return (mesh(fields.arm_share) > 0.5) & (mesh(fields.arm) > outer.cut.sleeve - 0.5)

    def _thing(self, part: Part, tiles: _Tiles) -> _Piece:
        if part.levels is not None:
            return _piece(part, part.levels, tiles)
        uv = part.uv if part.uv is not None else np.zeros((len(part.positions), 2), np.float32)
        levels = []
        for level in range(LEVELS):
            faces = decimate_seamed(part.positions, uv, part.faces, THING_RATIOS[level])
            used, local = np.unique(faces, return_inverse=True)
            levels.append(PartLevel(used, uv[used], local.reshape(-1, 3)))
        return _piece(part, tuple(levels), tiles)


def build_person(spec: PersonSpec, data: BodyData, catalogue: GarmentCatalogue) -> BuiltPerson:
    """Build one person. To build many, keep one ``PersonBuilder``."""
    return PersonBuilder(data, catalogue).build(spec)


def _pressed(
    layer: _Layer, layers: Sequence[_Layer], body: FittedBody, catalogue: GarmentCatalogue
) -> _Layer:
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
    close = mesh(body.vertices) + 0.025 * layer.cut.off * mesh(body.normals)
    positions = part.positions + _PRESS * press[:, None] * (close - part.positions)
    normals = layer.template.normals(positions).astype(np.float32)
    return replace(layer, part=replace(part, positions=positions, normals=normals))


@dataclass(frozen=True)
class _Piece:
    """Finished vertices of a part and the choices its levels make among them."""

    vertices: np.ndarray
    levels: tuple[PartLevel, ...]
    outline: bool


class _Tiles:
    """Gives every distinct fabric of a person one layer."""

    def __init__(self) -> None:
        self._fabrics: dict[FabricSpec, int] = {}

    def layer(self, fabric: FabricSpec) -> int:
        return self._fabrics.setdefault(fabric, FIRST_TILE_LAYER + len(self._fabrics))

    def images(self) -> np.ndarray:
        if not self._fabrics:
            return np.zeros((0, TILE_PIXELS, TILE_PIXELS, 3), np.uint8)
        return np.stack([fabrics.render_tile(fabric, TILE_PIXELS) for fabric in self._fabrics])


def _of_cloth(part: Part, garment: GarmentSpec) -> Part:
    return replace(
        part,
        fabric=garment.fabric,
        wrinkle=garment.wrinkle,
        specular=garment.gloss,
        name=garment.name,
    )


def _piece(part: Part, levels: tuple[PartLevel, ...], tiles: _Tiles) -> _Piece:
    colour, layer, tile = np.array(part.colour, float), 0, 1.0
    if part.fabric is not None and part.fabric.kind is FabricKind.solid:
        colour = np.array(part.fabric.main_colour, float)
    elif part.fabric is not None:
        layer, tile = tiles.layer(part.fabric), part.fabric.tile
    shade = np.ones(1) if part.shade is None else np.asarray(part.shade, float)
    colours = colour[None] * (shade[:, None] if shade.ndim == 1 else shade)
    vertices = _vertices(
        part.positions,
        part.normals,
        part.bones,
        part.weights,
        np.broadcast_to(colours, (len(part.positions), 3)),
        specular=part.specular,
        wrinkle=part.wrinkle,
        layer=layer,
    )
    scaled = tuple(PartLevel(level.vertices, level.uv / tile, level.faces) for level in levels)
    return _Piece(vertices, scaled, part.outline)


def _vertices(
    positions: np.ndarray,
    normals: np.ndarray,
    bones: np.ndarray,
    weights: np.ndarray,
    colours: np.ndarray,
    *,
    specular: float,
    wrinkle: float = 0.0,
    layer: int = 0,
) -> np.ndarray:
    out = np.zeros(len(positions), VERTEX)
    out["position"] = positions
    out["normal"][:, :3] = np.clip(np.round(normals * 127.0), -127, 127) + 128
    out["tint"][:, :3] = np.clip(np.round(colours), 0, 255)
    out["tint"][:, 3] = 255
    out["bones"] = bones
    rounded = np.round(weights * 255.0).astype(np.int64)
    strongest = rounded.argmax(1)
    rounded[np.arange(len(rounded)), strongest] += 255 - rounded.sum(1)
    out["weights"] = rounded
    out["layer"] = layer
    out["wrinkle"] = round(wrinkle * 1000)
    out["specular"] = round(specular * 255)
    return out


def _merged(pieces: Sequence[_Piece], level: int) -> Lod:
    vertices, indices, total = [], [], 0
    for piece in pieces:
        chosen = piece.levels[level]
        if not len(chosen.faces):
            continue
        part = piece.vertices[chosen.vertices]
        part["uv"] = chosen.uv
        vertices.append(part)
        indices.append(chosen.faces + total)
        total += len(part)
    return Lod(np.concatenate(vertices), np.concatenate(indices).astype(np.uint32))


def _extent(vertices: np.ndarray, clips: dict[str, Clip]) -> tuple[float, float]:
    """Return (largest distance from the vertical axis, highest point) over a few frames."""
    rest = np.ones((len(vertices), 4), np.float32)
    rest[:, :3] = vertices["position"]
    weights = vertices["weights"].astype(np.float32) / 255.0
    bones = vertices["bones"].astype(np.int64)
    radius, reach = 0.0, 0.0
    for clip in clips.values():
        for frame in range(0, len(clip.bones), 12):
            blended = np.einsum("nk,nkij->nij", weights, clip.bones[frame][bones])
            posed = np.einsum("nij,nj->ni", blended, rest)
            radius = max(radius, float(np.hypot(posed[:, 0], posed[:, 2]).max()))
            reach = max(reach, float(posed[:, 1].max()))
    return radius, reach
