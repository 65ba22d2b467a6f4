"""Distances of N images to each other, a few rows or chosen pairs at a time.

What re-ranking and clustering need of a distance; no array of N × N is ever made here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor


class Distances(ABC):
    """Distances between ``count`` images of (N, D) float32 or float64 features; smaller is
    nearer."""

    pairs_at_once: ClassVar[int]

    def __init__(self, features: np.ndarray) -> None:
        self._features = features
        self._tensor = torch.from_numpy(np.ascontiguousarray(features))

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self._features)

    @abstractmethod
    def rows(self, start: int, stop: int) -> Tensor:
        """(stop - start, count) distances of images to all; the next call may overwrite them."""

    def pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distances (P,) of image ``rows[p]`` to image ``columns[p]``."""
        out = np.empty(len(rows), self._features.dtype)
        for start in range(0, len(rows), self.pairs_at_once):
            part = slice(start, start + self.pairs_at_once)
            out[part] = self._of_pairs(rows[part], columns[part])
        return out

    @abstractmethod
    def _of_pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """The same of few pairs."""


class SquaredEuclidean(Distances):
    """Squared Euclidean distances, at least 0."""

    pairs_at_once = 2048

    def __init__(self, features: np.ndarray) -> None:
        super().__init__(features)
        self._lengths = torch.from_numpy(np.einsum("nd,nd->n", features, features))
        self._buffer = torch.empty(0, dtype=self._tensor.dtype)
        # Equal features differ by the rounding of products; their distance is 0.
        longest = float(self._lengths.max()) if len(features) else 0.0
        self._rounding = 16 * torch.finfo(self._tensor.dtype).eps * longest

    def rows(self, start: int, stop: int) -> Tensor:
        chunk = self._tensor[start:stop]
        if len(self._buffer) < len(chunk):
            self._buffer = torch.empty((len(chunk), self.count), dtype=self._tensor.dtype)
        out = self._buffer[: len(chunk)]
        torch.addmm(self._lengths[None], chunk, self._tensor.T, alpha=-2, out=out)
        return torch.threshold_(out.add_(self._lengths[start:stop, None]), self._rounding, 0)

    def _of_pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        difference = self._features[rows] - self._features[columns]
        return np.einsum("nd,nd->n", difference, difference)
