"""Training in several processes, started by torchrun: each owns whole cameras of every batch.

As camera-based normalisation never mixes cameras, processes that own whole cameras need no
exchange of statistics; only gradients are averaged, weighted by each process' images. A triplet
term compares images of one process' cameras only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, distributed

from manifests.errors import BadRecipe
from training.config import BatchSettings, SamplerKind


@dataclass(frozen=True)
class Workers:
    """This process' number and how many there are."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process reports and saves."""
        return self.rank == 0

    def device(self) -> torch.device:
        """An accelerator of this process' own if there is one, else the CPU."""
        if not torch.cuda.is_available():
            return torch.device("cpu")
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))

    def check(self, batch: BatchSettings, cameras: int) -> None:
        """Refuse batches whose cameras cannot be shared out; ``cameras`` is the data's number."""
        if self.size == 1:
            return
        usable = min(batch.cameras, cameras)
        if batch.sampler is not SamplerKind.camera_balanced or usable % self.size:
            raise BadRecipe(
                f"{self.size} processes need the camera_balanced sampler and a number of cameras "
                f"that they can share evenly, got {batch.sampler.value} with {usable} cameras"
            )

    def share(self, rows: np.ndarray, cameras: np.ndarray) -> np.ndarray:
        """This process' part of the images ``rows`` (B,) whose cameras are ``cameras`` (B,)."""
        if self.size == 1:
            return rows
        own = np.array_split(np.unique(cameras), self.size)[self.rank]
        return rows[np.isin(cameras, own)]

    def mean(self, values: Tensor) -> Tensor:
        """Element-wise mean over processes."""
        if self.size == 1:
            return values
        distributed.all_reduce(values)
        return values / self.size


@contextmanager
def joined_workers() -> Iterator[Workers]:
    """Join the processes that torchrun started with this one; alone without torchrun."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Workers()
        return
    backend = "nccl" if torch.cuda.is_available() else "gloo"
    distributed.init_process_group(backend)
    workers = Workers(distributed.get_rank(), size)
    if torch.cuda.is_available():
        torch.cuda.set_device(workers.device())
    try:
        yield workers
    finally:
        distributed.destroy_process_group()
