"""Evaluate models and baselines on the test split of a snapshot.

Orchestration stays out of here; ``tasks.evaluate.task`` wraps it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from manifests.errors import TrainingFailed
from manifests.reader import SnapshotReader
from manifests.stores import is_remote, open_store
from tasks.evaluate.measure import (
    Difference,
    Evaluation,
    Measuring,
    difference,
    measure,
    plain_difference,
)
from tasks.evaluate.results import CMC_FILE, METRICS_FILE, Measured, leave_results
from tasks.evaluate.strangers import require_disjoint, require_unseen
from tasks.progress import Progress, report_progress
from tasks.train.fit import MODEL_FILE
from training.artifacts import write_json
from training.checkpoints import load_checkpoint, load_network
from training.config import Precision, TrainingConfig, load_training
from training.data.crops import CropSet, load_crops, picture_cache
from training.evaluation.baselines import colour_features
from training.evaluation.exports import write_cmc_plot
from training.evaluation.features import extract_features
from training.models.person_net import build_network
from training.precision import Arithmetic, arithmetic, best_device
from training.targets.images import QUERY, TRAIN

UNTRAINED = "untrained"
TRAINED = "trained"
COLOUR = "colour"
_BASELINE_SIZE = (128, 64)
_TEST = "test"


@dataclass(frozen=True)
class Comparison:
    """A trained model beside what it must beat, all measured on one snapshot."""

    trained: Evaluation
    untrained: Evaluation
    colour: Evaluation
    trained_minus_untrained: Difference
    trained_minus_colour: Difference

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``, tables and artifacts."""
        return {
            "methods": [e.metrics() for e in (self.trained, self.untrained, self.colour)],
            "trained_minus_untrained": plain_difference(self.trained_minus_untrained),
            "trained_minus_colour": plain_difference(self.trained_minus_colour),
        }


def compare_methods(
    store_uri: str,
    dataset: str,
    number: int,
    content_digest: str,
    model_folder: Path,
    measuring: Measuring | None = None,
    embeddings: bool = False,
) -> Comparison:
    """Measure the model of a folder, the untrained network and the colour baseline.

    ``metrics.json``, ``cmc.png`` and ``ranked.png`` (and ``embeddings.parquet``) are written to
    ``results_folder``. Raises ``NotFound`` without a model.
    """
    reader = SnapshotReader(open_store(store_uri), dataset, number, content_digest)
    test = _TestSplit(reader, is_remote(store_uri))
    model = model_folder / MODEL_FILE
    checkpoint = load_checkpoint(model)
    stages = [
        ("colour baseline", lambda: _colours(test, measuring)),
        ("untrained network", lambda: _untrained(test, checkpoint.config, measuring)),
        ("trained network", lambda: _trained(test, model, measuring)),
    ]
    found: list[Measured] = []
    for done, (name, stage) in enumerate(stages):
        report_progress(Progress("evaluate", done, len(stages), "methods", name))
        found.append(stage())
    report_progress(Progress("evaluate", len(stages), len(stages), "methods", "done"))
    colour, untrained, trained = (measured.evaluation for measured in found)
    comparison = Comparison(
        trained, untrained, colour, difference(trained, untrained), difference(trained, colour)
    )
    folder = results_folder(model_folder, checkpoint.lineage, reader.snapshot.content_digest)
    write_json(folder / METRICS_FILE, comparison.metrics())
    curves = {method.method: method.cmc for method in (trained, colour, untrained)}
    write_cmc_plot(folder / CMC_FILE, curves)
    leave_results(folder, found[-1], embeddings)
    return comparison


def results_folder(model_folder: Path, trained_on: dict[str, Any], content_digest: str) -> Path:
    """Next to the model for the data it learnt from, else in a folder named after the data."""
    if trained_on.get("content_digest") == content_digest:
        return model_folder
    return model_folder / f"on-{content_digest[:12]}"


def evaluate(
    reader: SnapshotReader,
    model_path: Path | None,
    config: TrainingConfig | None = None,
    measuring: Measuring | None = None,
) -> Evaluation:
    """Measure a saved model, or (None) the untrained network of ``config``."""
    if model_path is None:
        measured = _untrained(_TestSplit(reader), config or load_training("demo"), measuring)
    else:
        measured = _trained(_TestSplit(reader), model_path, measuring)
    return measured.evaluation


def colour_baseline(reader: SnapshotReader, measuring: Measuring | None = None) -> Evaluation:
    """Measure what the colours of clothes alone achieve."""
    return _colours(_TestSplit(reader), measuring).evaluation


class _TestSplit:
    """The test crops of a snapshot, checked once and decoded once for each size."""

    def __init__(self, reader: SnapshotReader, remote: bool = False) -> None:
        self._reader, self._remote = reader, remote
        self._decoded: dict[tuple[int, int], CropSet] = {}
        snapshot = reader.snapshot
        self.dataset = snapshot.dataset
        self.source = {
            "dataset": snapshot.dataset,
            "snapshot": snapshot.number,
            "content_digest": snapshot.content_digest,
        }
        rows = reader.table(["person_id", "split"])
        person, split = (np.asarray(rows[name].to_pylist(), np.str_) for name in rows.column_names)
        trained, tested = person[split == TRAIN], person[split == _TEST]
        require_disjoint(self.dataset, trained.tolist(), tested.tolist())

    def crops(self, height: int, width: int) -> CropSet:
        """``TrainingFailed`` if nobody can be asked for or found."""
        if (height, width) not in self._decoded:
            crops = load_crops(
                self._reader,
                _TEST,
                height,
                width,
                picture_cache(),
                self.source["content_digest"],
                remote=self._remote,
            )
            present = set(np.unique(crops.role).tolist())
            missing = {"query", "gallery"} - present
            if missing:
                raise TrainingFailed(
                    f"the test split has no {' and no '.join(sorted(missing))} images (roles "
                    f"present: {', '.join(sorted(present))}); publish it again with a larger "
                    f"splits.test_share"
                )
            self._decoded[height, width] = crops
        return self._decoded[height, width]


def _trained(test: _TestSplit, path: Path, measuring: Measuring | None) -> Measured:
    started = (time.perf_counter(), time.process_time())
    network, checkpoint = load_network(path)
    source = {**test.source, "model": checkpoint.run, "trained_on": checkpoint.lineage}
    crops = test.crops(checkpoint.config.model.height, checkpoint.config.model.width)
    require_unseen(checkpoint, test.dataset, _asked_for(crops))
    how = _arithmetic(checkpoint.config, checkpoint.precision)
    rule = (measuring or Measuring()).statistics
    features = extract_features(network, crops, how, rule=rule, saved=checkpoint.statistics)
    evaluation = measure(TRAINED, source, crops, features, measuring, started)
    return Measured(evaluation, crops, features)


def _untrained(test: _TestSplit, config: TrainingConfig, measuring: Measuring | None) -> Measured:
    started = (time.perf_counter(), time.process_time())
    network = build_network(config.model, people=2, seed=config.seed)
    crops = test.crops(config.model.height, config.model.width)
    rule = (measuring or Measuring()).statistics
    features = extract_features(network, crops, _arithmetic(config, config.precision), rule=rule)
    evaluation = measure(UNTRAINED, test.source, crops, features, measuring, started)
    return Measured(evaluation, crops, features)


def _colours(test: _TestSplit, measuring: Measuring | None) -> Measured:
    started = (time.perf_counter(), time.process_time())
    crops = test.crops(*_BASELINE_SIZE)
    features = colour_features(crops.images, crops.camera)
    evaluation = measure(COLOUR, test.source, crops, features, measuring, started)
    return Measured(evaluation, crops, features)


def tested_crops(reader: SnapshotReader, height: int, width: int) -> CropSet:
    """The test split of a snapshot; ``TrainingFailed`` without queries or a gallery, or if its
    people are in training too."""
    return _TestSplit(reader).crops(height, width)


def _arithmetic(config: TrainingConfig, precision: Precision) -> Arithmetic:
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    return arithmetic(precision, best_device())


def _asked_for(crops: CropSet) -> set[str]:
    asked = np.unique(crops.person[crops.role == QUERY])
    return {crops.person_ids[code] for code in asked}
