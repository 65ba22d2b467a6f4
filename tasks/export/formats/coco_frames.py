"""Whole frames as a COCO data set for detection, segmentation and pose: everybody in view.

Needs the frame bundles, which a build keeps when its recipe says ``keep_frames``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from manifests.checksums import check_stored
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import FrameRefused, NotFound
from manifests.reader import SnapshotReader
from manifests.recipe import AnnotationRules
from synth_workers.images import decode_mask
from tasks.annotate.bundle import Frame, frames_in
from tasks.annotate.frames import FrameAnnotation, annotate_frame
from tasks.annotate.joints import visible_joints
from tasks.annotate.measure import drawn
from tasks.annotate.rle import encode_rle
from tasks.export.coco_fields import LICENCE, about, annotation_files, keypoints, segmentation
from tasks.export.folders import ExportFormat, place
from tasks.progress import Progress, report_progress

SUBSET = "default"
"""As CVAT calls the only one; people of both splits are in the frames."""

_EVERYBODY = AnnotationRules(props_in_box=True, enlarge=0)
"""Boxes around everything that is visible of a person; nobody is refused here."""


def write_frames(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every frame of the shards a snapshot draws on, with all visible people.

    Images go to ``images``, ``annotations/instances_default.json`` holds box, mask and ``person``
    (index in the recipe + 1, extras included) of everybody with a visible pixel,
    ``person_keypoints_default.json`` also the keypoints of who has some. Raises ``NotFound`` when
    the build did not keep its frames, ``CorruptData`` that names a damaged bundle.
    """
    shards = sorted(set(reader.table(["render_id"])["render_id"].to_pylist()))
    store, claims = reader.dataset.store, _kept(reader.dataset, shards)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    refused = 0
    for done, claim in enumerate(claims, start=1):
        check_stored(store, claim)
        for frame in frames_in(store.open_parquet(claim.key), claim.key):
            if frame.camera not in cameras:
                continue
            try:
                annotation = _annotate(frame)
            except FrameRefused:
                refused += 1
                continue
            name = f"{claim.render_id}_{frame.frame:06d}.{_suffix(frame)}"
            place(folder, f"images/{name}").write_bytes(frame.lit)
            images.append(_image(len(images) + 1, name, frame))
            annotations += _people(frame, annotation, len(images), len(annotations) + 1)
        report_progress(Progress("export", done, len(claims), "shards"))
    files = annotation_files(about(reader.snapshot), SUBSET, images, annotations)
    for path, lines in files.items():
        with place(folder, path).open("w") as file:
            file.writelines(lines)
    return len(images), refused


def _kept(dataset: Dataset, render_ids: list[str]) -> list[Claim]:
    found = read_claims(dataset, "frames", render_ids)
    missing = len(render_ids) - len(found)
    if missing:
        raise NotFound(
            f"{dataset.store.uri}: the frames of {missing} of {len(render_ids)} shards of "
            f"{dataset.name!r} were not kept; build it with keep_frames: true"
        )
    return [found[render_id] for render_id in render_ids]


def _annotate(frame: Frame) -> FrameAnnotation:
    mask = decode_mask(frame.mask, frame.size)
    return annotate_frame(frame, mask, _EVERYBODY, "background", np.random.default_rng)


def _suffix(frame: Frame) -> str:
    return "png" if frame.lit_format == "png" else "jpg"


def _image(number: int, name: str, frame: Frame) -> dict[str, Any]:
    told = ("width", "height", "camera", "light", "instant", "time")
    image = {"id": number, "license": LICENCE, "file_name": name}
    return image | {field: getattr(frame, field) for field in told}


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


FORMAT = ExportFormat(write_frames, "frames")
