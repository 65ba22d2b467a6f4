"""Training in several processes: each owns whole cameras of every batch.

As camera-based normalisation never mixes cameras, processes that own whole cameras need no
exchange of statistics; gradients are averaged, weighted by each process' images, and terms that
compare images are of those of all processes. A matching head compares those of one process only.
Started by torchrun, or by ``training.helpers``.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

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

    def gathered(self, values: Tensor) -> Tensor:
        """Rows (n, …) of all processes, in their order; gradients reach the process they are of.

        Every process must compute the same loss of the result: averaging gradients over
        processes, as their wrapper does, then gives that loss' own gradient.
        """
        return values if self.size == 1 else _Gathered.apply(values, self.rank, self.size)

    def from_leader(self, values: Tensor) -> Tensor:
        """The leading process' tensor, in place of an equally shaped one."""
        if self.size > 1:
            distributed.broadcast(values, src=0)
        return values

    def mean(self, values: Tensor) -> Tensor:
        """Element-wise mean over processes."""
        if self.size == 1:
            return values
        distributed.all_reduce(values)
        return values / self.size


class _Gathered(torch.autograd.Function):
    """Concatenation over processes; see ``Workers.gathered``."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, rank: int, size: int) -> Tensor:
        counts = [torch.zeros(1, dtype=torch.int64, device=values.device) for _ in range(size)]
        distributed.all_gather(counts, torch.full_like(counts[0], len(values)))
        rows = [int(count) for count in counts]
        padded = values.new_zeros(max(rows), *values.shape[1:])
        padded[: len(values)] = values
        parts = [torch.empty_like(padded) for _ in range(size)]
        distributed.all_gather(parts, padded)
        ctx.start, ctx.count = sum(rows[:rank]), rows[rank]
        return torch.cat([part[:count] for part, count in zip(parts, rows, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        total = gradients[0].contiguous()
        distributed.all_reduce(total)
        return total[ctx.start : ctx.start + ctx.count], None, None


@contextmanager
def joined_workers() -> Generator[Workers]:
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
