"""COCO annotations of crops: box, and where the data set has them mask and keypoints.

Every crop is an image of its own with one annotated person; coordinates are the crop's. Whole
frames with everybody in them: ``coco_frames``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from manifests.schema import BOX, CROP_BOX, KEYPOINT_NAMES
from tasks.annotate.bundle import Frame
from tasks.annotate.frames import FrameAnnotation
from tasks.annotate.joints import visible_joints
from tasks.annotate.measure import drawn
from tasks.annotate.rle import complete_rle, decode_rle, encode_rle
from tasks.export.plan import ExportPlan, numbered, safe_name

COLUMNS = (
    "crop_key",
    "person_id",
    "scene",
    "camera",
    "light",
    "frame",
    "time",
    "frame_width",
    "frame_height",
    *BOX,
    *CROP_BOX,
    "visible_pixels",
    "visibility",
    "joints",
    "mask_rle",
    "width",
    "height",
    "split",
    "role",
)

SKELETON = (
    (16, 14),
    (14, 12),
    (17, 15),
    (15, 13),
    (12, 13),
    (6, 12),
    (7, 13),
    (6, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 11),
    (2, 3),
    (1, 2),
    (1, 3),
    (2, 4),
    (3, 5),
)
"""COCO's limbs, as pairs of keypoint numbers counted from 1."""

PERSON = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(KEYPOINT_NAMES),
    "skeleton": [list(limb) for limb in SKELETON],
}


def plan_coco(table: pa.Table) -> ExportPlan:
    """Pictures under ``images/<split>``, annotations in ``annotations/<split>.json``."""
    rows = table.select(COLUMNS).to_pylist()
    people = numbered((row["person_id"] for row in rows), 1)
    paths: list[str | None] = []
    documents: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        split = safe_name(row["split"])
        document = documents.setdefault(split, empty_document())
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
        document["annotations"].append(
            {
                "id": number,
                "image_id": number,
                "person": people[row["person_id"]],
                **crop_annotation(row),
            }
        )
    return ExportPlan(
        paths, {f"annotations/{split}.json": json.dumps(doc) for split, doc in documents.items()}
    )


def empty_document() -> dict[str, Any]:
    """A COCO file without images."""
    return {"images": [], "annotations": [], "categories": [PERSON]}


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


def frame_annotation(frame: Frame, annotation: FrameAnnotation, position: int) -> dict[str, Any]:
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


def segmentation(rle: bytes, width: int, height: int) -> dict[str, Any]:
    """COCO's form of a compressed mask of an image of that size."""
    return {"size": [height, width], "counts": complete_rle(rle, width, height).decode("ascii")}


def keypoints(joints: np.ndarray, width: int, height: int) -> dict[str, Any]:
    """COCO's keypoints of (17, 3) x, y, visible: 2 seen, 1 hidden, 0 outside the image."""
    x, y, seen = joints.T
    inside = np.isfinite(joints).all(axis=1) & (x >= 0) & (y >= 0) & (x < width) & (y < height)
    flags = np.where(inside, np.where(seen > 0, 2, 1), 0)
    flat: list[float] = []
    for px, py, flag in zip(x.tolist(), y.tolist(), flags.tolist(), strict=True):
        flat += [round(px, 2), round(py, 2), flag] if flag else [0, 0, 0]
    return {"keypoints": flat, "num_keypoints": int((flags > 0).sum())}
