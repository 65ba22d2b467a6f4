"""Puts a person together: body, clothes, hair and things become the vertices the engine draws.

A person is a pure function of the spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from manifests.schema import KEYPOINT_NAMES
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.body.face_paint import face_paint, paint_eyes, paint_skin
from synth_workers.people.body.fitted_body import BODY_VERTICES, PROP_BONES, FittedBody
from synth_workers.people.body.keypoints import face_landmarks, keypoints
from synth_workers.people.clothes import decals
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.fitting import Fitter, on_clothes
from synth_workers.people.clothes.layering import (
    Layer,
    dress,
    layer_piece,
    skin_under,
    without_covered,
)
from synth_workers.people.clothes.soles import sole_part
from synth_workers.people.mesh.parts import LEVELS, Part
from synth_workers.people.mesh.pieces import (
    Piece,
    Tiles,
    chosen_level,
    merged,
    packed_vertices,
    thing_piece,
)
from synth_workers.people.motion.activities import IDLE, WALK, build_clips
from synth_workers.people.motion.hand_placement import PUSHING
from synth_workers.people.person import NOTHING_PUSHED, BuiltPerson, Clip
from synth_workers.people.spec import CutKind, DetailKind, PersonSpec, Slot
from synth_workers.people.worn.accessories.registry import Place, accessory_parts, has_at
from synth_workers.people.worn.hair.parts import hair_parts, hairline

_SOCKS_FROM_LEG = 1.7
_SOCK_TOP = 1.6
_SKIN_SPECULAR = 0.08
_EYE_SPECULAR = 0.2
_DEFAULT_SOLE = (214, 210, 202)
_EXTENT_EVERY = 12


class PersonBuilder:
    """Builds people; holds only caches, so keep one per process.

    ``landmarks``: base vertices of nose tip, left ear and right ear.
    """

    def __init__(self, data: BodyData, catalogue: GarmentCatalogue) -> None:
        self._catalogue = catalogue
        self._fitter = Fitter(data, catalogue)
        fields = catalogue.fields
        eyes = [
            fields.vertices[np.unique(catalogue.triangles[f"helper-{side}-eye"])].mean(0)
            for side in "lr"
        ]
        self._paint = face_paint(fields, np.array(eyes))
        self.landmarks = face_landmarks(fields)

    def body(self, spec: PersonSpec) -> FittedBody:
        """Shape and measure a person's body, undressed."""
        return self._fitter.body(spec.body, spec.body.stature)

    def build(self, spec: PersonSpec) -> BuiltPerson:
        """Build one person; equal specs give equal bytes."""
        body = self.body(spec)
        tiles = Tiles()
        pieces = self.pieces(spec, body, tiles)
        lods = tuple(merged(pieces, level) for level in range(LEVELS))
        clips = build_clips(spec.gait, body)
        own, pushed = _without_pushed(spec, body, pieces)
        outlined = merged([piece for piece in own if piece.outline], LEVELS - 1)
        # Of those who run, too: people keep the distance of those who walk.
        everyday = {name: clips[name] for name in (WALK, IDLE)}
        radius, _ = _extent(outlined.vertices, everyday)
        _, reach = _extent(lods[-1].vertices, everyday)
        joints, joint_bones = keypoints(body, self.landmarks)
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
            pushed=_from_above(pushed),
            activities=dict(spec.gait.activities),
        )

    def pieces(self, spec: PersonSpec, body: FittedBody, tiles: Tiles) -> list[Piece]:
        """Return all that is drawn of a person: skin, eyes, clothes from first to last, things."""
        layers = dress(spec, body, self._catalogue)
        body = on_clothes(body, [(layer.cut, layer.part.positions) for layer in layers])
        things = [
            *self._soles(spec, body),
            *decals.decal_parts(spec, body),
            *hair_parts(spec, body, has_at(spec, Place.head), has_at(spec, Place.mouth)),
            *accessory_parts(spec, body),
        ]
        clothes = [layer_piece(layer, layers, self._catalogue, tiles) for layer in layers]
        return [
            self._skin(spec, body, layers),
            self._eyes(spec, body),
            *clothes,
            *(thing_piece(without_covered(part, clothes), tiles) for part in things),
        ]

    def _soles(self, spec: PersonSpec, body: FittedBody) -> list[Part]:
        parts = []
        for garment in spec.garments:
            if garment.slot is not Slot.shoes:
                continue
            marks = (d.colours[0] for d in garment.details if d.kind is DetailKind.sole)
            colour = next(marks, _DEFAULT_SOLE)
            sole = sole_part(self._catalogue.sole, body.vertices, garment.cuts[0].off)
            parts.append(replace(sole, colour=colour, specular=garment.gloss))
        return parts

    def _skin(self, spec: PersonSpec, body: FittedBody, layers: Sequence[Layer]) -> Piece:
        hidden, depth, contact = skin_under(layers)
        colours = paint_skin(
            self._paint, spec.face, spec.skin, spec.hair.colour, contact, hairline(spec)
        )
        self._pull_on_socks(spec, colours)
        vertices = packed_vertices(
            body.vertices[:BODY_VERTICES],
            body.normals[:BODY_VERTICES],
            body.bone_rows[:BODY_VERTICES],
            body.bone_weights[:BODY_VERTICES],
            colours,
            specular=_SKIN_SPECULAR,
        )
        x, y, z = body.vertices[:BODY_VERTICES].T
        uv = np.stack([x + z, y], 1)
        levels = tuple(
            chosen_level(faces[~hidden[faces].all(1)], uv) for faces in self._catalogue.skin_levels
        )
        return Piece("skin", vertices, levels, under=depth)

    def _pull_on_socks(self, spec: PersonSpec, colours: np.ndarray) -> None:
        """Paint socks in a grey of the trousers' tone between long trousers and shoes."""
        for garment in spec.garments:
            for cut in garment.cuts:
                if cut.kind is CutKind.bottom and cut.leg > _SOCKS_FROM_LEG:
                    cloth = np.array(garment.fabric.main_colour, float)
                    ankle = self._catalogue.fields.leg[:BODY_VERTICES] > _SOCK_TOP
                    colours[ankle] = 0.35 * cloth + 0.4 * cloth.mean() + 12.0

    def _eyes(self, spec: PersonSpec, body: FittedBody) -> Piece:
        rows = np.unique(self._catalogue.eye_levels[0])
        positions = body.vertices[rows]
        gap = positions[:, None] - body.eyes[None]
        nearest = (gap * gap).sum(-1).argmin(1)
        normals = positions - body.eyes[nearest]
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-6)
        vertices = packed_vertices(
            positions,
            normals,
            body.bone_rows[rows],
            body.bone_weights[rows],
            paint_eyes(positions, body.eyes, spec.face),
            specular=_EYE_SPECULAR,
        )
        uv = np.zeros((len(rows), 2), np.float32)
        levels = tuple(
            chosen_level(np.searchsorted(rows, faces), uv) for faces in self._catalogue.eye_levels
        )
        return Piece("eyes", vertices, levels)


def _without_pushed(
    spec: PersonSpec, body: FittedBody, pieces: Sequence[Piece]
) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Pieces of the person, and of what is pushed: all that hands hold of somebody who pushes."""
    if not {spec.gait.left, spec.gait.right} & {*PUSHING}:
        return pieces, ()
    hands = [body.bone(name) for name in PROP_BONES]
    held = [bool(np.isin(piece.vertices["bones"][:, 0], hands).all()) for piece in pieces]
    own, pushed = ([p for p, is_held in zip(pieces, held) if is_held is of] for of in (False, True))
    return own, pushed


def _from_above(pieces: Sequence[Piece]) -> np.ndarray:
    """Least and largest x and z of pieces, (2, 2) metres; (0, 2) of none."""
    if not pieces:
        return NOTHING_PUSHED
    places = np.concatenate([piece.vertices["position"] for piece in pieces])[:, [0, 2]]
    return np.stack([places.min(axis=0), places.max(axis=0)])


def _extent(vertices: np.ndarray, clips: dict[str, Clip]) -> tuple[float, float]:
    """Return (largest distance from the vertical axis, highest point) over a few frames."""
    rest = np.ones((len(vertices), 4), np.float32)
    rest[:, :3] = vertices["position"]
    weights = vertices["weights"].astype(np.float32) / 255.0
    bones = vertices["bones"].astype(np.int64)
    radius, reach = 0.0, 0.0
    for clip in clips.values():
        for frame in range(0, len(clip.bones), _EXTENT_EVERY):
            blended = np.einsum("nk,nkij->nij", weights, clip.bones[frame][bones])
            posed = np.einsum("nij,nj->ni", blended, rest)
            radius = max(radius, float(np.hypot(posed[:, 0], posed[:, 2]).max()))
            reach = max(reach, float(posed[:, 1].max()))
    return radius, reach
