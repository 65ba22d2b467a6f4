"""COCO annotations of crops: box, and where the data set has them mask and keypoints.

Every crop is an image of its own with one annotated person; coordinates are the crop's. Whole
frames with everybody in them: ``coco_frames``.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.reader import SnapshotReader
from manifests.schema import BOX, MANIFEST
from tasks.annotate.rle import decode_rle, encode_rle
from tasks.export.coco_fields import LICENCE, about, annotation_files, keypoints, segmentation
from tasks.export.crop_layout import ExportPlan, crop_layout, numbered, safe_name
from tasks.export.folders import ExportFormat


def plan_coco(table: pa.Table, told: dict[str, Any]) -> ExportPlan:
    """Crops under ``images/<split>``, annotations in ``annotations/instances_<split>.json`` and
    ``annotations/person_keypoints_<split>.json``; ``told``: see ``coco_fields.about``."""
    rows = table.to_pylist()
    people = numbered((row["person_id"] for row in rows), 1)
    paths: list[str | None] = []
    images: dict[str, list[dict[str, Any]]] = {}
    annotations: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows, start=1):
        split = safe_name(row["split"])
        name = f"{number:08d}.jpg"
        paths.append(f"images/{split}/{name}")
        images.setdefault(split, []).append(
            {
                "id": number,
                "license": LICENCE,
                "file_name": name,
                "width": int(row["width"]),
                "height": int(row["height"]),
                **{key: row[key] for key in ("crop_key", "scene", "camera", "light", "role")},
            }
        )
        ids = {"id": number, "image_id": number, "person": people[row["person_id"]]}
        annotations.setdefault(split, []).append(ids | crop_annotation(row))
    return ExportPlan(
        paths,
        {
            path: "".join(lines)
            for split in images
            for path, lines in annotation_files(
                told, split, images[split], annotations[split]
            ).items()
        },
    )


def crop_annotation(row: dict[str, Any]) -> dict[str, Any]:
    """COCO's fields for the person of one crop, in the crop's coordinates."""
    left, top = int(row["crop_x0"]), int(row["crop_y0"])
    box = [int(row[name]) for name in BOX]
    annotation: dict[str, Any] = {
        "category_id": 1,
        "bbox": [box[0] - left, box[1] - top, box[2] - box[0], box[3] - box[1]],
        "area": int(row["visible_pixels"]),
        "iscrowd": 0,
        "visibility": float(row["visibility"]),
    }
    if row["mask_rle"] is not None:
        frame = decode_rle(row["mask_rle"], int(row["frame_width"]), int(row["frame_height"]))
        mask = frame[top : int(row["crop_y1"]), left : int(row["crop_x1"])]
        annotation["area"] = int(mask.sum())
        annotation["segmentation"] = segmentation(
            encode_rle(mask, 0, 0, mask.shape[0]), mask.shape[1], mask.shape[0]
        )
    if row["joints"] is not None:
        joints = np.asarray(row["joints"], np.float64).reshape(-1, 3)
        annotation |= keypoints(joints - [left, top, 0], int(row["width"]), int(row["height"]))
    return annotation


def write_crops(reader: SnapshotReader, cameras: set[str], folder: Path) -> tuple[int, int]:
    """Write every crop and what a snapshot says of it."""
    plan = partial(plan_coco, told=about(reader.snapshot))
    return crop_layout(MANIFEST.names, plan).write(reader, cameras, folder)


FORMAT = ExportFormat(write_crops)
