"""Evaluate a saved model on other people's data sets, and leave everything worth keeping."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tasks.evaluate.measure import Evaluation, Measuring, measure
from tasks.evaluate.results import CMC_FILE, METRICS_FILE, Measured, leave_results
from tasks.evaluate.strangers import require_disjoint, require_unseen
from tasks.progress import Progress, report_progress
from training.artifacts import write_json
from training.checkpoints import load_network
from training.data.crops import picture_cache
from training.evaluation.exports import write_cmc_plot
from training.evaluation.features import extract_features
from training.evaluation.metrics import headline_metrics
from training.precision import arithmetic, best_device
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, Target
from training.targets.registry import open_target

TEST_ROLES = (QUERY, GALLERY, DISTRACTOR)


@dataclass(frozen=True)
class TargetEvaluation:
    """A model on one data set: an evaluation per official split and their means."""

    target: str
    splits: tuple[Evaluation, ...]

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
            **self.means(),
            "splits": [split.metrics() for split in self.splits],
        }


def evaluate_target(
    model: Path,
    target: str,
    root: Path,
    folder: Path,
    measuring: Measuring | None = None,
    partial: bool = False,
    embeddings: bool = False,
) -> TargetEvaluation:
    """Measure ``model`` on a data set by name or CSV in ``root``.

    ``metrics.json``, ``cmc.png`` and ``ranked.png`` (and ``embeddings.parquet``) go to
    ``folder``. Raises ``NotFound`` or ``CorruptData`` for data sets that are not there or not
    complete, unless ``partial``.
    """
    splits = open_target(target, root, partial)
    evaluations: list[Evaluation] = []
    for done, split in enumerate(splits):
        name = f"{split.name} {split.split}".strip()
        report_progress(Progress("evaluate", done, len(splits), "splits", name))
        measured = _evaluate_split(model, split, measuring)
        evaluations.append(measured.evaluation)
        if done == 0:
            leave_results(folder, measured, embeddings)
    report_progress(Progress("evaluate", len(splits), len(splits), "splits", "done"))
    result = TargetEvaluation(target, tuple(evaluations))
    write_json(folder / METRICS_FILE, result.metrics())
    curve = np.mean([evaluation.cmc for evaluation in evaluations], axis=0)
    write_cmc_plot(folder / CMC_FILE, {target: curve})
    return result


def _evaluate_split(path: Path, target: Target, measuring: Measuring | None) -> Measured:
    started = (time.perf_counter(), time.process_time())
    tested = target.people_in(QUERY, GALLERY)
    require_disjoint(target.name, target.people_in(TRAIN), tested)
    network, checkpoint = load_network(path)
    require_unseen(checkpoint, target.name, tested)
    model = checkpoint.config.model
    crops = target.crops(TEST_ROLES, model.height, model.width, cache=picture_cache())
    how = arithmetic(checkpoint.precision, best_device())
    rule = (measuring or Measuring()).statistics
    features = extract_features(network, crops, how, rule=rule, saved=checkpoint.statistics)
    source = {
        "dataset": target.name,
        "split": target.split,
        "content_digest": target.content_digest(),
        "model": checkpoint.run,
        "trained_on": checkpoint.lineage,
    }
    evaluation = measure(target.name, source, crops, features, measuring, started)
    return Measured(evaluation, crops, features)
