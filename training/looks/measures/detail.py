"""Sharpness, fine grain and JPEG blocks."""

from __future__ import annotations

import numpy as np

from training.looks.crops import Crops
from training.looks.registry import measure

_BLOCK = 8
_FAINT = 0.1
"""Grey levels: differences far below it are no evidence of blocks."""


@measure("sharpness", "dB", "10 log10 of the Laplacian's variance")
def sharpness(crops: Crops) -> np.ndarray:
    # A picture without any detail gets 0 instead of minus infinity.
    return 10 * np.log10(1 + crops.laplacian.reshape(len(crops), -1).var(1))


@measure("fine grain", "grey levels", "median of the Laplacian's absolute value: noise and texture")
def fine_grain(crops: Crops) -> np.ndarray:
    return np.median(np.abs(crops.laplacian).reshape(len(crops), -1), axis=1)


@measure(
    "JPEG blocks",
    "ratio",
    "differences across the 8-pixel grid of the stored picture / those elsewhere; 1: no blocks",
)
def blocks(crops: Crops) -> np.ndarray:
    return np.array([_blockiness(picture) for picture in crops.stored])


def _blockiness(picture: np.ndarray) -> float:
    grey = picture.mean(2, dtype=np.float32)
    across, elsewhere = [], []
    for axis in (0, 1):
        steps = np.abs(np.diff(grey, axis=axis)).mean(1 - axis)
        on_grid = np.arange(1, len(steps) + 1) % _BLOCK == 0
        across.append(steps[on_grid])
        elsewhere.append(steps[~on_grid])
    on, off = np.concatenate(across), np.concatenate(elsewhere)
    if not (on.size and off.size):
        return np.nan
    return float((on.mean() + _FAINT) / (off.mean() + _FAINT))
