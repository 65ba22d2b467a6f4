"""Batches of unlabelled images, each in the styles of several cameras."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.adaptation.config import TargetBatch
from training.adaptation.views import CameraViews, draw_cameras
from training.batches import Batch, BatchSource
from training.data.augmentation import augment
from training.data.sampler import ImageRounds
from training.models.camera_batch_norm import arranged, layout_of

_VIEW_STREAM = 7


@dataclass(frozen=True)
class TargetBatchSource(BatchSource):
    """Makes target batches; ``person`` of a batch is the row of the image that a view shows."""

    sampler: ImageRounds
    views: CameraViews = field(kw_only=True)
    settings: TargetBatch = field(kw_only=True)

    def make(self, iteration: int, rows: np.ndarray) -> Batch:
        """All views of the images ``rows`` (M,) that this process is to see."""
        rng = np.random.default_rng([self.config.seed, _VIEW_STREAM, iteration])
        cameras = draw_cameras(
            len(rows), len(self.crops.camera_names), self.settings.views, rng
        ).ravel()
        rows = np.repeat(rows, self.settings.views)
        everywhere = len(rows)
        own = self.workers.share(np.arange(everywhere), cameras)
        rows, cameras = rows[own], cameras[own]
        order, grouping = arranged(cameras, self.how.channels_last)
        rows, cameras = rows[order], cameras[order]
        rng = np.random.default_rng([self.config.seed, _VIEW_STREAM, iteration, self.workers.rank])
        images = augment(self.views.pictures(rows, cameras), self.config.augmentation, rng)
        return Batch(
            self._moved(images),
            self._moved(rows),
            layout_of(cameras, grouping, self.how.device),
            everywhere,
        )
