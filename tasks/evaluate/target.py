"""Evaluate a saved model on other people's data sets, and leave everything worth keeping."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import TrainingFailed
from tasks.evaluate.measure import Evaluation, Measuring, measure
from tasks.progress import Progress, report_progress
from training.artifacts import write_json
from training.checkpoints import load_network
from training.data.crops import CropSet
from training.evaluation.exports import write_cmc_plot, write_embeddings, write_ranked_lists
from training.evaluation.features import extract_features
from training.precision import arithmetic, best_device
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, Target
from training.targets.registry import open_target

TEST_ROLES = (QUERY, GALLERY, DISTRACTOR)


@dataclass(frozen=True)
class TargetEvaluation:
    """A model on one data set: an evaluation per official split and their means."""

    target: str
    splits: tuple[Evaluation, ...]

    @property
    def rank1(self) -> float:
        """Mean over splits."""
        return float(np.mean([split.rank1 for split in self.splits]))

    @property
    def map(self) -> float:
        """Mean over splits."""
        return float(np.mean([split.map for split in self.splits]))

    def metrics(self) -> dict[str, Any]:
        """Plain numbers for ``metrics.json``."""
        return {
            "target": self.target,
            "rank1": self.rank1,
            "map": self.map,
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
        evaluation, crops, features = _evaluate_split(model, split, folder, measuring)
        evaluations.append(evaluation)
        if done == 0:
            _leave(folder, evaluation, crops, features if embeddings else None)
    report_progress(Progress("evaluate", len(splits), len(splits), "splits", "done"))
    result = TargetEvaluation(target, tuple(evaluations))
    write_json(folder / "metrics.json", result.metrics())
    curve = np.mean([evaluation.cmc for evaluation in evaluations], axis=0)
    write_cmc_plot(folder / "cmc.png", {target: curve})
    return result


def _evaluate_split(
    path: Path, target: Target, folder: Path, measuring: Measuring | None
) -> tuple[Evaluation, CropSet, np.ndarray]:
    started = (time.perf_counter(), time.process_time())
    require_disjoint(target)
    network, checkpoint = load_network(path)
    model = checkpoint.config.model
    crops = target.crops(TEST_ROLES, model.height, model.width, cache=folder / "pictures")
    how = arithmetic(checkpoint.precision, best_device())
    features = extract_features(network, crops, how)
    source = {
        "dataset": target.name,
        "split": target.split,
        "content_digest": target.content_digest(),
        "model": checkpoint.run,
        "trained_on": checkpoint.lineage,
    }
    evaluation = measure(target.name, source, crops, features, measuring, started)
    return evaluation, crops, features


def require_disjoint(target: Target) -> None:
    """Refuse a data set whose test people are in training (``TrainingFailed``)."""
    trained, tested = (
        {image.person for image in target.images if image.role in roles}
        for roles in ((TRAIN,), (QUERY, GALLERY))
    )
    shared = sorted(trained & tested)
    if shared:
        raise TrainingFailed(
            f"{target.name}: {len(shared)} people are in both the training and the test images, "
            f"first {shared[0]}; metrics on them would mean nothing"
        )


def _leave(
    folder: Path, evaluation: Evaluation, crops: CropSet, features: np.ndarray | None
) -> None:
    place = {key: row for row, key in enumerate(crops.keys.tolist())}

    def pictures(keys: Sequence[str], right: Sequence[bool]) -> list[tuple[np.ndarray, bool]]:
        return [(crops.images[place[key]], good) for key, good in zip(keys, right, strict=True)]

    rows = [
        (crops.images[place[found.query]], pictures(found.gallery, found.right))
        for found in evaluation.ranked_lists
    ]
    write_ranked_lists(folder / "ranked.png", rows)
    if features is not None:
        person = np.array(crops.person_ids)[crops.person]
        camera = np.array(crops.camera_names)[crops.camera]
        write_embeddings(folder / "embeddings.parquet", crops.keys, person, camera, features)
