"""Slow, literal re-statements of the rules, to which the fast code is compared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def boxes_and_areas(owner: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Half-open boxes and areas of people 0..count-1, pixel by pixel where it matters."""
    boxes = np.zeros((count, 4), int)
    areas = np.zeros(count, int)
    for index in range(count):
        rows, columns = np.nonzero(owner == index)
        areas[index] = len(rows)
        if len(rows):
            boxes[index] = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return boxes, areas


def paper_annotation(
    image: np.ndarray,
    colour: tuple[int, int, int],
    moves: Callable[[int, int], tuple[int, int, int, int]],
    video: bool,
) -> tuple[str | None, tuple[int, int, int, int] | None]:
    """The published scripts' decisions about one known colour, in their order.

    ``image``: (h, w, 3) red green blue. ``moves``: given the most a box may grow
    horizontally and vertically, the four outward moves left, top, right, bottom.
    Returns the word of the first failed test (None if kept) and the crop's bounds.
    """
    height, width = image.shape[:2]
    pixels = []
    for y in range(height):
        for x in range(width):
            red, green, blue = (int(channel) for channel in image[y, x])
            if (
                abs(red - colour[0]) <= 3
                and abs(green - colour[1]) <= 3
                and abs(blue - colour[2]) <= 3
            ):
                pixels.append((x, y))
    if not pixels:
        return "unseen", None
    if not len(pixels) > 2000:
        return "few-pixels", None
    left = min(x for x, _ in pixels)
    right = max(x for x, _ in pixels)
    top = min(y for _, y in pixels)
    bottom = max(y for _, y in pixels)
    if left < 5 or top < 5 or bottom >= height - 5 or right >= width - 5:
        return "edge", None
    box_width = right - left
    box_height = bottom - top
    move = moves(int(0.1 * box_width), int(0.1 * box_height))
    new_left = max(0, left - move[0])
    new_top = max(0, top - move[1])
    new_right = min(width - 1, right + move[2])
    new_bottom = min(height - 1, bottom + move[3])
    new_width = new_right - new_left
    new_height = new_bottom - new_top
    if new_width * new_height < (3000 if video else 2000):
        return "small", None
    if video and new_width / new_height > 0.7:
        return "wide", None
    if len(pixels) / (box_width * box_height) < 0.3:
        return "occluded", None
    return None, (new_left, new_top, new_right, new_bottom)
