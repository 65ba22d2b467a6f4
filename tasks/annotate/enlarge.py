"""Seeded enlargement of boxes: how far each side of a crop moves outwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Draw = Callable[[int], np.random.Generator]
"""Person index -> the generator of this person's draws in this frame."""


def outward_moves(boxes: np.ndarray, person: np.ndarray, share: float, draw: Draw) -> np.ndarray:
    """(m, 4) int64 pixels by which left, top, right, bottom move outwards.

    Each side is drawn by itself, uniformly from 0 to floor(share * width) for left and right and
    floor(share * height) for top and bottom. A person's draws depend on that person alone,
    so neither the company in the frame nor a rule that drops somebody changes them.
    """
    width = boxes[:, 2] - boxes[:, 0]
    height = boxes[:, 3] - boxes[:, 1]
    most = np.floor(share * np.stack([width, height, width, height], axis=1)).astype(np.int64)
    moves = np.zeros_like(boxes)
    for row, index in enumerate(person):
        moves[row] = draw(int(index)).integers(0, most[row], endpoint=True)
    return moves
