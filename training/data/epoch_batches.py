"""Batches of people for a ``DataLoader`` of somebody's own, drawn by our samplers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pydantic import ValidationError
from torch.utils.data import Sampler as TorchSampler

from manifests.errors import BadRecipe
from manifests.refusals import explain
from training.config import BatchSettings, SamplerKind
from training.data.sampler import make_sampler


class EpochBatches(TorchSampler[list[int]]):
    """A ``batch_sampler``: rows of one batch after the other, an epoch at a time.

    The batches of an epoch are a function of labels, sizes, seed and the epoch's number, whatever
    ran before. Each pass is the next epoch; ``set_epoch`` says which one comes next, as after an
    interruption.
    """

    def __init__(
        self,
        person: Sequence[int],
        camera: Sequence[int],
        people: int,
        images: int,
        cameras: int | None,
        seed: int,
    ) -> None:
        """See ``CropDataset.batches``."""
        kind = SamplerKind.identity if cameras is None else SamplerKind.camera_balanced
        try:
            sizes = {"cameras": 1 if cameras is None else cameras, "people": people}
            settings = BatchSettings.model_validate({"sampler": kind, **sizes, "images": images})
        except ValidationError as error:
            raise BadRecipe(f"batches: {'; '.join(explain(BatchSettings, error))}") from None
        self._sampler = make_sampler(settings, np.asarray(person), np.asarray(camera), seed)
        self.epoch = 0

    def __len__(self) -> int:
        return self._sampler.batches_per_epoch

    def __iter__(self) -> Iterator[list[int]]:
        first, self.epoch = self.epoch * len(self), self.epoch + 1
        for iteration in range(first, first + len(self)):
            yield self._sampler.batch(iteration).tolist()

    def set_epoch(self, epoch: int) -> None:
        """Say which epoch, counted from 0, the next pass is."""
        self.epoch = epoch
