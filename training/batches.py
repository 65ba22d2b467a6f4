"""Training batches, prepared in background threads while the network computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.config import TrainingConfig
from training.data.augmentation import Share, augment
from training.data.crops import CropSet
from training.data.sampler import ImageRounds, Sampler
from training.models.camera_batch_norm import CameraLayout, arranged, layout_of
from training.precision import Arithmetic
from training.workers import Workers

_AUGMENTATION_STREAM = 1


@dataclass(frozen=True)
class Batch:
    """``images`` (B, H, W, 3) uint8, ``person`` (B,) int64, and the cameras' layout.

    ``everywhere``: images of this batch in all processes together.
    """

    images: Tensor
    person: Tensor
    layout: CameraLayout
    everywhere: int

    def __str__(self) -> str:
        count, height, width, _ = self.images.shape
        return f"{count} images of {height}x{width}"


@dataclass(frozen=True)
class BatchSource:
    """Makes the batch of any iteration, the same one whenever it is asked."""

    crops: CropSet
    sampler: Sampler | ImageRounds
    config: TrainingConfig
    how: Arithmetic
    workers: Workers

    def make(self, iteration: int, rows: np.ndarray) -> Batch:
        """Augment and arrange the images ``rows`` (B,) of an iteration.

        All processes together see the images that one alone would, changed in the same way.
        """
        order, _ = arranged(self.crops.camera[rows], self.how.channels_last)
        rows = rows[order]
        own = self.workers.share(np.arange(len(rows)), self.crops.camera[rows])
        order, grouping = arranged(self.crops.camera[rows[own]], self.how.channels_last)
        own = own[order]
        stream = [self.config.seed, _AUGMENTATION_STREAM, iteration, 0]
        rng = Share(np.random.default_rng(stream), len(rows), own)
        everywhere, rows = len(rows), rows[own]
        images = augment(self.crops.images, self.config.augmentation, rng, rows)
        layout = layout_of(self.crops.camera[rows], grouping, self.how.device)
        return Batch(self._moved(images), self._moved(self.crops.person[rows]), layout, everywhere)

    def _moved(self, values: np.ndarray) -> Tensor:
        """On the device; from memory that it can read while the host goes on."""
        tensor = torch.from_numpy(values)
        if self.how.device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self.how.device, non_blocking=True)

    def between(self, first: int, end: int, threads: int = 1) -> Iterator[Batch]:
        """Batches of iterations ``first`` to ``end - 1`` in order, ``threads`` + 1 ahead."""
        ahead: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                for iteration in range(first, end):
                    rows = self.sampler.batch(iteration)
                    ahead.append(pool.submit(self.make, iteration, rows))
                    if len(ahead) > threads:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for waiting in ahead:
                    waiting.cancel()
