"""A network ready to embed crops: with its arithmetic, and the statistics it was saved with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from manifests.errors import TrainingFailed
from training.checkpoints import Checkpoint, load_network
from training.config import Precision, TrainingConfig
from training.data.crops import CropSet
from training.evaluation.camera_statistics import Statistics
from training.evaluation.descriptions import Descriptions
from training.evaluation.features import describe
from training.evaluation.protocol import StatisticsRule
from training.heads import require_features
from training.models.person_net import PersonNet, build_network
from training.precision import Arithmetic, arithmetic, best_device


@dataclass(frozen=True)
class Embedder:
    """``statistics``: of the training cameras by name, for cameras with too few test images."""

    network: PersonNet
    height: int
    width: int
    how: Arithmetic
    statistics: Mapping[str, Statistics] = field(default_factory=dict[str, Statistics])

    def embed(self, crops: CropSet, rule: StatisticsRule | None = None) -> np.ndarray:
        """(N, D) float32 features of length 1, in the order of ``crops``; see ``describe``.

        ``BadRecipe`` for a network that does not compare pictures by such.
        """
        require_features(self.network.settings, "this")
        return self.describe(crops, rule).features

    def describe(self, crops: CropSet, rule: StatisticsRule | None = None) -> Descriptions:
        """What the network says of ``crops``, in their order, and compares them by.

        ``rule``: where normalisation takes its statistics from; see ``tested_by``.
        ``TrainingFailed`` for crops of another size than the network's.
        """
        height, width = crops.images.shape[1:3]
        if (height, width) != (self.height, self.width):
            raise TrainingFailed(
                f"the model sees crops of {self.width}x{self.height}, these were loaded as "
                f"{width}x{height}; load them at the model's size"
            )
        return describe(self.network, crops, self.how, rule=rule, saved=self.statistics)


def saved_embedder(path: Path) -> tuple[Embedder, Checkpoint]:
    """A saved model, with what is known of it."""
    network, checkpoint = load_network(path)
    return _embedder(
        network, checkpoint.config, checkpoint.precision, checkpoint.statistics
    ), checkpoint


def untrained_embedder(config: TrainingConfig) -> Embedder:
    """The network that a training with ``config`` begins with."""
    network = build_network(config.model, people=2, seed=config.seed)
    return _embedder(network, config, config.precision, {})


def _embedder(
    network: PersonNet,
    config: TrainingConfig,
    precision: Precision,
    statistics: Mapping[str, Statistics],
) -> Embedder:
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    how = arithmetic(precision, best_device())
    return Embedder(network, config.model.height, config.model.width, how, statistics)
