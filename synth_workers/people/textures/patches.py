"""From a picture of clothes to a seamless tile: largest rectangle inside a mask, cross-fading."""

from __future__ import annotations

import numpy as np
from PIL import Image

TILE_PIXELS = 128

_OVERLAP = 0.25


def largest_rectangle(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The largest axis-parallel rectangle of true pixels: (top, left, bottom, right), half-open.

    Exact, by the stack method over column heights; about 0.1 s for 600 x 400 pixels. An empty
    mask gives (0, 0, 0, 0).
    """
    columns = mask.shape[1]
    heights = np.zeros(columns, dtype=np.int64)
    best, found = 0, (0, 0, 0, 0)
    for row in range(mask.shape[0]):
        heights = np.where(mask[row], heights + 1, 0)
        # No rectangle that ends in this row can be larger than its tallest column times width.
        if int(heights.max(initial=0)) * columns <= best:
            continue
        starts: list[int] = []
        levels: list[int] = []
        for column, height in enumerate([*heights.tolist(), 0]):
            start = column
            while levels and levels[-1] >= height:
                start, level = starts.pop(), levels.pop()
                area = level * (column - start)
                if area > best:
                    best, found = area, (row + 1 - level, start, row + 1, column)
            if height:
                starts.append(start)
                levels.append(height)
    return found


def random_square(rng: np.random.Generator, height: int, width: int) -> tuple[int, int, int, int]:
    """A square of .35 to .7 of the shorter side, anywhere: (top, left, bottom, right)."""
    side = max(1, int(min(height, width) * rng.uniform(0.35, 0.7)))
    top = int(rng.integers(0, height - side + 1))
    left = int(rng.integers(0, width - side + 1))
    return top, left, top + side, left + side


def seamless_tile(patch: np.ndarray, n: int = TILE_PIXELS) -> np.ndarray:
    """An (n, n, 3) uint8 tile that repeats without a seam, from an (h, w, 3) uint8 patch.

    The central square is scaled to a little more than the tile; what sticks out on the far side
    is cross-faded into the near side, so pattern and direction survive (no mirroring).
    """
    height, width = patch.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = patch[top : top + side, left : left + side]
    fade = round(n * _OVERLAP)
    scaled = Image.fromarray(square).resize((n + fade, n + fade), Image.Resampling.BICUBIC)
    values = np.asarray(scaled, dtype=np.float32)
    weight = (np.arange(fade, dtype=np.float32) / fade)[:, None, None]
    rows = values[:n].copy()
    rows[:fade] = weight * values[:fade] + (1 - weight) * values[n:]
    weight = weight.swapaxes(0, 1)
    tile = rows[:, :n].copy()
    tile[:, :fade] = weight * rows[:, :fade] + (1 - weight) * rows[:, n:]
    return np.clip(np.rint(tile), 0, 255).astype(np.uint8)
