"""Compare a trained model with the baselines it must beat, on the test split of a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.reader import SnapshotReader
from tasks.evaluate.evaluation_sets import require_unseen, snapshot_set
from tasks.evaluate.failures import Failures, find_failures
from tasks.evaluate.labels import snapshot_labels
from tasks.evaluate.measure import (
    STANDARD,
    Difference,
    Evaluation,
    Measuring,
    difference,
    plain_difference,
)
from tasks.evaluate.models import Measured, measure_colours, measure_saved_model, measure_untrained
from tasks.evaluate.results import leave_failures, leave_metrics, leave_results
from tasks.progress import Progress, report_progress
from training.checkpoints import load_checkpoint
from training.evaluation.feature_map import FeatureSample, sample_features
from training.heads import require_features
from training.run_files import MODEL_FILES, model_file


@dataclass(frozen=True)
class Comparison:
    """A trained model beside what it must beat, all measured on one snapshot; ``failures`` and
    ``sample``, some of the features, are the trained model's."""

    trained: Evaluation
    untrained: Evaluation
    colour: Evaluation
    trained_minus_untrained: Difference
    trained_minus_colour: Difference
    failures: Failures
    sample: FeatureSample

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """What was measured, the trained model first."""
        return self.trained, self.untrained, self.colour

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``, tables and artifacts."""
        return {
            "methods": [evaluation.metrics() for evaluation in self.evaluations],
            "trained_minus_untrained": plain_difference(self.trained_minus_untrained),
            "trained_minus_colour": plain_difference(self.trained_minus_colour),
        }


def compare_methods(
    reader: SnapshotReader,
    model: Path,
    measuring: Measuring = STANDARD,
    embeddings: bool = False,
) -> Comparison:
    """Measure a model (its file or folder), the untrained network and the colour baseline.

    ``metrics.json``, ``failures.json``, ``cmc.png``, ``ranked.png`` and ``mistakes.png`` (and
    ``embeddings.parquet``) are written to ``results_folder``. Raises ``NotFound`` without a model,
    ``TrainingFailed`` before anything is computed if it was trained on who or what is tested.
    """
    tested = snapshot_set(reader)
    file = model_file(model)
    checkpoint = load_checkpoint(file)
    require_unseen(checkpoint, tested)
    if embeddings:
        require_features(checkpoint.config.model, "a file of embeddings")
    stages = [
        ("colour baseline", lambda: measure_colours(tested, measuring)),
        ("untrained network", lambda: measure_untrained(tested, checkpoint.config, measuring)),
        ("trained network", lambda: measure_saved_model(file, tested, measuring)),
    ]
    found: list[Measured] = []
    for done, (name, stage) in enumerate(stages):
        report_progress(Progress("evaluate", done, len(stages), "methods", name))
        found.append(stage())
    report_progress(Progress("evaluate", len(stages), len(stages), "methods", "done"))
    colour, untrained, trained = (measured.evaluation for measured in found)
    comparison = Comparison(
        trained,
        untrained,
        colour,
        difference(trained, untrained),
        difference(trained, colour),
        find_failures(found[-1], snapshot_labels(reader)),
        sample_features(found[-1].crops, found[-1].features),
    )
    folder = results_folder(file, checkpoint.lineage, reader.snapshot.content_digest)
    curves = {method.method: method.cmc for method in (trained, colour, untrained)}
    leave_metrics(folder, comparison.metrics(), curves)
    leave_results(folder, found[-1], embeddings)
    leave_failures(folder, comparison.failures, found[-1])
    return comparison


FAILURES_PAGE = "failures.html"
"""Where a person sees where a model fails, in ``results_folder``."""


def results_folder(model: Path, trained_on: dict[str, Any], content_digest: str) -> Path:
    """Next to the model's file for the data it learnt from, else in a folder named after the data;
    both in a folder of its own for a model of another name, which may lie beside others."""
    folder = model.parent if model.name in MODEL_FILES else model.with_suffix("")
    if trained_on.get("content_digest") == content_digest:
        return folder
    return folder / f"on-{content_digest[:12]}"
