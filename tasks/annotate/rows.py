"""One accepted or refused person of one frame as a row of the stored tables, crop included."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import simplejpeg

from manifests.annotation_rules import AnnotationRules
from manifests.schema import BOX, CROP_BOX
from tasks.annotate.bundle import Frame
from tasks.annotate.crop_looks import FrameLook
from tasks.annotate.frames import FrameAnnotation
from tasks.annotate.joints import visible_joints
from tasks.annotate.measure import drawn
from tasks.annotate.rle import encode_rle

WHOLE_FRAME = -1
"""``person_index`` of a refusal that stands for a whole frame."""

UNKNOWN_LOOKS: Mapping[str, Any] = {
    "gender": "unknown",
    "age": float("nan"),
    "stature": float("nan"),
    "garments": [],
    "garment_colours": [],
    "accessories": [],
    "outfit": 0,
    "look_alike_group": None,
    "dark_clothing": False,
}
"""Looks of somebody of whom nothing is known but who they are."""


class Described(Protocol):
    """A person whose looks are known; ``PersonSpec`` is one."""

    @property
    def index(self) -> int: ...

    @property
    def person_id(self) -> str: ...

    @property
    def activities(self) -> Sequence[str]: ...

    def attributes(self) -> Mapping[str, Any]: ...


def looks_columns(person: Described) -> dict[str, Any]:
    """The looks columns of the crop schema."""
    attributes = person.attributes()
    return {name: attributes[name] for name in UNKNOWN_LOOKS}


def refusal_row(frame: Frame, person: int, reason: str) -> dict[str, Any]:
    """A row of the schema ``REFUSALS``."""
    return {"frame": frame.frame, "person_index": person, "camera": frame.camera, "reason": reason}


@dataclass(frozen=True)
class Crop:
    """One encoded crop: JPEG bytes, mean grey level 0..255, variance of the Laplacian."""

    jpeg: bytes
    luminance: float
    sharpness: float


def cut(pixels: np.ndarray, box: np.ndarray) -> np.ndarray:
    """The pixels of ``box`` (x0, y0, x1, y1, half-open) in a BGR image."""
    x0, y0, x1, y1 = (int(value) for value in box)
    return np.ascontiguousarray(pixels[y0:y1, x0:x1])


def encode(crop: np.ndarray, jpeg_quality: int) -> Crop:
    """Encode and measure the BGR pixels of a crop."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))
    jpeg = simplejpeg.encode_jpeg(
        crop, quality=jpeg_quality, colorspace="BGR", colorsubsampling="420"
    )
    return Crop(jpeg, float(cv2.mean(grey)[0]), float(deviation[0, 0]) ** 2)


def crop_row(
    frame: Frame,
    annotation: FrameAnnotation,
    i: int,
    lit: np.ndarray,
    rules: AnnotationRules,
    look: FrameLook | None = None,
) -> dict[str, Any]:
    """Cut candidate ``i`` out of a frame: a row of ``CROPS`` but for looks, scene and shard.

    ``look``: what the frame's camera makes of its crops.
    """
    people, candidates = frame.people, annotation.candidates
    known = int(annotation.known[i])
    box = annotation.verdicts.boxes[i].tolist()
    cropped = annotation.verdicts.crops[i].tolist()
    pixels, quality = cut(lit, annotation.verdicts.crops[i]), rules.jpeg_quality
    if look is not None:
        pixels = look.of(pixels, int(candidates.person[i]))
        quality = look.look.jpeg_quality or quality
    crop = encode(pixels, quality)
    full_pixels = people.full_pixels[known]
    return {
        "person_id": people.person_id[known],
        "person_index": int(candidates.person[i]),
        "camera": frame.camera,
        "light": frame.light,
        "frame": frame.frame,
        "instant": frame.instant,
        "time": frame.time,
        "frame_width": frame.width,
        "frame_height": frame.height,
        **dict(zip(BOX, box, strict=True)),
        **dict(zip(CROP_BOX, cropped, strict=True)),
        "visible_pixels": int(candidates.visible[i]),
        "full_pixels": None if np.isnan(full_pixels) else int(full_pixels),
        "fill": float(annotation.fill[i]),
        "visibility": float(candidates.visibility[i]),
        "visibility_exact": bool(annotation.exact[i]),
        "truncation": float(candidates.truncation[i]),
        "occluders": [people.person_id[who] for who in annotation.occluders[i]],
        "distance": float(people.distance[known]),
        "viewpoint": float(annotation.azimuth[i]),
        "viewpoint_class": annotation.sides[i],
        "joints": _joints(frame, annotation, known) if rules.joints else None,
        "mask_rle": _mask(frame, annotation, i) if rules.masks else None,
        "luminance": crop.luminance,
        "sharpness": crop.sharpness,
        "width": cropped[2] - cropped[0],
        "height": cropped[3] - cropped[1],
        "crop_digest": hashlib.sha256(crop.jpeg).digest(),
        "jpeg": crop.jpeg,
    }


def _joints(frame: Frame, annotation: FrameAnnotation, known: int) -> list[float] | None:
    points = frame.people.joints[known]
    if np.isnan(points).all():
        return None
    return visible_joints(points, known, annotation.runs).ravel().tolist()


def _mask(frame: Frame, annotation: FrameAnnotation, i: int) -> bytes:
    extent = annotation.extents[i]
    pixels = drawn(annotation.runs, int(annotation.known[i]), extent)
    return encode_rle(pixels, int(extent[0]), int(extent[1]), frame.height)
