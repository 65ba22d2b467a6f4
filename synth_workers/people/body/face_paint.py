"""Paints skin: brows, lips, stubble, eye sockets and shade as colours of the base mesh's vertices.

Vertex colours survive every level of detail and need no texture of the face. Everything is
a weight on the neutral head, so it sits right on every head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.people.body.fitted_body import BODY_VERTICES
from synth_workers.people.body.template_fields import HAIRLINE_DEPTHS, TemplateFields
from synth_workers.people.spec import FaceSpec

_IRIS_M = 0.0062
_FADE = 0.2
"""Share of head height over which hair at sides and nape thins out."""

_HAIR_COVERS = 0.8
_PUPIL_M = 0.0027
SCLERA = (222.0, 216.0, 210.0)
PUPIL = (12.0, 10.0, 10.0)


@dataclass(frozen=True)
class FacePaint:
    """Weights (13380,) of what is painted where.

    ``head_height``, ``head_depth``: 0..1 over the skull; ``scalp``: where hair can grow.
    """

    brow: np.ndarray
    lip: np.ndarray
    mouth: np.ndarray
    beard: np.ndarray
    socket: np.ndarray
    blush: np.ndarray
    light: np.ndarray
    head_height: np.ndarray
    head_depth: np.ndarray
    scalp: np.ndarray


def face_paint(fields: TemplateFields, eyes: np.ndarray) -> FacePaint:
    """Compute the weights; ``eyes`` (2, 3) are the neutral eye centres in dm."""
    x, y, z = fields.vertices[:BODY_VERTICES].T
    head = fields.head_share[:BODY_VERTICES] > 0.5
    eye = np.abs(eyes[0])
    from_eye = np.abs(np.abs(x) - eye[0])
    # Brows rise outwards to two thirds of their length, then fall and thin out.
    out = np.clip((np.abs(x) - 0.13) / 0.42, 0.0, 1.0)
    brow_y = eye[1] + 0.185 + 0.075 * np.interp(out, (0.0, 0.65, 1.0), (0.0, 1.0, 0.35))
    brow = np.exp(-(((y - brow_y) / (0.046 - 0.018 * out)) ** 2))
    brow *= np.clip((np.abs(x) - 0.08) / 0.06, 0, 1) * np.clip((0.58 - np.abs(x)) / 0.06, 0, 1)
    mouth_y = eye[1] - 0.68
    parting = np.exp(-(((y - mouth_y) / 0.016) ** 2)) * np.clip(1.1 - (x / 0.24) ** 4, 0, 1)
    lip = np.exp(-(((y - mouth_y) / 0.055) ** 2)) * np.clip(1.2 - (x / 0.24) ** 2, 0, 1)
    # From the moustache along the jaw up to the sideburns; cheeks stay free.
    below = eye[1] - 0.47 - 0.28 * np.exp(-(((np.abs(x) - 0.42) / 0.16) ** 2))
    burn = np.clip((eye[2] - 0.62 - z) / 0.08, 0, 1) * np.clip((np.abs(x) - 0.5) / 0.05, 0, 1)
    below = np.where(np.abs(x) > 0.5, eye[1] - 0.62, below) + 0.5 * burn
    beard = np.clip((below - y) / 0.1, 0, 1) * np.clip((y - eye[1] + 1.3) / 0.15, 0, 1)
    beard *= np.clip((z - eye[2] + 1.05) / 0.2, 0, 1) * (np.abs(x) < 0.71)
    socket = np.exp(-(((y - eye[1]) / 0.09) ** 2) - (from_eye / 0.18) ** 2)
    cheek = np.exp(-(((y - eye[1] + 0.35) / 0.2) ** 2) - ((np.abs(x) - 0.42) / 0.2) ** 2)
    nose = np.exp(-(((y - eye[1] + 0.38) / 0.14) ** 2) - (x / 0.14) ** 2) * (z > eye[2] + 0.2)
    ears = (np.abs(x) > 0.7) & (np.abs(y - eye[1] + 0.2) < 0.55)
    return FacePaint(
        brow=brow * head * (z > eye[2] - 0.25),
        lip=lip * head * (z > eye[2] - 0.1),
        mouth=parting * head * (z > eye[2] - 0.1),
        beard=beard * head,
        socket=socket * head,
        blush=np.maximum(cheek, 0.8 * nose) * head * (z > eye[2] - 0.5),
        light=fields.openness[:BODY_VERTICES],
        head_height=fields.head_height[:BODY_VERTICES],
        head_depth=fields.head_depth[:BODY_VERTICES],
        scalp=(head & ~ears).astype(np.float32),
    )


def short_hair(paint: FacePaint, line: tuple[float, ...]) -> np.ndarray:
    """Return how much short hair covers the skin (13380,) around a hairline.

    ``line``: share of head height at ``HAIRLINE_DEPTHS``. At the sides and the nape hair thins
    out downwards; at the forehead it ends within millimetres.
    """
    edge = np.interp(paint.head_depth, HAIRLINE_DEPTHS, line)
    width = np.interp(paint.head_depth, (0.5, 0.66, 0.75), (_FADE, 0.6 * _FADE, 0.02))
    return paint.scalp * np.clip(1.0 - (edge - paint.head_height) / width, 0.0, 1.0)


def paint_skin(
    paint: FacePaint,
    face: FaceSpec,
    skin: tuple[int, int, int],
    hair: tuple[int, int, int],
    contact: np.ndarray,
    hairline: tuple[float, ...] | None = None,
) -> np.ndarray:
    """Return the skin's colours (13380, 3), sRGB 0..255.

    ``contact`` is shade below hems; ``hairline``: see ``short_hair``, None for a bald head.
    """
    base = np.array(skin, np.float64)
    dark_hair = np.minimum(np.array(hair, np.float64), 0.75 * base + 20)
    colours = np.repeat(base[None], BODY_VERTICES, 0)

    def blend(weight: np.ndarray, colour: np.ndarray) -> None:
        nonlocal colours
        colours = colours + weight[:, None] * (colour - colours)

    blend(0.25 * paint.blush, base * [1.0, 0.72, 0.68])
    blend(0.45 * face.stubble * paint.beard, 0.45 * base + 0.25 * dark_hair)
    blend((0.35 + 0.5 * face.lips) * paint.lip, base * [0.85, 0.55, 0.53])
    blend((0.55 - 0.2 * face.lips) * paint.mouth, base * [0.42, 0.28, 0.27])
    if hairline is not None:
        blend(_HAIR_COVERS * short_hair(paint, hairline), np.array(hair, np.float64))
    blend(0.85 * face.beard * paint.beard * (1.0 - paint.lip), 0.9 * dark_hair)
    blend((0.5 + 0.5 * face.brows) * paint.brow, 0.55 * dark_hair)
    shade = (1.0 - 0.3 * paint.socket) * (1.0 - 0.85 * (1.0 - paint.light))
    shade = shade * (1.0 - 0.35 * contact)
    return np.clip(colours * shade[:, None], 0, 255)


def paint_eyes(positions: np.ndarray, centres: np.ndarray, face: FaceSpec) -> np.ndarray:
    """Return colours (n, 3) of eye vertices at ``positions`` (n, 3) metres."""
    gap = positions[:, None, :2] - centres[None, :, :2]
    distance = np.sqrt((gap * gap).sum(-1)).min(1)
    lid = np.clip((positions[:, 1] - centres[:, 1].mean()) / 0.006, 0, 1)
    colours = np.array(SCLERA)[None] * (1.0 - 0.25 * lid[:, None])
    colours = np.where((distance < _IRIS_M)[:, None], np.array(face.eyes, float), colours)
    return np.where((distance < _PUPIL_M)[:, None], np.array(PUPIL), colours)
