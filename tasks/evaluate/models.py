"""Measure a saved model, the untrained network or a baseline on an evaluation set.

Whoever measures a saved model does it here, so that everybody refuses people it was trained on,
computes as it was trained, and takes test statistics alike.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evaluate.evaluation_sets import (
    EvaluationSet,
    require_unseen_people,
    require_unseen_pictures,
)
from tasks.evaluate.measure import STANDARD, Evaluation, Measuring, measure, now
from training.config import TrainingConfig
from training.data.crops import CropSet
from training.evaluation.baselines import colour_features
from training.evaluation.embedder import Embedder, saved_embedder, untrained_embedder
from training.evaluation.features import tested_by

UNTRAINED = "untrained"
TRAINED = "trained"
COLOUR = "colour"
_BASELINE_SIZE = (128, 64)


@dataclass(frozen=True)
class Measured:
    """An evaluation with the crops it is about and their features (N, D)."""

    evaluation: Evaluation
    crops: CropSet
    features: np.ndarray


def measure_saved_model(
    path: Path, tested: EvaluationSet, measuring: Measuring = STANDARD, method: str = TRAINED
) -> Measured:
    """Measure a model file; ``TrainingFailed`` if it was trained on who or what is tested."""
    started = now()
    embedder, checkpoint = saved_embedder(path)
    require_unseen_people(checkpoint, tested.dataset, tested.people)
    measuring = _resolved(measuring, embedder)
    # Files are read for decoding first, and their fingerprints are those of what was read.
    crops = tested.crops(embedder.height, embedder.width)
    require_unseen_pictures(checkpoint, tested)
    lineage = {**tested.lineage, "model": checkpoint.run, "trained_on": checkpoint.lineage}
    return _measured(method, lineage, embedder, crops, measuring, started)


def measure_untrained(
    tested: EvaluationSet, config: TrainingConfig, measuring: Measuring = STANDARD
) -> Measured:
    """Measure the network that a training with ``config`` begins with."""
    started = now()
    embedder = untrained_embedder(config)
    measuring = _resolved(measuring, embedder)
    crops = tested.crops(embedder.height, embedder.width)
    return _measured(UNTRAINED, tested.lineage, embedder, crops, measuring, started)


def measure_colours(tested: EvaluationSet, measuring: Measuring = STANDARD) -> Measured:
    """Measure what the colours of clothes alone achieve."""
    started = now()
    crops = tested.crops(*_BASELINE_SIZE)
    features = colour_features(crops.images, crops.camera)
    evaluation = measure(COLOUR, tested.lineage, crops, features, measuring, started)
    return Measured(evaluation, crops, features)


def _resolved(measuring: Measuring, embedder: Embedder) -> Measuring:
    """With the statistics that this network is tested by; refused before a crop is decoded."""
    return replace(measuring, statistics=tested_by(embedder.network, measuring.statistics))


def _measured(
    method: str,
    lineage: dict[str, Any],
    embedder: Embedder,
    crops: CropSet,
    measuring: Measuring,
    started: tuple[float, float],
) -> Measured:
    features = embedder.embed(crops, measuring.statistics)
    evaluation = measure(method, lineage, crops, features, measuring, started)
    return Measured(evaluation, crops, features)
