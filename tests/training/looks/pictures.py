"""Fabricated pictures whose looks are known."""

from __future__ import annotations

import cv2
import numpy as np

from training.looks.crops import Crops, Labels
from training.looks.registry import measured


def plain(red: int, green: int, blue: int, height: int = 128, width: int = 64) -> np.ndarray:
    """One colour everywhere."""
    return np.full((height, width, 3), (red, green, blue), np.uint8)


def textured(seed: int = 0, height: int = 128, width: int = 64) -> np.ndarray:
    """Grey noise around 128, smooth enough that no grid shows."""
    noise = np.random.default_rng(seed).normal(0, 60, (height, width)).astype(np.float32)
    grey = np.clip(128 + cv2.GaussianBlur(noise, (0, 0), 0.8), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def dressed(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> np.ndarray:
    """A grey wall, and before it somebody who wears two colours."""
    picture = plain(150, 150, 150)
    picture[22:62, 14:50] = upper
    picture[62:120, 14:50] = lower
    return picture


def measures_of(*pictures: np.ndarray, labels: Labels | None = None) -> dict[str, np.ndarray]:
    """All measures of some pictures."""
    return measured(Crops(pictures, labels or Labels.unknown(len(pictures))))
