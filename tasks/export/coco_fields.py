"""COCO's own words for a person: category, segmentation and keypoints."""

from __future__ import annotations

from typing import Any

import numpy as np

from manifests.schema import KEYPOINT_NAMES
from tasks.annotate.rle import complete_rle

SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8),
    (7, 9), (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5),
)  # fmt: skip
"""COCO's limbs, as pairs of keypoint numbers counted from 1."""

PERSON = {
    "id": 1,
    "name": "person",
    "supercategory": "person",
    "keypoints": list(KEYPOINT_NAMES),
    "skeleton": [list(limb) for limb in SKELETON],
}


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
