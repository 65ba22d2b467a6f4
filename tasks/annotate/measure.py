"""Measurements on mask runs: areas, tight boxes, who covers how much of which box.

Everything costs time in the number of runs, not of pixels times people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tasks.annotate.runs import Runs


@dataclass(frozen=True)
class Measurements:
    """What the mask says about each of k labels.

    ``visible``: (k,) int64 pixels. ``boxes``: (k, 4) int64 tight boxes x0, y0, x1, y1,
    half-open pixels; zeros for labels without a pixel.
    """

    visible: np.ndarray
    boxes: np.ndarray


def measure(runs: Runs, labels: int) -> Measurements:
    """Area and tight box of every label below ``labels``."""
    visible = np.bincount(runs.label, weights=runs.x1 - runs.x0, minlength=labels)
    boxes = np.zeros((max(labels, visible.size), 4), np.int64)
    if runs.label.size:
        order = np.argsort(runs.label.astype(np.int16), kind="stable")
        label = runs.label[order]
        first = np.flatnonzero(np.append(True, label[1:] != label[:-1]))
        last = np.append(first[1:], label.size) - 1
        present = label[first]
        y = runs.y[order]
        boxes[present, 0] = np.minimum.reduceat(runs.x0[order], first)
        boxes[present, 1] = y[first]
        boxes[present, 2] = np.maximum.reduceat(runs.x1[order], first)
        boxes[present, 3] = y[last] + 1
    return Measurements(visible[:labels].astype(np.int64), boxes[:labels])


def pixels_in_boxes(runs: Runs, boxes: np.ndarray, labels: int) -> np.ndarray:
    """Pixels of every label inside every box.

    ``boxes``: (m, 4) int x0, y0, x1, y1, half-open pixels, may reach outside the frame.
    Returns (m, labels) int64.
    """
    counts = np.zeros((len(boxes), labels), np.int64)
    firsts = np.searchsorted(runs.y, boxes[:, 1], side="left")
    lasts = np.searchsorted(runs.y, boxes[:, 3], side="left")
    for i, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        if first >= last:
            continue
        overlap = np.minimum(runs.x1[first:last], boxes[i, 2])
        overlap -= np.maximum(runs.x0[first:last], boxes[i, 0])
        np.maximum(overlap, 0, out=overlap)
        counts[i] = np.bincount(runs.label[first:last], weights=overlap, minlength=labels)
    return counts


def within(runs: Runs, regions: np.ndarray) -> Runs:
    """The runs, cut to one rectangle per label. ``regions``: (labels, 4) half-open pixels."""
    region = regions[runs.label]
    x0 = np.maximum(runs.x0, region[:, 0])
    x1 = np.minimum(runs.x1, region[:, 2])
    left = (x0 < x1) & (runs.y >= region[:, 1]) & (runs.y < region[:, 3])
    return Runs(runs.label[left], runs.y[left], x0[left], x1[left], runs.width, runs.height)


def drawn(runs: Runs, label: int, box: np.ndarray) -> np.ndarray:
    """(h, w) bool: where one label is inside ``box`` (x0, y0, x1, y1, half-open pixels)."""
    x0, y0, x1, y1 = (int(value) for value in box)
    image = np.zeros((y1 - y0, x1 - x0), bool)
    first, last = np.searchsorted(runs.y, [y0, y1])
    rows = np.flatnonzero(runs.label[first:last] == label) + first
    for y, start, stop in zip(
        (runs.y[rows] - y0).tolist(),
        np.clip(runs.x0[rows] - x0, 0, None).tolist(),
        np.clip(runs.x1[rows] - x0, 0, None).tolist(),
        strict=True,
    ):
        image[y, start:stop] = True
    return image


def labels_at(runs: Runs, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Label under every pixel (x, y), int; -1 for background and outside the frame."""
    found = np.full(np.shape(x), -1, np.int32)
    inside = (x >= 0) & (x < runs.width) & (y >= 0) & (y < runs.height)
    if not runs.label.size or not inside.any():
        return found
    begin = runs.y * runs.width + runs.x0
    point = y[inside] * runs.width + x[inside]
    run = np.searchsorted(begin, point, side="right") - 1
    covered = (run >= 0) & (point < begin[run] + (runs.x1 - runs.x0)[run])
    found[inside] = np.where(covered, runs.label[run], -1)
    return found
