"""Training batches, prepared in background threads while the network computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.config import AugmentationSettings
from training.data.augmentation import augment
from training.data.crops import CropSet
from training.data.sampler import ImageRounds, Sampler
from training.models.camera_batch_norm import CameraLayout, arranged, layout_of
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


@dataclass(frozen=True)
class BatchSource:
    """Makes the batch of any iteration, the same one whenever it is asked."""

    crops: CropSet
    sampler: Sampler | ImageRounds
    augmentation: AugmentationSettings
    seed: int
    device: torch.device
    channels_last: bool
    workers: Workers

    def make(self, iteration: int, rows: np.ndarray) -> Batch:
        """Augment and arrange the images ``rows`` (B,) of an iteration."""
        everywhere = len(rows)
        rows = self.workers.share(rows, self.crops.camera[rows])
        cameras = self.crops.camera[rows]
        order, grouping = arranged(cameras, self.channels_last)
        rows, cameras = rows[order], cameras[order]
        stream = [self.seed, _AUGMENTATION_STREAM, iteration, self.workers.rank]
        rng = np.random.default_rng(stream)
        images = augment(self.crops.images, self.augmentation, rng, rows)
        pixels = torch.from_numpy(images)
        person = torch.from_numpy(self.crops.person[rows])
        if self.device.type == "cuda":
            pixels, person = pixels.pin_memory(), person.pin_memory()
        return Batch(
            pixels.to(self.device, non_blocking=True),
            person.to(self.device, non_blocking=True),
            layout_of(cameras, grouping, self.device),
            everywhere,
        )

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
