"""A running feature of every target image, and the cluster it is taken to belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass
class MemoryBank:
    """``features`` (N, D) float32, not kept at length 1, as published; ``labels`` (N,) int64."""

    features: Tensor
    labels: Tensor

    @classmethod
    def fresh(cls, images: int, dimension: int, seed: int) -> MemoryBank:
        """Uniform random features and a cluster of its own for every image."""
        generator = torch.Generator().manual_seed(seed)
        return cls(torch.rand(images, dimension, generator=generator), torch.arange(images))

    def to(self, device: torch.device) -> MemoryBank:
        """The same memory on another device."""
        return MemoryBank(self.features.to(device), self.labels.to(device))

    def update(self, images: Tensor, means: Tensor, momentum: float) -> None:
        """Move the features of ``images`` (M,) towards the new ``means`` (M, D)."""
        kept = self.features[images] * momentum
        self.features[images] = means.detach().to(kept.dtype) * (1 - momentum) + kept

    def means_of(self, labels: Tensor) -> Tensor:
        """(L, D): mean feature of all images of each cluster in ``labels`` (L,), ascending."""
        member = torch.isin(self.labels, labels)
        place = torch.searchsorted(labels, self.labels[member])
        sums = self.features.new_zeros(len(labels), self.features.shape[1])
        sums.index_add_(0, place, self.features[member])
        return sums / torch.bincount(place, minlength=len(labels))[:, None]

    def state(self) -> dict[str, Any]:
        """For checkpoints, by the names of its fields."""
        return {"features": self.features.cpu(), "labels": self.labels.cpu()}
