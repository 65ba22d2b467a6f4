"""The evaluation stage on made-up people: trained, untrained and colours side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import CorruptData, NotFound, TrainingFailed
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.evaluation_sets import require_unseen_people, snapshot_set
from tasks.evaluate.measure import Evaluation, Measuring, difference
from tasks.evaluate.models import (
    measure_colours,
    measure_saved_model,
    measure_untrained,
    saved_model,
)
from tasks.evaluate.run import compare_methods, results_folder
from tasks.train.fit import TrainedModel, train_snapshot
from tests.tasks.report.publishing import publish_small
from tests.training.striped_people import StripedReader
from training.checkpoints import load_checkpoint
from training.config import load_training
from training.data.crops import CropSet, load_crops
from training.evaluation.descriptions import Descriptions
from training.evaluation.embedder import Embedder, saved_embedder
from training.evaluation.protocol import Protocol, StatisticsRule
from training.run_files import MODEL_FILE


@pytest.fixture(scope="module")
def reader() -> SnapshotReader:
    return cast(SnapshotReader, StripedReader(people=12, cameras=3, test_people=8))


@pytest.fixture(scope="module")
def model(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    config = load_training("tiny", {"iterations": 30, "checkpoint_every": 30})
    return train_snapshot(reader, config, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def trained(reader: SnapshotReader, model: TrainedModel) -> Evaluation:
    return measure_saved_model(model.path, snapshot_set(reader)).evaluation


def test_pictures_of_several_splits_are_embedded_once(
    reader: SnapshotReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With running statistics, which depend on nothing that is tested."""
    plain = {"iterations": 1, "model.normalisation": "batch"}
    path = train_snapshot(reader, load_training("tiny", plain), tmp_path).path
    whole = snapshot_set(reader)
    half = replace(whole, crops=lambda *size: half_of_the_people(whole.crops(*size)))
    embedded: list[int] = []
    describe = Embedder.describe

    def counted(embedder: Embedder, crops: CropSet, rule: StatisticsRule | None) -> Descriptions:
        embedded.append(len(crops))
        return describe(embedder, crops, rule)

    monkeypatch.setattr(Embedder, "describe", counted)
    model = saved_model(path)
    for rule in (StatisticsRule.running, StatisticsRule.camera):
        measuring = Measuring(statistics=rule)
        first, second = model.measure_splits([half, whole], measuring)
        alone = model.measure(whole, measuring)
        np.testing.assert_allclose(second.features, alone.features, atol=1e-5)
        assert len(first.crops) * 2 == len(second.crops)
    assert embedded == [24, 24, 48, 24, 48, 48]


def half_of_the_people(crops: CropSet) -> CropSet:
    return crops.where(crops.person % 2 == 0)


def test_says_what_was_measured(reader: SnapshotReader, trained: Evaluation) -> None:
    assert trained.method == "trained"
    assert (trained.people, trained.queries, trained.gallery) == (8, 24, 24)
    assert trained.skipped_queries == 0
    assert trained.intervals["rank1"].low <= trained.mean("rank1")
    assert trained.mean("rank1") <= trained.intervals["rank1"].high
    said = f"rank-1 {trained.mean('rank1'):.1%}, mAP"
    assert repr(trained).startswith(f"<Evaluation 'trained': {said}") and len(repr(trained)) < 160
    with pytest.raises(NotFound, match="no metric 'mAP'; there are rank1, map"):
        trained.mean("mAP")
    precision = trained.retrieval.ranking.per_query["map"]
    assert trained.mean("map") == pytest.approx(np.mean(precision))
    assert trained.lineage["content_digest"] == reader.snapshot.content_digest
    assert trained.lineage["trained_on"]["snapshot"] == reader.snapshot.number
    metrics = json.loads(json.dumps(trained.metrics()))
    assert metrics["rank1"] == metrics["cmc"]["rank1"] == trained.mean("rank1")


def test_ranked_lists_name_crops(trained: Evaluation) -> None:
    assert len(trained.ranked_lists) == 12
    for found in trained.ranked_lists:
        assert found.query in trained.query_keys
        person, camera, _ = found.query.split("/")
        for key, right in zip(found.gallery, found.right, strict=True):
            assert right == (key.split("/")[0] == person)
            assert key.split("/")[:2] != [person, camera]
        row = int(np.flatnonzero(trained.query_keys == found.query)[0])
        assert (trained.retrieval.ranking.first_rank[row] == 1) == found.right[0]


def test_views_and_verification_are_measured(trained: Evaluation) -> None:
    metrics = trained.metrics()
    pairs = {(p["query_camera"], p["gallery_camera"]): p for p in metrics["camera_pairs"]}
    assert len(pairs) == 6
    assert pairs["street_c00", "street_c02"]["queries"] == 8
    assert metrics["roc"]["same"] == 24 * 2
    assert metrics["roc"]["different"] == 24 * 21
    accepted = trained.retrieval.roc.true_positive_rate
    assert accepted == tuple(sorted(accepted))


def test_other_ways_of_measuring(reader: SnapshotReader, model: TrainedModel) -> None:
    tested = snapshot_set(reader)
    measuring = Measuring(rerank=True, ranked_lists=2)
    reranked = measure_saved_model(model.path, tested, measuring).evaluation
    assert reranked.metrics()["reranked"] is True
    assert len(reranked.ranked_lists) == 2
    with pytest.raises(TrainingFailed, match="no query has a match"):
        measure_saved_model(model.path, tested, Measuring(protocol=Protocol.cloth_changing))


def test_the_same_measurement_twice(
    reader: SnapshotReader, model: TrainedModel, trained: Evaluation
) -> None:
    again = measure_saved_model(model.path, snapshot_set(reader)).evaluation
    for key, values in trained.retrieval.ranking.per_query.items():
        np.testing.assert_array_equal(again.retrieval.ranking.per_query[key], values)


def test_baselines_answer_the_same_queries(
    reader: SnapshotReader, model: TrainedModel, trained: Evaluation
) -> None:
    tested = snapshot_set(reader)
    untrained = measure_untrained(tested, model.config).evaluation
    colour = measure_colours(tested).evaluation
    assert (untrained.method, colour.method) == ("untrained", "colour")
    for baseline in (untrained, colour):
        gain = difference(trained, baseline)
        assert gain["map"].mean == pytest.approx(trained.mean("map") - baseline.mean("map"))
        assert gain["rank1"].low <= gain["rank1"].mean <= gain["rank1"].high


def test_different_queries_cannot_be_compared(trained: Evaluation) -> None:
    strangers = cast(SnapshotReader, StripedReader(people=2, test_people=3))
    other = measure_colours(snapshot_set(strangers)).evaluation
    with pytest.raises(CorruptData, match="different queries"):
        difference(trained, other)


def test_a_test_split_without_gallery_is_refused() -> None:
    queries_only = cast(SnapshotReader, StripedReader(people=2, test_people=3, images=1))
    with pytest.raises(TrainingFailed, match="no gallery images"):
        snapshot_set(queries_only)


def test_a_comparison_leaves_numbers_and_pictures(tmp_path: Path) -> None:
    small = publish_small(open_store(tmp_path / "store"), images=3)
    folder = tmp_path / "model"
    train_snapshot(small, load_training("tiny", {"iterations": 2}), folder)
    measuring = Measuring(rerank=True, memory_mb=0.001, ranked_lists=3)
    model = (folder / MODEL_FILE).rename(folder / "mine.pt")
    comparison = compare_methods(small, model, measuring, embeddings=True)
    results = folder / "mine"
    methods = json.loads((results / "metrics.json").read_text())["methods"]
    assert [method["method"] for method in methods] == ["trained", "untrained", "colour"]
    assert all(method["reranked"] for method in methods)
    assert methods[0]["lineage"]["trained_on"]["content_digest"] == small.snapshot.content_digest
    for name in ("cmc.png", "ranked.png"):
        picture = cv2.imread(str(results / name))
        assert picture is not None
        assert picture.std() > 10
    failures = json.loads((results / "failures.json").read_text())
    assert failures["queries"] == comparison.trained.queries
    assert (results / "mistakes.png").is_file() == bool(failures["confusions"])
    measured = comparison.trained.queries + comparison.trained.skipped_queries
    tested = measured + comparison.trained.gallery + comparison.trained.junk
    assert pq.read_table(results / "embeddings.parquet").num_rows == tested


def test_results_on_other_data_do_not_replace_those_of_the_models_own(tmp_path: Path) -> None:
    own = {"dataset": "small", "content_digest": "cd" * 16}
    assert results_folder(tmp_path / "model.pt", own, "cd" * 16) == tmp_path
    assert results_folder(tmp_path / "model.pt", own, "ef" * 16) == tmp_path / "on-efefefefefef"


def test_models_of_other_names_in_one_folder_have_results_of_their_own(tmp_path: Path) -> None:
    own = {"dataset": "small", "content_digest": "cd" * 16}
    assert results_folder(tmp_path / "best.pt", own, "cd" * 16) == tmp_path / "best"
    assert results_folder(tmp_path / "last.pt", own, "ef" * 16) == tmp_path / "last/on-efefefefefef"


def test_people_in_both_splits_are_refused() -> None:
    class Leaky(StripedReader):
        def table(self, columns: Sequence[str] | None = None) -> pa.Table:
            rows = super().table()
            split = rows["split"].to_pylist()
            split[0] = "test"
            position = rows.column_names.index("split")
            leaky = rows.set_column(position, "split", [split])
            return leaky if columns is None else leaky.select(list(columns))

    with pytest.raises(TrainingFailed, match="1 people are in both the training and the test"):
        snapshot_set(cast(SnapshotReader, Leaky(people=2, test_people=3)))


def test_people_whom_the_model_knows_are_refused(model: TrainedModel) -> None:
    later_edition = cast(SnapshotReader, StripedReader(people=6, cameras=3, test_people=8))
    with pytest.raises(TrainingFailed, match="trained on 6 of the people who are tested"):
        measure_saved_model(model.path, snapshot_set(later_edition))


def test_an_adapted_model_knows_the_people_of_its_labelled_source(model: TrainedModel) -> None:
    checkpoint = load_checkpoint(model.path)
    adapted = replace(checkpoint, lineage={"source": checkpoint.lineage, "target": {}})
    require_unseen_people(adapted, "striped", ["a stranger"])
    require_unseen_people(adapted, "another data set", checkpoint.people)
    with pytest.raises(TrainingFailed, match="trained on 12 of the people who are tested"):
        require_unseen_people(adapted, "striped", checkpoint.people)


def test_crops_of_another_size_than_the_models_are_refused(model: TrainedModel) -> None:
    embedder, _ = saved_embedder(model.path)
    crops = load_crops(StripedReader(people=2, test_people=2), "test", 96, 48)
    with pytest.raises(TrainingFailed, match="sees crops of 32x64, these were loaded as 48x96"):
        embedder.embed(crops)
