"""Whole frames as a COCO data set for detection, segmentation and pose: everybody in view.

Needs the frame bundles, which a build keeps when its recipe says ``keep_frames``.
"""

from __future__ import annotations

import json
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
from tasks.export.coco_fields import PERSON, keypoints, segmentation
from tasks.export.folders import ExportFormat, place
from tasks.progress import Progress, report_progress

_EVERYBODY = AnnotationRules(props_in_box=True, enlarge=0)
"""Boxes around everything that is visible of a person; nobody is refused here."""


def write_frames(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every frame of the shards a snapshot draws on, with all visible people.

    Images go to ``images``, ``annotations/instances.json`` holds box, mask, keypoints and
    ``person`` (index in the recipe + 1, extras included) of everybody with a visible pixel. Raises
    ``NotFound`` when the build did not keep its frames, ``CorruptData`` that names a damaged
    bundle.
    """
    shards = sorted(set(reader.table(["render_id"])["render_id"].to_pylist()))
    store, claims = reader.dataset.store, _kept(reader.dataset, shards)
    images: list[str] = []
    annotations: list[str] = []
    refused = 0
    for done, claim in enumerate(claims, start=1):
        check_stored(store, claim, "delete its claim and build again to render its shard anew")
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
    with place(folder, "annotations/instances.json").open("w") as file:
        file.write('{"categories": [' + json.dumps(PERSON) + '],\n"images": [\n')
        file.write(",\n".join(images) + '],\n"annotations": [\n')
        file.write(",\n".join(annotations) + "]}\n")
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


def _image(number: int, name: str, frame: Frame) -> str:
    told = ("width", "height", "camera", "light", "instant", "time")
    image = {"id": number, "file_name": name}
    return json.dumps(image | {field: getattr(frame, field) for field in told})


def _people(frame: Frame, annotation: FrameAnnotation, image: int, first: int) -> Iterator[str]:
    for position in range(len(annotation.known)):
        fields = {
            "id": first + position,
            "image_id": image,
            "person": int(annotation.candidates.person[position]) + 1,
            **_annotation(frame, annotation, position),
        }
        yield json.dumps(fields)


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
