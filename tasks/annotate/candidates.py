"""What both rule sets judge: the visible people of one frame, measured, not yet accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.reasons import Refusal


@dataclass(frozen=True)
class Candidates:
    """The m people of a frame with at least one visible pixel; arrays over them.

    ``person``: (m,) int64 index in the recipe. ``visible``: (m,) int64 pixels. ``boxes``: (m, 4)
    int64 boxes, half-open pixels, tight around what counts as the person. ``others``: (m,) int64
    pixels of other people inside the box. ``visibility``: (m,) float64 visible share of the body.
    ``truncation``: (m,) float64 share of the full box off-frame. ``width``, ``height``: of the
    frame, pixels.
    """

    person: np.ndarray
    visible: np.ndarray
    boxes: np.ndarray
    others: np.ndarray
    visibility: np.ndarray
    truncation: np.ndarray
    width: int
    height: int


@dataclass(frozen=True)
class Verdicts:
    """What a rule set decided about m candidates.

    ``reasons``: m of them, None where accepted. ``boxes``: (m, 4) int64 tight boxes as the rule set
    defines them; ``crops``: (m, 4) int64 what to cut; both half-open pixels inside the frame.
    """

    reasons: tuple[Refusal | None, ...]
    boxes: np.ndarray
    crops: np.ndarray


def first_reason(count: int, *tests: tuple[Refusal, np.ndarray]) -> tuple[Refusal | None, ...]:
    """For each of ``count`` candidates the reason of the first test that is true."""
    reasons = np.full(count, None, dtype=object)
    for reason, failed in reversed(tests):
        reasons[failed] = reason
    return tuple(reasons.tolist())
