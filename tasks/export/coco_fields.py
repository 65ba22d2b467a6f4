"""COCO's own words: what a data set and its files are called, category, segmentation, keypoints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from manifests.licences import UNKNOWN, licence_url
from manifests.schema import KEYPOINT_NAMES
from manifests.snapshots import Snapshot
from tasks.annotate.rle import complete_rle

SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8),
    (7, 9), (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5),
)  # fmt: skip
"""COCO's limbs, as pairs of keypoint numbers counted from 1."""

_PERSON = {"id": 1, "name": "person", "supercategory": "person"}
_POSED = {"keypoints": list(KEYPOINT_NAMES), "skeleton": [list(limb) for limb in SKELETON]}
_KEYPOINTS = ("keypoints", "num_keypoints")

LICENCE = 1
"""Number of a data set's licence, which its images name."""


def about(snapshot: Snapshot) -> dict[str, Any]:
    """``info`` and ``licenses`` of a data set; readers fail without them."""
    licence = snapshot.licence or UNKNOWN
    return {
        "info": {
            "description": f"{snapshot.dataset}, snapshot {snapshot.number}",
            "version": str(snapshot.number),
            "year": int(snapshot.created[:4] or 0),
            "contributor": "UnrealPerson",
            "url": "",
            "date_created": snapshot.created[:10].replace("-", "/"),
        },
        "licenses": [{"id": LICENCE, "name": licence, "url": licence_url(licence) or ""}],
    }


def annotation_files(
    told: dict[str, Any],
    subset: str,
    images: Sequence[dict[str, Any]],
    annotations: Sequence[dict[str, Any]],
) -> dict[str, Iterator[str]]:
    """Path -> lines of the files in which COCO itself keeps a subset, and where its readers look:
    boxes and masks of everybody; if there are any, keypoints, too.

    ``told``: see ``about``, and whatever else is of the whole file; ``annotations`` with or without
    the fields of ``keypoints``.
    """
    boxes = ({k: v for k, v in one.items() if k not in _KEYPOINTS} for one in annotations)
    files = {"instances": _lines({**told, "categories": [_PERSON]}, images, boxes)}
    posed = [one for one in annotations if "keypoints" in one]
    if posed:
        files["person_keypoints"] = _lines(
            {**told, "categories": [_PERSON | _POSED]}, images, posed
        )
    return {f"annotations/{kind}_{subset}.json": lines for kind, lines in files.items()}


def _lines(
    head: dict[str, Any], images: Iterable[dict[str, Any]], annotations: Iterable[dict[str, Any]]
) -> Iterator[str]:
    """JSON, an image or annotation a line."""
    yield json.dumps(head)[:-1]
    for name, entries in (("images", images), ("annotations", annotations)):
        yield f', "{name}": ['
        for number, entry in enumerate(entries):
            yield (",\n" if number else "\n") + json.dumps(entry)
        yield "]"
    yield "}\n"


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
