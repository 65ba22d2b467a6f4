"""The crops that measures see: as they are stored, and all at one size in several colour spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from training.data.decoding import resized

HEIGHT, WIDTH = 128, 64
"""Pixels: the size at which everything but shape and JPEG blocks is measured."""


@dataclass(frozen=True)
class Labels:
    """What a data set says of N crops besides their pixels; NaN where it says nothing.

    ``box`` (N, 4) float64: tight box of the person's visible pixels, x0, y0, x1, y1, as shares of
    the crop's width and height; ``filled`` (N,): visible pixels of the person / pixels of the crop;
    ``visibility``, ``truncation`` (N,): shares of the body and of its full box; ``others`` (N,):
    1 where somebody else is known to be in the crop, else 0.
    """

    box: np.ndarray
    filled: np.ndarray
    visibility: np.ndarray
    truncation: np.ndarray
    others: np.ndarray

    @staticmethod
    def unknown(count: int) -> Labels:
        """Of so many pictures without labels."""
        nothing = np.full(count, np.nan)
        return Labels(np.full((count, 4), np.nan), nothing, nothing, nothing, nothing)

    def take(self, rows: np.ndarray | slice) -> Labels:
        """Those of some crops."""
        return Labels(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Crops:
    """N decoded crops. ``stored``: each as it is kept, (h, w, 3) uint8 sRGB."""

    stored: Sequence[np.ndarray]
    labels: Labels

    def __len__(self) -> int:
        return len(self.stored)

    @cached_property
    def pictures(self) -> np.ndarray:
        """(N, 128, 64, 3) uint8 sRGB: all stretched to one size."""
        return np.stack([resized(picture, HEIGHT, WIDTH) for picture in self.stored])

    @cached_property
    def grey(self) -> np.ndarray:
        """(N, 128, 64) uint8: luma of ``pictures``."""
        return self._converted(cv2.COLOR_RGB2GRAY)

    @cached_property
    def hsv(self) -> np.ndarray:
        """(N, 128, 64, 3) uint8: hue 0 to 179 (of 180), saturation and value 0 to 255."""
        return self._converted(cv2.COLOR_RGB2HSV)

    @cached_property
    def lab(self) -> np.ndarray:
        """(N, 128, 64, 3) float32: CIE Lab in 8-bit steps; lightness 0 to 255, a and b around 0."""
        lab = self._converted(cv2.COLOR_RGB2LAB).astype(np.float32)
        lab[..., 1:] -= 128
        return lab

    @cached_property
    def laplacian(self) -> np.ndarray:
        """(N, 128, 64) float32: of ``grey``, four neighbours less four times the pixel."""
        return np.stack([cv2.Laplacian(picture, cv2.CV_32F, ksize=1) for picture in self.grey])

    def _converted(self, code: int) -> np.ndarray:
        # One tall picture: colours do not look at neighbours.
        tall = cv2.cvtColor(self.pictures.reshape(-1, WIDTH, 3), code)
        return tall.reshape(len(self), HEIGHT, WIDTH, *tall.shape[2:])
