"""What can be seen past boxes: straight lines from many places to many others. Metres."""

from __future__ import annotations

import numpy as np


def hit_distances(eyes: np.ndarray, targets: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """(e, t) how far the line from each eye (e, 3) to each target (e, t, 3) gets, as a share of
    its length: where it enters the first of the boxes (b, 6), 1 if there is none in the way."""
    reached = np.ones(targets.shape[:2])
    if not len(boxes):
        return reached
    for k, eye in enumerate(eyes):
        low = np.minimum(targets[k].min(axis=0), eye)
        high = np.maximum(targets[k].max(axis=0), eye)
        near = boxes[np.all((boxes[:, :3] < high) & (boxes[:, 3:] > low), axis=1)]
        if not len(near):
            continue
        span = targets[k] - eye
        inverse = 1.0 / np.where(np.abs(span) < 1e-9, 1e-9, span)
        enter = np.full((len(near), len(span)), -np.inf)
        leave = np.full((len(near), len(span)), np.inf)
        for axis in range(3):
            first = (near[:, axis, None] - eye[axis]) * inverse[:, axis]
            second = (near[:, axis + 3, None] - eye[axis]) * inverse[:, axis]
            np.maximum(enter, np.minimum(first, second), out=enter)
            np.minimum(leave, np.maximum(first, second), out=leave)
        blocked = (enter < leave) & (leave > 0) & (enter < 1)
        reached[k] = np.where(blocked, np.maximum(enter, 0), 1.0).min(axis=0)
    return reached


def inside_any(points: np.ndarray, boxes: np.ndarray, margin: float) -> np.ndarray:
    """(n,) whether each of the points (n, 3) lies in a box or nearer to it than ``margin``."""
    low, high = boxes[:, :3] - margin, boxes[:, 3:] + margin
    return np.any(np.all((points[:, None] > low) & (points[:, None] < high), axis=2), axis=1)
