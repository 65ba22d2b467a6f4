"""The evaluation stage on made-up people: trained, untrained and colours side by side."""

from __future__ import annotations

import json
from typing import cast

import numpy as np
import pytest

from manifests.errors import CorruptData, TrainingFailed
from manifests.reader import SnapshotReader
from tasks.evaluate.run import Evaluation, Measuring, colour_baseline, difference, evaluate
from tasks.train.fit import TrainedModel, train
from tests.training.striped_people import StripedReader
from training.config import load_training
from training.evaluation.ranking import Protocol


@pytest.fixture(scope="module")
def reader() -> SnapshotReader:
    return cast(SnapshotReader, StripedReader(people=12, cameras=3, test_people=8))


@pytest.fixture(scope="module")
def model(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    config = load_training("tiny", {"iterations": 30})
    return train(reader, config, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def trained(reader: SnapshotReader, model: TrainedModel) -> Evaluation:
    return evaluate(reader, model.path)


def test_says_what_was_measured(reader: SnapshotReader, trained: Evaluation) -> None:
    assert trained.method == "trained"
    assert (trained.people, trained.queries, trained.gallery) == (8, 24, 24)
    assert trained.skipped_queries == 0
    assert trained.rank1_interval.low <= trained.rank1 <= trained.rank1_interval.high
    assert trained.map == pytest.approx(np.mean(trained.average_precision))
    assert trained.lineage["content_digest"] == reader.snapshot.content_digest
    assert trained.lineage["trained_on"]["snapshot"] == reader.snapshot.number
    metrics = json.loads(json.dumps(trained.metrics()))
    assert metrics["rank1"] == metrics["cmc"]["rank1"] == trained.rank1


def test_ranked_lists_name_crops(trained: Evaluation) -> None:
    assert len(trained.ranked_lists) == 12
    for found in trained.ranked_lists:
        assert found.query in trained.query_keys
        person, camera, _ = found.query.split("/")
        for key, right in zip(found.gallery, found.right, strict=True):
            assert right == (key.split("/")[0] == person)
            assert key.split("/")[:2] != [person, camera]
        row = int(np.flatnonzero(trained.query_keys == found.query)[0])
        assert (trained.first_rank[row] == 1) == found.right[0]


def test_views_and_verification_are_measured(trained: Evaluation) -> None:
    metrics = trained.metrics()
    pairs = {(p["query_camera"], p["gallery_camera"]): p for p in metrics["camera_pairs"]}
    assert len(pairs) == 6
    assert pairs["street_c00", "street_c02"]["queries"] == 8
    assert metrics["roc"]["same"] == 24 * 2
    assert metrics["roc"]["different"] == 24 * 21
    assert trained.roc.true_positive_rate == tuple(sorted(trained.roc.true_positive_rate))


def test_other_ways_of_measuring(reader: SnapshotReader, model: TrainedModel) -> None:
    reranked = evaluate(reader, model.path, measuring=Measuring(rerank=True, ranked_lists=2))
    assert reranked.metrics()["reranked"] is True
    assert len(reranked.ranked_lists) == 2
    with pytest.raises(TrainingFailed, match="no query has a match"):
        evaluate(reader, model.path, measuring=Measuring(protocol=Protocol.cloth_changing))


def test_the_same_measurement_twice(
    reader: SnapshotReader, model: TrainedModel, trained: Evaluation
) -> None:
    again = evaluate(reader, model.path)
    np.testing.assert_array_equal(again.average_precision, trained.average_precision)


def test_baselines_answer_the_same_queries(
    reader: SnapshotReader, model: TrainedModel, trained: Evaluation
) -> None:
    untrained = evaluate(reader, None, model.config)
    colour = colour_baseline(reader)
    assert (untrained.method, colour.method) == ("untrained", "colour")
    for baseline in (untrained, colour):
        gain = difference(trained, baseline)
        assert gain.map.mean == pytest.approx(trained.map - baseline.map)
        assert gain.rank1.low <= gain.rank1.mean <= gain.rank1.high


def test_different_queries_cannot_be_compared(trained: Evaluation) -> None:
    other = colour_baseline(cast(SnapshotReader, StripedReader(people=2, test_people=3)))
    with pytest.raises(CorruptData, match="different queries"):
        difference(trained, other)


def test_a_test_split_without_gallery_is_refused() -> None:
    queries_only = cast(SnapshotReader, StripedReader(people=2, test_people=3, images=1))
    with pytest.raises(TrainingFailed, match="no gallery images"):
        colour_baseline(queries_only)
