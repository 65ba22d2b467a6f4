"""A matching head is trained and measured as any other; what cannot take it says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader
from tasks.evaluate.evaluation_sets import snapshot_set
from tasks.evaluate.failures import find_failures
from tasks.evaluate.labels import picture_labels
from tasks.evaluate.measure import Measuring
from tasks.evaluate.models import Measured, measure_untrained, saved_model
from tasks.evaluate.run import compare_methods
from tasks.evaluate.target import evaluate_target
from tasks.exported.asked import Asked
from tasks.exported.run import export_model
from tasks.hub.models import publish_model
from tasks.scores.table import score
from tasks.train.fit import TrainedModel, train_snapshot
from tests.training.striped_list import write_striped_list
from tests.training.striped_people import StripedReader
from training.adaptation.config import load_adaptation
from training.checkpoints import load_checkpoint
from training.config import TrainingConfig, load_training
from training.data.crops import CropSet
from training.evaluation.protocol import StatisticsRule
from training.exported.form import Form
from training.saved_model import Model


def settings(**changes: object) -> TrainingConfig:
    asked = {"model.head": "matching", "model.normalisation": "batch", "iterations": 12}
    return load_training("tiny", asked | changes)


@pytest.fixture(scope="module")
def reader() -> SnapshotReader:
    return cast(SnapshotReader, StripedReader(people=8, cameras=3, test_people=6))


@pytest.fixture(scope="module")
def model(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    held_out = {"validation": {"share": 0.25, "every": 12}}
    return train_snapshot(reader, settings(**held_out), tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def measured(reader: SnapshotReader, model: TrainedModel) -> Measured:
    return saved_model(model.path).measure(snapshot_set(reader))


def test_places_are_what_is_ranked_by(measured: Measured) -> None:
    """The first of every ranked list has the highest of all scores."""
    crops, scored = measured.crops, measured.scored
    assert scored is not None
    asked, searched = (np.flatnonzero(crops.role == role) for role in ("query", "gallery"))
    scores = np.empty((len(asked), len(searched)), np.float32)
    scored(asked, searched).fill(0, scores)
    for one in measured.evaluation.ranked_lists:
        row = crops.keys[asked].tolist().index(one.query)
        junk = crops.camera[searched] == crops.camera[asked[row]]
        junk &= crops.person[searched] == crops.person[asked[row]]
        best = np.where(junk, -np.inf, scores[row]).argmax()
        assert one.gallery[0] == crops.keys[searched[best]]
        assert one.similarity[0] == pytest.approx(scores[row, best], abs=1e-5)


def test_where_it_fails_is_told_by_the_same_scores(measured: Measured) -> None:
    found = find_failures(measured, picture_labels(measured.crops))
    first = measured.evaluation.retrieval.ranking.first_rank
    wrong = set(measured.evaluation.query_keys[first > 1].tolist())
    assert {one.query for one in found.confusions} == wrong


def test_people_held_out_are_measured_by_places(model: TrainedModel) -> None:
    found = load_checkpoint(model.path).validations
    assert [one["iteration"] for one in found] == [12]
    assert 0 < found[0]["mean_average_precision"] <= 1


def test_an_evaluation_leaves_what_it_leaves_of_others(model: TrainedModel, tmp_path: Path) -> None:
    list_ = write_striped_list(tmp_path / "yard.csv", StripedReader(people=0, seed=3))
    found = evaluate_target(model.path, list_.name, tmp_path, tmp_path / "found")
    metrics = json.loads((tmp_path / "found" / "metrics.json").read_text())
    assert metrics["map"] == found.means()["map"]
    assert metrics["splits"][0]["roc"]["same"] > 0
    left = {path.name for path in (tmp_path / "found").iterdir()}
    assert left == {"metrics.json", "cmc.png", "ranked.png"}


def test_statistics_of_test_cameras_work_as_with_a_plain_head(
    reader: SnapshotReader, model: TrainedModel, measured: Measured
) -> None:
    by_camera = Measuring(statistics=StatisticsRule.camera)
    opened = saved_model(model.path)
    found = opened.measure(snapshot_set(reader), by_camera)
    assert measured.evaluation.measuring.statistics is StatisticsRule.running
    assert not np.allclose(found.features, measured.features, atol=1e-3)
    # The network is afterwards what it was before.
    again = opened.measure(snapshot_set(reader)).evaluation
    assert again.means() == measured.evaluation.means()


def test_with_camera_based_normalisation_it_learns_too(
    reader: SnapshotReader, tmp_path: Path
) -> None:
    config = settings(**{"model.normalisation": "camera", "iterations": 3})
    path = train_snapshot(reader, config, tmp_path).path
    found = saved_model(path).measure(snapshot_set(reader)).evaluation
    assert found.measuring.statistics is StatisticsRule.camera
    assert found.means() != measure_untrained(snapshot_set(reader), config).evaluation.means()


def test_pictures_of_several_splits_are_looked_at_once(
    reader: SnapshotReader, model: TrainedModel, measured: Measured
) -> None:
    whole = snapshot_set(reader)

    def some(height: int, width: int) -> CropSet:
        crops = whole.crops(height, width)
        chosen = np.zeros(len(crops), bool)
        chosen[np.isin(crops.person, np.unique(crops.person)[::2])] = True
        return crops.where(chosen)

    half = replace(whole, crops=some)
    _, second = saved_model(model.path).measure_splits([half, whole])
    assert second.evaluation.means() == pytest.approx(measured.evaluation.means())


REFUSED: list[tuple[str, Callable[[Path, SnapshotReader, Path], object]]] = [
    ("re-ranking", lambda model, reader, _: saved_model(model).measure(
        snapshot_set(reader), Measuring(rerank=True))),
    ("a file of embeddings", lambda model, reader, _: compare_methods(
        reader, model, embeddings=True)),
    ("a file of embeddings", lambda model, _, folder: evaluate_target(
        model, write_striped_list(folder / "yard.csv", StripedReader(people=0, seed=3)).name,
        folder, folder / "found", embeddings=True)),
    ("an ONNX file", lambda model, _, folder: export_model(
        model, folder / "reid.onnx", Asked(Form()))),
    ("embedding with model.pt", lambda model, *_: Model.load(model)),
    ("a folder for the hub", lambda model, _, folder: publish_model(
        model, folder / "public", "x", "CC0-1.0")),
    ("scoring crops", lambda model, reader, _: score(reader, model)),
]  # fmt: skip


@pytest.mark.parametrize(("work", "attempt"), REFUSED)
def test_what_needs_features_says_so(
    work: str,
    attempt: Callable[[Path, SnapshotReader, Path], object],
    model: TrainedModel,
    reader: SnapshotReader,
    tmp_path: Path,
) -> None:
    with pytest.raises(BadRecipe, match=rf"{work}.* needs one feature.*`model.head: plain`"):
        attempt(model.path, reader, tmp_path)
    assert not (tmp_path / "reid.onnx").exists() and not (tmp_path / "public").exists()


def test_settings_that_cannot_have_one_are_refused() -> None:
    with pytest.raises(BadRecipe, match="JVTC compares features"):
        load_adaptation("tiny", {"model.head": "matching"})
    with pytest.raises(BadRecipe, match="compile: does not follow"):
        settings(compile=True)
