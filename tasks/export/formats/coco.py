"""COCO annotations of crops: box, and where the data set has them mask and keypoints.

Every crop is an image of its own with one annotated person; coordinates are the crop's. Whole
frames with everybody in them: ``coco_frames``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.schema import BOX, MANIFEST
from tasks.annotate.rle import decode_rle, encode_rle
from tasks.export.coco_fields import PERSON, keypoints, segmentation
from tasks.export.crop_layout import ExportPlan, crop_layout, numbered, safe_name


def plan_coco(table: pa.Table) -> ExportPlan:
    """Crops under ``images/<split>``, annotations in ``annotations/<split>.json``."""
    rows = table.to_pylist()
    people = numbered((row["person_id"] for row in rows), 1)
    paths: list[str | None] = []
    documents: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        split = safe_name(row["split"])
        document = documents.setdefault(
            split, {"images": [], "annotations": [], "categories": [PERSON]}
        )
        name = f"{number:08d}.jpg"
        paths.append(f"images/{split}/{name}")
        document["images"].append(
            {
                "id": number,
                "file_name": name,
                "width": int(row["width"]),
                "height": int(row["height"]),
                **{key: row[key] for key in ("crop_key", "scene", "camera", "light", "role")},
            }
        )
        ids = {"id": number, "image_id": number, "person": people[row["person_id"]]}
        document["annotations"].append(ids | crop_annotation(row))
    return ExportPlan(
        paths, {f"annotations/{split}.json": json.dumps(doc) for split, doc in documents.items()}
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


FORMAT = crop_layout(MANIFEST.names, plan_coco)
