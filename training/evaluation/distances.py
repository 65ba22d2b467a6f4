"""Distances of N images to each other, a few rows or chosen pairs at a time.

What re-ranking and clustering need of a distance; no array of N × N is ever made here.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from torch import Tensor

_PAIRS = 2048


class Distances(Protocol):
    """Distances between ``count`` images; smaller is nearer."""

    @property
    def count(self) -> int:
        """How many images there are."""
        ...

    def rows(self, start: int, stop: int) -> Tensor:
        """(stop - start, count) distances of images to all; the next call may overwrite them."""
        ...

    def pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distances (P,) of image ``rows[p]`` to image ``columns[p]``."""
        ...


class SquaredEuclidean:
    """Squared Euclidean distances of (N, D) float32 or float64 features."""

    def __init__(self, features: np.ndarray) -> None:
        self._features = features
        self._tensor = torch.from_numpy(np.ascontiguousarray(features))
        self._lengths = torch.from_numpy(np.einsum("nd,nd->n", features, features))
        self._buffer = torch.empty(0, dtype=self._tensor.dtype)
        # Equal features differ by the rounding of products; their distance is 0.
        longest = float(self._lengths.max()) if len(features) else 0.0
        self._rounding = 16 * torch.finfo(self._tensor.dtype).eps * longest

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self._features)

    def rows(self, start: int, stop: int) -> Tensor:
        """(stop - start, count) distances, at least 0; the next call overwrites them."""
        chunk = self._tensor[start:stop]
        if len(self._buffer) < len(chunk):
            self._buffer = torch.empty((len(chunk), self.count), dtype=self._tensor.dtype)
        out = self._buffer[: len(chunk)]
        torch.addmm(self._lengths[None], chunk, self._tensor.T, alpha=-2, out=out)
        return torch.threshold_(out.add_(self._lengths[start:stop, None]), self._rounding, 0)

    def pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Distances (P,) of chosen pairs."""
        out = np.empty(len(rows), self._features.dtype)
        for start in range(0, len(rows), _PAIRS):
            part = slice(start, start + _PAIRS)
            difference = self._features[rows[part]] - self._features[columns[part]]
            out[part] = np.einsum("nd,nd->n", difference, difference)
        return out
