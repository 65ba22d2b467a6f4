"""What both rule sets judge, the visible people of one frame, and how boxes are cut around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from manifests.reasons import Refusal
from tasks.annotate.box_errors import BOX_ERRORS, Boxes

Draw = Callable[[int], np.random.Generator]
"""Person index -> the generator of this person's draws in this frame."""


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


def enlarged(
    boxes: np.ndarray,
    person: np.ndarray,
    share: float,
    draw: Draw,
    width: int,
    height: int,
    kind: Boxes = "exact",
) -> np.ndarray:
    """``boxes`` (m, 4) int64 whose sides moved outwards, but not beyond 0, ``width``, ``height``.

    Each side is drawn by itself, uniformly from 0 to floor(share * width) for left and right and
    floor(share * height) for top and bottom; ``kind`` says whose errors come on top. A person's
    draws depend on that person alone, so neither the company in the frame nor a rule that refuses
    somebody changes them.
    """
    most = np.floor(share * np.tile(boxes[:, 2:] - boxes[:, :2], 2)).astype(np.int64)
    outwards = np.array([-1, -1, 1, 1])
    errors = BOX_ERRORS.get(kind)
    crops = np.zeros_like(boxes)
    for row, index in enumerate(person):
        rng = draw(int(index))
        crops[row] = boxes[row] + outwards * rng.integers(0, most[row], endpoint=True)
        if errors:
            crops[row] = errors.moved(crops[row], rng)
    return np.clip(crops, 0, [width, height] * 2)
