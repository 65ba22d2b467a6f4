"""One round measured: every query's figures, where it fails, and what the next people should be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from manifests.reader import SnapshotReader
from tasks.evaluate.evaluation_sets import EvaluationSet, snapshot_set, target_set
from tasks.evaluate.failures import Failures, find_failures
from tasks.evaluate.labels import picture_labels, snapshot_labels
from tasks.evaluate.models import Measured, measure_saved_model
from tasks.improve.increment import UNIFORM
from tasks.improve.request import Improvement
from tasks.improve.weights import Weights, find_weights
from training.targets.images import TRAIN


@dataclass(frozen=True)
class Look:
    """How a model does, where it fails, and by which weights the next people are drawn."""

    measured: Measured
    failures: Failures
    weights: Weights


def look(asked: Improvement, reader: SnapshotReader, model: Path) -> Look:
    """Measure a model on the test people of a snapshot of ours, or on the labelled training people
    of a target, of whom no more is known than what their pictures show."""
    ours = snapshot_labels(reader)
    if asked.target is None:
        tested: EvaluationSet = snapshot_set(reader)
        measured, labels = measure_saved_model(model, tested), ours
    else:
        tested = target_set(asked.target.opened())
        measured = measure_saved_model(model, tested)
        labels = picture_labels(measured.crops)
    failures = find_failures(measured, labels)
    if asked.uniform:
        return Look(measured, failures, UNIFORM)
    split = np.asarray(reader.table(["split"])["split"].to_pylist(), np.str_)
    return Look(measured, failures, find_weights(failures, ours.rows(split == TRAIN), asked.floor))


def queries(measured: Measured) -> dict[str, Any]:
    """The fields of a ``Round`` that tell of its queries."""
    evaluation = measured.evaluation
    ranking = evaluation.retrieval.ranking
    used = ranking.used
    return {
        "query": tuple(evaluation.query_keys[used].tolist()),
        "person": tuple(evaluation.query_person[used].tolist()),
        "average_precision": tuple(ranking.per_query["map"][used].tolist()),
        "hit": tuple(ranking.per_query["rank1"][used].tolist()),
    }
