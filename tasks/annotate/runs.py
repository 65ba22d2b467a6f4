"""Instance masks as horizontal runs: where everybody is, found in one pass over the pixels.

What the runs measure says ``measure``; what makes a mask a sound one ``synth_workers.images``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.images import Foreign, Mask


@dataclass(frozen=True)
class Runs:
    """Horizontal runs of equal label in raster order; the background has no runs.

    ``label`` int32, ``y``, ``x0``, ``x1`` int64, each (n,); a run covers pixels
    ``x0 <= x < x1`` of row ``y``. ``width`` and ``height`` are the frame's, in pixels.
    """

    label: np.ndarray
    y: np.ndarray
    x0: np.ndarray
    x1: np.ndarray
    width: int
    height: int


def label_runs(
    mask: Mask, colours: np.ndarray, *, tolerance: int = 0, foreign: Foreign = "refuse"
) -> Runs:
    """Find the runs of every known colour; the label is the position in ``colours``.

    Arguments and refusals are those of ``Mask.labels``.
    """
    labels = mask.labels(colours, tolerance=tolerance, foreign=foreign)
    height, width = mask.indices.shape
    flat = mask.indices.reshape(-1)
    begins = np.empty(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::width] = True
    start = np.flatnonzero(begins)
    label = labels[flat[start]]
    stop = np.append(start[1:], flat.size)
    person = np.flatnonzero(label >= 0)
    start = start[person]
    y = start // width
    x0 = start - y * width
    return Runs(label[person], y, x0, stop[person] - y * width, width, height)
