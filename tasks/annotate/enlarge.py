"""Seeded enlargement of boxes: what is cut out around each of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Draw = Callable[[int], np.random.Generator]
"""Person index -> the generator of this person's draws in this frame."""


def enlarged(
    boxes: np.ndarray, person: np.ndarray, share: float, draw: Draw, width: int, height: int
) -> np.ndarray:
    """``boxes`` (m, 4) int64 whose sides moved outwards, but not beyond 0, ``width``, ``height``.

    Each side is drawn by itself, uniformly from 0 to floor(share * width) for left and right and
    floor(share * height) for top and bottom. A person's draws depend on that person alone,
    so neither the company in the frame nor a rule that drops somebody changes them.
    """
    most = np.floor(share * np.tile(boxes[:, 2:] - boxes[:, :2], 2)).astype(np.int64)
    moves = np.zeros_like(boxes)
    for row, index in enumerate(person):
        moves[row] = draw(int(index)).integers(0, most[row], endpoint=True)
    return np.clip(boxes + moves * np.array([-1, -1, 1, 1]), 0, [width, height] * 2)
