"""Training on other people's data sets: found by name, with the choices that are possible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from manifests.errors import BadRecipe
from training.config import TrainingConfig
from training.data.crops import picture_cache
from training.targets.registry import open_for_training, placed

if TYPE_CHECKING:
    from tasks.train.fit import TrainingData


def open_training_target(
    name: str, root: Path | None, partial: bool, config: TrainingConfig
) -> TrainingData:
    """The training images of a data set by name or CSV.

    Raises ``BadRecipe`` without ``root``, which only a list does not need, or for data sets that
    are split in several ways.
    """
    (target, *others) = open_for_training(*placed(name, root), partial)
    if others:
        raise BadRecipe(f"{name} has {len(others) + 1} splits; name one as a CSV")
    # Importing torch takes seconds, which nobody should wait for only to be refused.
    from tasks.train.fit import target_data

    return target_data(target, config, picture_cache())
