"""Evaluate a saved model on other people's data sets, and leave everything worth keeping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evaluate.evaluation_sets import target_set
from tasks.evaluate.measure import STANDARD, Evaluation, Measuring
from tasks.evaluate.models import saved_model
from tasks.evaluate.results import leave_metrics, leave_results
from tasks.progress import Progress, report_progress
from training.evaluation.metrics import headline_metrics
from training.heads import require_features
from training.targets.images import Target
from training.targets.registry import open_target, placed
from training.targets.training_part import SPLIT, TestOn


@dataclass(frozen=True)
class TargetEvaluation:
    """A model on one data set: an evaluation per official split and their means.

    ``tested_on``: the part of the data set that it was.
    """

    target: str
    splits: tuple[Evaluation, ...]
    tested_on: TestOn = TestOn.test

    @property
    def title(self) -> str:
        """The data set, and what is unusual about the test."""
        return self.target if self.tested_on is TestOn.test else f"{self.target} {SPLIT}"

    def __repr__(self) -> str:
        return f"<TargetEvaluation {self.title!r}: {', '.join(map(repr, self.splits))}>"

    def means(self) -> dict[str, float]:
        """The headline metrics by key, means over splits."""
        return {
            metric.key: float(np.mean([split.mean(metric.key) for split in self.splits]))
            for metric in headline_metrics()
        }

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``."""
        return {
            "target": self.target,
            "tested_on": self.tested_on.value,
            **self.means(),
            "splits": [split.metrics() for split in self.splits],
        }


def evaluate_target(
    model: Path,
    target: str,
    root: Path | None,
    folder: Path,
    measuring: Measuring = STANDARD,
    partial: bool = False,
    embeddings: bool = False,
    test_on: TestOn = TestOn.test,
) -> TargetEvaluation:
    """Measure ``model`` on a data set by name or CSV in ``root``, or on its training part.

    A list needs no ``root``. See ``evaluate_splits``; also raises ``NotFound`` or ``CorruptData``
    for data sets that are not there or not complete, unless ``partial``.
    """
    name, place = placed(target, root)
    splits = open_target(name, place, partial, test_on)
    return evaluate_splits(model, name, splits, folder, measuring, embeddings, test_on)


def evaluate_splits(
    model: Path,
    target: str,
    splits: Sequence[Target],
    folder: Path,
    measuring: Measuring = STANDARD,
    embeddings: bool = False,
    test_on: TestOn = TestOn.test,
) -> TargetEvaluation:
    """Measure ``model`` on the splits of a data set that is open already.

    ``metrics.json``, ``cmc.png`` and ``ranked.png`` (and ``embeddings.parquet``) go to
    ``folder``. Raises ``TrainingFailed`` for data sets in which nobody can be found.
    """
    sets = [target_set(split, measuring.protocol) for split in splits]
    evaluations: list[Evaluation] = []
    opened = saved_model(model)
    if embeddings:
        require_features(opened.embedder.network.settings, "a file of embeddings")
    found = opened.measure_splits(sets, measuring, splits[0].name)
    for done, split in enumerate(splits):
        name = f"{split.name} {split.split}".strip()
        report_progress(Progress("evaluate", done, len(splits), "splits", name))
        measured = next(found)
        evaluations.append(measured.evaluation)
        if done == 0:
            leave_results(folder, measured, embeddings)
    report_progress(Progress("evaluate", len(splits), len(splits), "splits", "done"))
    result = TargetEvaluation(target, tuple(evaluations), test_on)
    curve = np.mean([evaluation.cmc for evaluation in evaluations], axis=0)
    leave_metrics(folder, result.metrics(), {result.title: curve})
    return result
