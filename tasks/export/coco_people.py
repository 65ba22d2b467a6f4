"""Everybody in a whole frame, in COCO's words: box, mask, keypoints, and who it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from manifests.annotation_rules import AnnotationRules
from synth_workers.images import decode_mask
from tasks.annotate.bundle import Frame
from tasks.annotate.frames import FrameAnnotation, annotate_frame
from tasks.annotate.joints import visible_joints
from tasks.annotate.measure import drawn
from tasks.annotate.rle import encode_rle
from tasks.export.coco_fields import LICENCE, keypoints, segmentation
from tasks.export.folders import place

_EVERYBODY = AnnotationRules(props_in_box=True, enlarge=0)
"""Boxes around everything that is visible of a person; nobody is refused here."""


def write_pictures(folder: Path, stem: str, frame: Frame) -> str:
    """Write a frame to ``images``, pictures of further ground truth (``manifests.channels``) to
    folders of their own, called like the frame; the name below ``images``."""
    name = f"{stem}.{'png' if frame.lit_format == 'png' else 'jpg'}"
    place(folder, f"images/{name}").write_bytes(frame.lit)
    for channel, data in frame.channels.items():
        place(folder, f"{channel}/{stem}.png").write_bytes(data)
    return name


def image_of(number: int, name: str, frame: Frame) -> dict[str, Any]:
    """COCO's entry of a frame, and when and where it was taken."""
    told = ("width", "height", "camera", "light", "instant", "time")
    image = {"id": number, "license": LICENCE, "file_name": name}
    return image | {field: getattr(frame, field) for field in told}


def people_of(frame: Frame, image: int, first: int) -> list[dict[str, Any]]:
    """COCO's annotations, numbered from ``first``, of everybody with a visible pixel; ``person`` is
    the index in the recipe + 1. Raises ``FrameRefused`` when the mask's colours are not people's.
    """
    mask = decode_mask(frame.mask, frame.size)
    annotation = annotate_frame(frame, mask, _EVERYBODY, "background", np.random.default_rng)
    return list(_people(frame, annotation, image, first))


def _people(
    frame: Frame, annotation: FrameAnnotation, image: int, first: int
) -> Iterator[dict[str, Any]]:
    for position in range(len(annotation.known)):
        yield {
            "id": first + position,
            "image_id": image,
            "person": int(annotation.candidates.person[position]) + 1,
            **_annotation(frame, annotation, position),
        }


def _annotation(frame: Frame, annotation: FrameAnnotation, position: int) -> dict[str, Any]:
    """COCO's fields for one visible person of a whole frame."""
    known = int(annotation.known[position])
    x0, y0, x1, y1 = (int(value) for value in annotation.extents[position])
    mask = drawn(annotation.runs, known, annotation.extents[position])
    fields: dict[str, Any] = {
        "category_id": 1,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(annotation.candidates.visible[position]),
        "iscrowd": 0,
        "segmentation": segmentation(
            encode_rle(mask, x0, y0, frame.height), frame.width, frame.height
        ),
        "visibility": round(float(annotation.candidates.visibility[position]), 4),
    }
    joints = frame.people.joints[known]
    if np.isfinite(joints).any():
        seen = visible_joints(joints, known, annotation.runs)
        fields |= keypoints(seen, frame.width, frame.height)
    return fields
