"""2D joints of people: their order, whether they can be seen, and how far the body reaches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.schema import KEYPOINT_NAMES
from tasks.annotate.measure import labels_at
from tasks.annotate.runs import Runs

BODY_MARGIN = 0.16
"""How far flesh, hair, hats and loose clothes reach beyond the outermost joints, as a share of
the joints' height in the frame."""

_NEAR = ((0, 0), (2, 0), (-2, 0), (0, 2), (0, -2))
"""Offsets at which a joint is looked for in the mask: noses and eyes lie on the outline."""


def coco_order(names: Sequence[str]) -> np.ndarray | None:
    """Where each of ``KEYPOINT_NAMES`` is found in ``names``; None if one is missing."""
    if not set(KEYPOINT_NAMES) <= set(names):
        return None
    return np.array([names.index(name) for name in KEYPOINT_NAMES])


def body_regions(joints: np.ndarray) -> np.ndarray:
    """(p, 4) int64 x0, y0, x1, y1: where each body can be, carried things left out.

    ``joints``: (p, 17, 3) x, y (pixels) and depth. Somebody with an unknown joint (NaN) can be
    anywhere.
    """
    everywhere = np.iinfo(np.int32)
    regions = np.empty((len(joints), 4), np.int64)
    regions[:, :2], regions[:, 2:] = everywhere.min, everywhere.max
    known = np.isfinite(joints).all(axis=(1, 2))
    low, high = joints[known, :, :2].min(axis=1), joints[known, :, :2].max(axis=1)
    margin = BODY_MARGIN * (high[:, 1:] - low[:, 1:])
    regions[known] = np.concatenate([np.floor(low - margin), np.ceil(high + margin)], axis=1)
    return regions


def visible_joints(joints: np.ndarray, label: int, runs: Runs) -> np.ndarray:
    """(17, 3) x, y, visible: 1.0 where the mask shows this person at the joint, else 0.0.

    ``joints``: (17, 3) x, y (pixels) and depth; NaN where unknown, which stays NaN. A joint
    that only the person's own body covers counts as visible, as annotators of photographs
    treat joints under clothes.
    """
    seen = np.zeros(len(joints))
    known = np.flatnonzero(np.isfinite(joints).all(axis=1))
    x, y = np.floor(joints[known, :2]).astype(np.int64).T
    for dx, dy in _NEAR:
        seen[known] = np.maximum(seen[known], labels_at(runs, x + dx, y + dy) == label)
    return np.column_stack([joints[:, :2], seen])
