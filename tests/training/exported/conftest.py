"""A network that has seen a few cameras, and what torch makes of it; one thread for torch."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.training.striped_people import striped_crops
from training.checkpoints import Checkpoint
from training.config import Precision, load_training
from training.evaluation.camera_statistics import saved_statistics
from training.models.person_net import PersonNet, build_network
from training.precision import arithmetic


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def network_and_checkpoint() -> tuple[PersonNet, Checkpoint]:
    """Of the preset ``tiny``, untrained, with the statistics of three cameras."""
    config = load_training("tiny", {"precision": "fp32"})
    network = build_network(config.model, people=2, seed=3)
    how = arithmetic(Precision.fp32, torch.device("cpu"))
    statistics = saved_statistics(network, striped_crops(images=4), how)
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    checkpoint = Checkpoint(config, "run", Precision.fp32, 0, ("a", "b"), weights)
    return network, replace(checkpoint, statistics=statistics, lineage={"dataset": "striped"})
