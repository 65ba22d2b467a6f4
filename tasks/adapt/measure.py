"""How well models find the target's people: by looks alone (JVTC) and with time (JVTC+)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import TrainingFailed
from tasks.evaluate.evaluation_sets import EvaluationSet
from tasks.evaluate.measure import (
    STANDARD,
    Difference,
    Evaluation,
    Measuring,
    difference,
    measure,
    now,
    plain_difference,
)
from tasks.evaluate.models import Measured, measure_saved_model
from training.adaptation.clustering import cluster_by_distance
from training.adaptation.config import AdaptationConfig
from training.adaptation.joint_distance import joint_scores
from training.adaptation.time_bins import TimeBins
from training.adaptation.transitions import Sightings, Transitions, estimate_transitions
from training.data.crops import CropSet
from training.evaluation.distances import SquaredEuclidean
from training.evaluation.embedder import saved_embedder
from training.evaluation.similarity import Scores

DIRECT, VISUAL, JOINT = "direct transfer", "JVTC", "JVTC+"


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
    unlabelled: CropSet,
    tested: EvaluationSet,
    config: AdaptationConfig,
    direct: Path | None = None,
    measuring: Measuring = STANDARD,
) -> Adaptation:
    """Measure a model that was adapted with ``config``, and the model it is compared with.

    JVTC+ estimates when people pass from camera to camera on the ``unlabelled`` images that the
    model was adapted to, at its size, clustered by its features without re-ranking, as published.
    """
    tested = replace(tested, crops=lru_cache(maxsize=1)(tested.crops))
    before = None
    if direct is not None:
        before = measure_saved_model(direct, tested, measuring, DIRECT).evaluation
    visual = measure_saved_model(adapted, tested, measuring, VISUAL)
    joint = None
    if not (np.isnan(unlabelled.time).any() or np.isnan(visual.crops.time).any()):
        joint = _with_time(adapted, unlabelled, visual, config)
    return Adaptation(visual.evaluation, joint, before)


def _with_time(
    model: Path, unlabelled: CropSet, visual: Measured, config: AdaptationConfig
) -> Evaluation:
    started = now()
    measuring, features = visual.evaluation.measuring, visual.features
    learnt = saved_embedder(model)[0].embed(unlabelled, measuring.statistics)
    share = config.refresh.visual.nearest_share
    transitions = transitions_of(learnt, unlabelled, config.time, share)
    test = _renumbered(visual.crops, unlabelled)

    def scores(query: np.ndarray, gallery: np.ndarray) -> Scores:
        return joint_scores(
            features[query], features[gallery], test.rows(query), test.rows(gallery), transitions
        )

    lineage = visual.evaluation.lineage
    return measure(JOINT, lineage, visual.crops, features, measuring, started, scores)


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
