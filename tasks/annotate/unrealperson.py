"""The acceptance rules of the paper's published scripts, decision by decision.

UnrealPerson, CVPR 2021, section 3.3 and the released annotation scripts: one variant for
images, a stricter one for video. Kept with their quirks, so that data sets made here can
be compared with theirs box by box:

* the last row and column of the visible box are taken as exclusive bounds, so a box is one
  pixel short on the right and at the bottom;
* anybody within five pixels of the frame's edge is refused, however large;
* occlusion is judged by how much of the visible box is filled, not by how much of the
  person is seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.reasons import Refusal
from tasks.annotate.candidates import Candidates, Draw, Verdicts, enlarged, first_reason
from tasks.annotate.labels import areas

COLOUR_TOLERANCE = 3
"""Largest difference per channel between a mask pixel and a person's colour."""


@dataclass(frozen=True)
class Thresholds:
    """Numbers in which the image and the video script differ.

    ``min_crop_area``: pixels of the enlarged box. ``max_crop_aspect``: its width / height.
    """

    min_crop_area: int
    max_crop_aspect: float


IMAGE = Thresholds(min_crop_area=2000, max_crop_aspect=float("inf"))
VIDEO = Thresholds(min_crop_area=3000, max_crop_aspect=0.7)

_MIN_VISIBLE = 2000  # strictly more than this many pixels
_EDGE = 5
_ENLARGE = 0.1
_MIN_FILL = 0.3


def judge(candidates: Candidates, thresholds: Thresholds, draw: Draw) -> Verdicts:
    """Accept or refuse every candidate and decide what to cut.

    Reasons, the first that applies: ``few-pixels``, ``edge``, ``small``, ``wide``, ``occluded``.
    """
    frame_width, frame_height = candidates.width, candidates.height
    boxes = candidates.boxes.copy()
    boxes[:, 2:] -= 1  # inclusive indices used as exclusive bounds
    left, top, right, bottom = boxes.T
    last = (frame_width - 1, frame_height - 1)
    crops = enlarged(boxes, candidates.person, _ENLARGE, draw, *last)
    crop_width = crops[:, 2] - crops[:, 0]
    crop_height = crops[:, 3] - crops[:, 1]
    fill = candidates.visible / np.maximum(areas(boxes), 1)
    reasons = first_reason(
        len(boxes),
        (Refusal.few_pixels, candidates.visible <= _MIN_VISIBLE),
        (
            Refusal.edge,
            (left < _EDGE)
            | (top < _EDGE)
            | (bottom >= frame_height - _EDGE)
            | (right >= frame_width - _EDGE),
        ),
        (Refusal.small, crop_width * crop_height < thresholds.min_crop_area),
        (Refusal.wide, crop_width / np.maximum(crop_height, 1) > thresholds.max_crop_aspect),
        (Refusal.occluded, fill < _MIN_FILL),
        # A crop without area can only come from a line one pixel thin.
        (Refusal.small, (crop_width <= 0) | (crop_height <= 0)),
    )
    return Verdicts(reasons, boxes, crops)
