"""What our manifests say of crops, as the measures of looks take it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from manifests.schema import BOX, CROP_BOX
from training.looks.crops import Labels

LABEL_COLUMNS = (
    *BOX,
    *CROP_BOX,
    "visible_pixels",
    "visibility",
    "truncation",
    "occluders",
    "render_id",
    "frame",
)
"""Columns of the manifest that are needed."""

_REACHES = 0.02
"""Share of a crop from which the tight box of somebody else in it counts."""


def labels_of(rows: pa.Table, chosen: np.ndarray) -> Labels:
    """Labels of the ``chosen`` rows of a whole manifest.

    Somebody else is in a crop if one of the occluders is, or if the tight box of another crop of
    the same frame covers a fiftieth of it. Who was refused and hides nobody is not in the
    manifest, so that is a lower bound.
    """
    tight, crop = (
        np.stack([rows[name].to_numpy() for name in names], axis=1).astype(np.float64)
        for names in (BOX, CROP_BOX)
    )
    size = np.maximum(crop[:, 2:] - crop[:, :2], 1.0)
    inside = (tight - np.tile(crop[:, :2], 2)) / np.tile(size, 2)
    hidden = np.array([bool(who) for who in rows["occluders"].to_pylist()])
    others = hidden | _meets_another(_frames(rows), tight, crop)
    filled = rows["visible_pixels"].to_numpy() / size.prod(1)
    visibility, truncation = (
        rows[name].to_numpy().astype(np.float64) for name in ("visibility", "truncation")
    )
    return Labels(inside, filled, visibility, truncation, others.astype(np.float64)).take(chosen)


def _frames(rows: pa.Table) -> np.ndarray:
    _, shard = np.unique(np.asarray(rows["render_id"].to_pylist()), return_inverse=True)
    _, frame = np.unique(
        np.column_stack([shard, rows["frame"].to_numpy()]), axis=0, return_inverse=True
    )
    return frame.ravel()


def _meets_another(frame: np.ndarray, tight: np.ndarray, crop: np.ndarray) -> np.ndarray:
    """(N,) bool: whether the tight box of another row of the frame reaches into the row's crop."""
    meets = np.zeros(len(frame), bool)
    order = np.argsort(frame, kind="stable")
    starts = np.flatnonzero(np.diff(frame[order], prepend=-1))
    for rows in np.split(order, starts[1:]):
        if len(rows) > 1:
            boxes, crops = tight[rows][None], crop[rows][:, None]
            overlap = np.minimum(crops[..., 2:], boxes[..., 2:])
            overlap = overlap - np.maximum(crops[..., :2], boxes[..., :2])
            size = (crops[..., 2:] - crops[..., :2]).prod(2)
            both = np.maximum(overlap, 0).prod(2) >= _REACHES * np.maximum(size, 1)
            np.fill_diagonal(both, False)
            meets[rows] = both.any(1)
    return meets
