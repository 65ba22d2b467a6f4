"""A running feature of every target image, and the cluster it is taken to belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from training.soundness import expect_form, remembered, unfit


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

    @classmethod
    def restored(cls, state: Any, images: int, dimension: int) -> MemoryBank:
        """The memory that ``state()`` gave; ``CorruptData`` if it is of other images."""
        state = remembered(dict[str, Any], state, "memory")
        fresh = cls(torch.empty(images, dimension), torch.empty(images, dtype=torch.int64))
        features = expect_form(state.get("features"), fresh.features, "memory.features")
        labels = expect_form(state.get("labels"), fresh.labels, "memory.labels")
        if bool(((labels < 0) | (labels >= images)).any()):
            raise unfit(f"memory.labels are not all in [0, {images})")
        return cls(features, labels)

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
