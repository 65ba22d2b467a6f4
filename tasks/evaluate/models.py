"""Measure a saved model, the untrained network or a baseline on an evaluation set.

Whoever measures a saved model does it here, so that everybody refuses people it was trained on,
computes as it was trained, and takes test statistics alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tasks.evaluate.evaluation_sets import (
    EvaluationSet,
    require_unseen_people,
    require_unseen_pictures,
)
from tasks.evaluate.measure import STANDARD, Evaluation, Measuring, measure, now
from training.checkpoints import Checkpoint
from training.config import TrainingConfig
from training.data.crops import CropSet
from training.evaluation.baselines import colour_features
from training.evaluation.descriptions import Descriptions
from training.evaluation.embedder import Embedder, saved_embedder, untrained_embedder
from training.evaluation.features import tested_by
from training.evaluation.protocol import StatisticsRule
from training.evaluation.similarity import Scored
from training.heads import require_features

UNTRAINED = "untrained"
TRAINED = "trained"
COLOUR = "colour"
_BASELINE_SIZE = (128, 64)


@dataclass(frozen=True)
class Measured:
    """An evaluation with the crops it is about and their features (N, D).

    ``scored``: what was ranked by, if it is not the products of features.
    """

    evaluation: Evaluation
    crops: CropSet
    features: np.ndarray
    scored: Scored | None = None


@dataclass(frozen=True)
class Opened:
    """A network that was loaded once, to be measured any number of times. ``checkpoint``: of a
    saved model, which may have seen what is tested."""

    embedder: Embedder
    checkpoint: Checkpoint | None = None

    def measure(
        self, tested: EvaluationSet, measuring: Measuring = STANDARD, method: str | None = None
    ) -> Measured:
        """On one evaluation set; ``TrainingFailed`` if it was trained on who or what is tested."""
        (found,) = self.measure_splits([tested], measuring, method)
        return found

    def measure_splits(
        self,
        splits: Sequence[EvaluationSet],
        measuring: Measuring = STANDARD,
        method: str | None = None,
    ) -> Iterator[Measured]:
        """On each split of a target, as ``measure``.

        With running statistics the feature of a picture depends on nothing else, so that pictures
        which several splits have are embedded once.
        """
        named = method or (UNTRAINED if self.checkpoint is None else TRAINED)
        # Refused before a crop is decoded.
        rule = tested_by(self.embedder.network, measuring.statistics)
        measuring = replace(measuring, statistics=rule)
        if measuring.rerank:
            require_features(self.embedder.network.settings, "re-ranking")
        known = _Known() if rule is StatisticsRule.running and len(splits) > 1 else None
        for tested in splits:
            started, lineage = now(), tested.lineage
            if self.checkpoint is not None:
                require_unseen_people(self.checkpoint, tested.dataset, tested.people)
                made_of = {"model": self.checkpoint.run, "trained_on": self.checkpoint.lineage}
                lineage = {**lineage, **made_of}
            crops = tested.crops(self.embedder.height, self.embedder.width)
            if self.checkpoint is not None:
                # Files are read for decoding first; their fingerprints are those of what was read.
                require_unseen_pictures(self.checkpoint, tested)
            found = self._described(crops, rule, known)
            features, scored = found.features, found.scored
            evaluation = measure(named, lineage, crops, features, measuring, started, scored)
            yield Measured(evaluation, crops, features, scored)

    def _described(
        self, crops: CropSet, rule: StatisticsRule, known: _Known | None
    ) -> Descriptions:
        if known is None:
            return self.embedder.describe(crops, rule)
        prints = crops.fingerprint.tolist()
        new = np.array([picture not in known.place for picture in prints])
        if new.any():
            unknown = crops.where(new)
            known.add(unknown.fingerprint.tolist(), self.embedder.describe(unknown, rule))
        assert known.found is not None
        return known.found.rows([known.place[picture] for picture in prints])


class _Known:
    """Descriptions of pictures, and in which row each is, by its fingerprint."""

    def __init__(self) -> None:
        self.found: Descriptions | None = None
        self.place: dict[int, int] = {}

    def add(self, prints: list[int], more: Descriptions) -> None:
        # A picture that is there twice is that of its last row.
        first = 0 if self.found is None else len(self.found.features)
        self.place |= {picture: first + row for row, picture in enumerate(prints)}
        self.found = more if self.found is None else self.found.with_more(more)


def saved_model(path: Path) -> Opened:
    """A model file."""
    return Opened(*saved_embedder(path))


def untrained_network(config: TrainingConfig) -> Opened:
    """The network that a training with ``config`` begins with."""
    return Opened(untrained_embedder(config))


def measure_saved_model(
    path: Path, tested: EvaluationSet, measuring: Measuring = STANDARD, method: str = TRAINED
) -> Measured:
    """Measure a model file; ``TrainingFailed`` if it was trained on who or what is tested."""
    return saved_model(path).measure(tested, measuring, method)


def measure_untrained(
    tested: EvaluationSet, config: TrainingConfig, measuring: Measuring = STANDARD
) -> Measured:
    """Measure the network that a training with ``config`` begins with."""
    return untrained_network(config).measure(tested, measuring)


def measure_colours(tested: EvaluationSet, measuring: Measuring = STANDARD) -> Measured:
    """Measure what the colours of clothes alone achieve."""
    started = now()
    crops = tested.crops(*_BASELINE_SIZE)
    features = colour_features(crops.images, crops.camera)
    evaluation = measure(COLOUR, tested.lineage, crops, features, measuring, started)
    return Measured(evaluation, crops, features)


def measure_colours_of_splits(
    splits: Sequence[EvaluationSet], measuring: Measuring = STANDARD
) -> Iterator[Measured]:
    """The same of each split of a target."""
    return (measure_colours(tested, measuring) for tested in splits)
