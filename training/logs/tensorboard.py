"""TensorBoard: scalars, the first batch, and embeddings with their pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping

import cv2
import numpy as np
import torch
from torch.utils.tensorboard import SummaryWriter

from training.logs.run_log import LoggedRun, RunLog, Seen

FOLDER = "tensorboard"
_PICTURE = (64, 32)


class TensorBoardLog(RunLog):
    """Events in ``tensorboard`` of the model's folder, which ``tensorboard --logdir`` shows."""

    def __init__(self, run: LoggedRun) -> None:
        # What was told after the checkpoint that a run goes on from is told again.
        self._writer = SummaryWriter(str(run.folder / FOLDER), purge_step=run.iteration + 1)
        if not run.iteration:
            about = {"run": run.digest, "lineage": run.lineage, "settings": run.settings}
            text = json.dumps(about, indent=2, default=str)
            self._writer.add_text("run", f"{run.name}\n\n```\n{text}\n```")

    def scalars(self, iteration: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, iteration)
        self._writer.flush()

    def pictures(self, iteration: int, images: np.ndarray) -> None:
        self._writer.add_images("batch", images, iteration, dataformats="NHWC")

    def embeddings(self, iteration: int, seen: Seen) -> None:
        # Its sheet of pictures has room for square ones alone.
        high, wide = _PICTURE
        small = np.full((len(seen.images), high, high, 3), 255, np.uint8)
        left = (high - wide) // 2
        for place, image in zip(small, seen.images, strict=True):
            place[:, left : left + wide] = cv2.resize(
                image, (wide, high), interpolation=cv2.INTER_AREA
            )
        self._writer.add_embedding(
            torch.from_numpy(seen.features),
            metadata=[list(row) for row in zip(seen.person, seen.camera, strict=True)],
            metadata_header=["person", "camera"],
            label_img=torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255,
            global_step=iteration,
            tag=seen.what,
        )

    def close(self, finished: bool) -> None:
        self._writer.close()
