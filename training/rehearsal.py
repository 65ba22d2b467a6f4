"""One training step on noise: whether a device holds a batch is known before data are decoded."""

from __future__ import annotations

import numpy as np
import torch

from training.config import Precision, TrainingConfig, Weights
from training.data.crops import CropSet
from training.models.person_net import build_network
from training.trainer import Trainer

_BYTES_APART = 7


def rehearse_step(config: TrainingConfig, device: torch.device) -> None:
    """Learn one full batch with a network that is thrown away; nothing else changes.

    Raises ``TrainingFailed`` if memory runs out. Where the number format is found out by a probe,
    which tries both, the larger is rehearsed. The classifier is that of the people of one batch.
    """
    model = config.model.model_copy(update={"weights": Weights.none, "weights_file": None})
    changes = {"model": model, "iterations": 1, "epochs": None, "compile": False}
    if config.precision is Precision.by_probe:
        changes["precision"] = Precision.fp32
    asked, crops = config.model_copy(update=changes), _noise(config)
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        network = build_network(model, len(crops.person_ids), config.seed)
        Trainer(network, crops, asked, device).run()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _noise(config: TrainingConfig) -> CropSet:
    """Enough people, each seen by every camera often enough, for a batch of every sampler."""
    batch, height, width = config.batch, config.model.height, config.model.width
    people = max(2, batch.cameras * batch.people)
    person, camera, _ = (axis.ravel() for axis in np.indices((people, batch.cameras, batch.images)))
    count = len(person)
    # Pictures overlap in memory, so that they differ and take next to none.
    noise = np.random.default_rng(config.seed).integers(
        0, 256, height * width * 3 + count * _BYTES_APART, np.uint8
    )
    images = np.lib.stride_tricks.as_strided(
        noise, (count, height, width, 3), (_BYTES_APART, width * 3, 3, 1), writeable=False
    )
    nothing = np.zeros(count, np.int64)
    return CropSet(
        images=images,
        person=person,
        camera=camera,
        outfit=nothing,
        role=np.full(count, "train"),
        keys=np.arange(count).astype(np.str_),
        fingerprint=nothing,
        time=np.full(count, np.nan),
        session=nothing,
        person_ids=tuple(map(str, range(people))),
        camera_names=tuple(map(str, range(batch.cameras))),
    )
