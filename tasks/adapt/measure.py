"""How well models find the target's people: by looks alone (JVTC) and with time (JVTC+)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from manifests.errors import TrainingFailed
from tasks.evaluate.measure import (
    Difference,
    Evaluation,
    Measuring,
    difference,
    measure,
    plain_difference,
)
from training.adaptation.clustering import ClusterSettings, cluster_by_distance
from training.adaptation.joint_distance import joint_scores
from training.adaptation.transitions import (
    Sightings,
    TimeBins,
    Transitions,
    estimate_transitions,
)
from training.checkpoints import load_network
from training.data.crops import CropSet
from training.evaluation.distances import SquaredEuclidean
from training.evaluation.features import extract_features
from training.evaluation.similarity import Scores
from training.precision import arithmetic, best_device

DIRECT, VISUAL, JOINT = "direct transfer", "JVTC", "JVTC+"
PUBLISHED_SHARE = ClusterSettings().nearest_share


@dataclass(frozen=True)
class TargetImages:
    """A target's unlabelled ``train`` images and its ``test`` images, at the models' size.

    ``lineage``: which data that is.
    """

    train: CropSet
    test: CropSet
    lineage: dict[str, Any]


@dataclass(frozen=True)
class Adaptation:
    """An adapted model beside direct transfer, on the target's test images.

    ``direct`` is None without a model to compare with, ``joint`` without time stamps.
    """

    visual: Evaluation
    joint: Evaluation | None
    direct: Evaluation | None

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What was measured, direct transfer first."""
        return tuple(e for e in (self.direct, self.visual, self.joint) if e is not None)

    def minus_direct(self) -> Difference | None:
        """What adaptation gained by looks alone, paired over people."""
        return None if self.direct is None else difference(self.visual, self.direct)

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``, tables and artifacts."""
        gained = self.minus_direct()
        return {
            "methods": [evaluation.metrics() for evaluation in self.evaluations],
            "adapted_minus_direct": None if gained is None else plain_difference(gained),
        }


def measure_adaptation(
    adapted: Path,
    target: TargetImages,
    bins: TimeBins,
    direct: Path | None = None,
    measuring: Measuring | None = None,
    nearest_share: float = PUBLISHED_SHARE,
) -> Adaptation:
    """Measure an adapted model, and the model it is compared with, on a target.

    JVTC+ estimates when people pass from camera to camera on the unlabelled training images,
    clustered by the adapted features without re-ranking, as published; ``nearest_share`` as in
    ``ClusterSettings``.
    """
    before = None if direct is None else _by_looks(DIRECT, direct, target, measuring)[0]
    visual, features = _by_looks(VISUAL, adapted, target, measuring)
    joint = None
    if not (np.isnan(target.train.time).any() or np.isnan(target.test.time).any()):
        joint = _with_time(adapted, features, target, bins, measuring, nearest_share)
    return Adaptation(visual, joint, before)


def _by_looks(
    method: str, model: Path, target: TargetImages, measuring: Measuring | None
) -> tuple[Evaluation, np.ndarray]:
    started = (time.perf_counter(), time.process_time())
    features, source = _features(model, target.test)
    source = {**target.lineage, **source}
    return measure(method, source, target.test, features, measuring, started), features


def _with_time(
    model: Path,
    features: np.ndarray,
    target: TargetImages,
    bins: TimeBins,
    measuring: Measuring | None,
    nearest_share: float,
) -> Evaluation:
    started = (time.perf_counter(), time.process_time())
    train_features, source = _features(model, target.train)
    transitions = transitions_of(train_features, target.train, bins, nearest_share)
    test = _renumbered(target.test, target.train)

    def scores(query: np.ndarray, gallery: np.ndarray) -> Scores:
        return joint_scores(
            features[query], features[gallery], test.rows(query), test.rows(gallery), transitions
        )

    source = {**target.lineage, **source}
    return measure(JOINT, source, target.test, features, measuring, started, scores)


def transitions_of(
    features: np.ndarray, crops: CropSet, bins: TimeBins, nearest_share: float
) -> Transitions:
    """The model of time of unlabelled images with features (N, D), clustered by distance."""
    clusters = cluster_by_distance(SquaredEuclidean(features), nearest_share)
    sightings = Sightings(crops.camera, crops.time, crops.session)
    return estimate_transitions(clusters.labels, sightings, len(crops.camera_names), bins)


def _renumbered(test: CropSet, train: CropSet) -> Sightings:
    """Sightings of test images with the training images' camera codes."""
    unknown = sorted(set(test.camera_names) - set(train.camera_names))
    if unknown:
        raise TrainingFailed(
            f"no training image of the target is from camera {', '.join(unknown)}, so nothing is "
            "known of when people pass it; measure without time"
        )
    codes = np.array([train.camera_names.index(name) for name in test.camera_names])
    return Sightings(codes[test.camera], test.time, test.session)


def _features(model: Path, crops: CropSet) -> tuple[np.ndarray, dict[str, Any]]:
    network, checkpoint = load_network(model)
    if checkpoint.config.threads is not None:
        torch.set_num_threads(checkpoint.config.threads)
    size = (checkpoint.config.model.height, checkpoint.config.model.width)
    if crops.images.shape[1:3] != size:
        raise TrainingFailed(
            f"{model} sees pictures of {size[1]}x{size[0]}, the target was loaded as "
            f"{crops.images.shape[2]}x{crops.images.shape[1]}: compare models of one size"
        )
    how = arithmetic(checkpoint.precision, best_device())
    source = {"model": checkpoint.run, "trained_on": checkpoint.lineage}
    return extract_features(network, crops, how), source
