"""Evaluate models and baselines on the test split of a snapshot.

Orchestration stays out of here; ``tasks.evaluate.task`` wraps it.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from manifests.errors import TrainingFailed
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.measure import Difference, Evaluation, Measuring, difference, measure
from tasks.progress import Progress, report_progress
from tasks.train.fit import MODEL_FILE
from training.artifacts import write_json
from training.checkpoints import load_checkpoint, load_network
from training.config import TrainingConfig, load_training
from training.data.crops import CropSet, load_crops
from training.evaluation.baselines import colour_features
from training.evaluation.features import extract_features
from training.models.resnet import build_network
from training.precision import arithmetic, best_device

UNTRAINED = "untrained"
TRAINED = "trained"
COLOUR = "colour"
METRICS_FILE = "metrics.json"
_BASELINE_SIZE = (128, 64)


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
            "trained_minus_untrained": asdict(self.trained_minus_untrained),
            "trained_minus_colour": asdict(self.trained_minus_colour),
        }


def compare_methods(
    store_uri: str, dataset: str, number: int, content_digest: str, model_folder: Path
) -> Comparison:
    """Measure the model of a folder, the untrained network and the colour baseline.

    ``metrics.json`` is written next to the model. Raises ``NotFound`` without a model.
    """
    reader = SnapshotReader(open_store(store_uri), dataset, number, content_digest)
    model = model_folder / MODEL_FILE
    config = load_checkpoint(model).config
    stages = [
        ("colour baseline", lambda: colour_baseline(reader)),
        ("untrained network", lambda: evaluate(reader, None, config)),
        ("trained network", lambda: evaluate(reader, model)),
    ]
    measured: list[Evaluation] = []
    for done, (name, evaluation) in enumerate(stages):
        report_progress(Progress("evaluate", done, len(stages), "methods", name))
        measured.append(evaluation())
    report_progress(Progress("evaluate", len(stages), len(stages), "methods", "done"))
    colour, untrained, trained = measured
    comparison = Comparison(
        trained, untrained, colour, difference(trained, untrained), difference(trained, colour)
    )
    write_json(model_folder / METRICS_FILE, comparison.metrics())
    return comparison


def evaluate(
    reader: SnapshotReader,
    model_path: Path | None,
    config: TrainingConfig | None = None,
    measuring: Measuring | None = None,
) -> Evaluation:
    """Measure a saved model, or (None) the untrained network of ``config``."""
    wall, cpu = time.perf_counter(), time.process_time()
    lineage: dict[str, Any] = {}
    if model_path is None:
        config = config or load_training("demo")
        network = build_network(config.model, people=2, seed=config.seed)
        precision, method = config.precision, UNTRAINED
    else:
        network, checkpoint = load_network(model_path)
        config, precision, method = checkpoint.config, checkpoint.precision, TRAINED
        lineage = {"model": checkpoint.run, "trained_on": checkpoint.lineage}
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    crops = tested_crops(reader, config.model.height, config.model.width)
    features = extract_features(network, crops, arithmetic(precision, best_device()))
    return measure(method, {**_source(reader), **lineage}, crops, features, measuring, (wall, cpu))


def colour_baseline(reader: SnapshotReader, measuring: Measuring | None = None) -> Evaluation:
    """Measure what the colours of clothes alone achieve."""
    started = (time.perf_counter(), time.process_time())
    crops = tested_crops(reader, *_BASELINE_SIZE)
    features = colour_features(crops.images, crops.camera)
    return measure(COLOUR, _source(reader), crops, features, measuring, started)


def tested_crops(reader: SnapshotReader, height: int, width: int) -> CropSet:
    """The test split of a snapshot; ``TrainingFailed`` without queries or a gallery."""
    crops = load_crops(reader, "test", height, width)
    present = set(np.unique(crops.role).tolist())
    missing = {"query", "gallery"} - present
    if missing:
        raise TrainingFailed(
            f"the test split has no {' and no '.join(sorted(missing))} images (roles present: "
            f"{', '.join(sorted(present))}); publish it again with a larger splits.test_share"
        )
    return crops


def _source(reader: SnapshotReader) -> dict[str, Any]:
    snapshot = reader.snapshot
    return {
        "dataset": snapshot.dataset,
        "snapshot": snapshot.number,
        "content_digest": snapshot.content_digest,
    }
