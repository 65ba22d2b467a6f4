"""A saved model that has learnt nothing, for calls that need one."""

from __future__ import annotations

from pathlib import Path

from training.checkpoints import Checkpoint, save_checkpoint
from training.config import Precision, load_training
from training.models.person_net import build_network


def save_small_model(folder: Path) -> Path:
    """A network of the preset ``tiny`` for two people, untrained, saved in ``folder``/model."""
    config = load_training("tiny", {"precision": "fp32"})
    network = build_network(config.model, people=2, seed=1).state_dict()
    (folder / "model").mkdir()
    checkpoint = Checkpoint(config, "run", Precision.fp32, 0, ("a", "b"), network)
    save_checkpoint(folder / "model" / "model.pt", checkpoint)
    return folder / "model"
