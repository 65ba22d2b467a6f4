"""Paints skin: brows, lips, stubble, eye sockets and shade as colours of the base mesh's vertices.

Vertex colours survive every level of detail and need no texture of the face. Everything is
a weight on the neutral head, so it sits right on every head.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.people.fitted_body import BODY_VERTICES
from synth_workers.people.spec import FaceSpec
from synth_workers.people.template_fields import TemplateFields

_IRIS_M = 0.0062
_PUPIL_M = 0.0027
SCLERA = (222.0, 216.0, 210.0)
PUPIL = (12.0, 10.0, 10.0)


@dataclass(frozen=True)
class FacePaint:
    """Weights (13380,) of what is painted where."""

    brow: np.ndarray
    lip: np.ndarray
    beard: np.ndarray
    socket: np.ndarray
    blush: np.ndarray
    light: np.ndarray


def face_paint(fields: TemplateFields, eyes: np.ndarray) -> FacePaint:
    """Compute the weights; ``eyes`` (2, 3) are the neutral eye centres in dm."""
    x, y, z = fields.vertices[:BODY_VERTICES].T
    head = fields.head_share[:BODY_VERTICES] > 0.5
    eye = np.abs(eyes[0])
    from_eye = np.abs(np.abs(x) - eye[0])
    brow_y = eye[1] + 0.17 + 0.05 * from_eye
    brow = np.exp(-(((y - brow_y) / 0.04) ** 2)) * (np.abs(x) > 0.1) * (np.abs(x) < 0.55)
    mouth_y = eye[1] - 0.68
    lip = np.exp(-(((y - mouth_y) / 0.055) ** 2)) * np.clip(1.2 - (x / 0.24) ** 2, 0, 1)
    beard = np.clip((eye[1] - 0.42 - y) / 0.2, 0, 1) * (y > eye[1] - 1.25) * (z > eye[2] - 0.9)
    socket = np.exp(-(((y - eye[1]) / 0.09) ** 2) - (from_eye / 0.18) ** 2)
    cheek = np.exp(-(((y - eye[1] + 0.35) / 0.2) ** 2) - ((np.abs(x) - 0.42) / 0.2) ** 2)
    nose = np.exp(-(((y - eye[1] + 0.38) / 0.14) ** 2) - (x / 0.14) ** 2) * (z > eye[2] + 0.2)
    return FacePaint(
        brow=brow * head * (z > eye[2] - 0.25),
        lip=lip * head * (z > eye[2] - 0.1),
        beard=beard * head,
        socket=socket * head,
        blush=np.maximum(cheek, 0.8 * nose) * head * (z > eye[2] - 0.5),
        light=fields.openness[:BODY_VERTICES],
    )


def paint_skin(
    paint: FacePaint,
    face: FaceSpec,
    skin: tuple[int, int, int],
    hair: tuple[int, int, int],
    contact: np.ndarray,
) -> np.ndarray:
    """Return the skin's colours (13380, 3), sRGB 0..255; ``contact`` is shade below hems."""
    base = np.array(skin, np.float64)
    dark_hair = np.minimum(np.array(hair, np.float64), 0.75 * base + 20)
    colours = np.repeat(base[None], BODY_VERTICES, 0)

    def blend(weight: np.ndarray, colour: np.ndarray) -> None:
        nonlocal colours
        colours = colours + weight[:, None] * (colour - colours)

    blend(0.25 * paint.blush, base * [1.0, 0.72, 0.68])
    blend(0.45 * face.stubble * paint.beard, 0.45 * base + 0.25 * dark_hair)
    blend((0.35 + 0.5 * face.lips) * paint.lip, base * [0.85, 0.55, 0.53])
    blend((0.35 + 0.6 * face.brows) * paint.brow, 0.7 * dark_hair)
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
