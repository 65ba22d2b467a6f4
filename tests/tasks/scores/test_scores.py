"""Crops are scored by a model, beside the snapshot, and training takes those that are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.labels import snapshot_labels
from tasks.scores.compute import lots, nearness, rarity
from tasks.scores.table import Scores, chosen_crops, read_scores, score, told
from tasks.train.fit import TrainedModel, train_snapshot
from tests.tasks.report.publishing import publish_small
from tests.training.striped_people import striped_crops
from training.checkpoints import load_checkpoint
from training.config import load_training
from training.data.selection import SCORES, Selection

CONFIG = load_training("tiny", {"iterations": 1})


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    return publish_small(open_store(tmp_path_factory.mktemp("store")), people=8)


@pytest.fixture(scope="module")
def model(reader: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return train_snapshot(reader, CONFIG, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def scores(reader: SnapshotReader, model: TrainedModel) -> Scores:
    return score(reader, model.path)


def test_hardness_and_repeats_are_what_similarities_say() -> None:
    crops = striped_crops(people=3, cameras=2, images=2, test_people=0)
    rng = np.random.default_rng(1)
    features = rng.normal(size=(len(crops), 5)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    hardness, duplicate = nearness(crops, features)
    similar = features @ features.T
    for row in range(len(crops)):
        own = crops.person == crops.person[row]
        near = crops.camera == crops.camera[row]
        expected = similar[row, ~own].max() - similar[row, own & ~near].max()
        assert hardness[row] == pytest.approx(expected, abs=1e-5)
        earlier = own & near & (np.arange(len(crops)) < row)
        if earlier.any():
            assert duplicate[row] == pytest.approx(similar[row, earlier].max(), abs=1e-5)
        else:
            assert np.isnan(duplicate[row]), "the first of its camera repeats nothing"


def test_what_cannot_be_known_is_not_known() -> None:
    alone = striped_crops(people=1, cameras=1, images=1, test_people=0)
    hardness, duplicate = nearness(alone, np.ones((1, 4), np.float32) / 2)
    assert np.isnan(hardness).all() and np.isnan(duplicate).all()


def test_what_is_seldom_has_more_information(reader: SnapshotReader) -> None:
    labels = snapshot_labels(reader)
    found = rarity(labels)
    bright = labels.luminance >= 130
    dim = labels.luminance < 90
    assert bright.sum() < dim.sum()
    assert found[bright].mean() > found[dim].mean()


def test_lots_depend_on_the_key_alone() -> None:
    keys = np.array([f"crop/{number}" for number in range(2000)])
    found = lots(keys)
    assert (found[:10] == lots(keys[:10])).all()
    assert 0.45 < (found < 0.5).mean() < 0.55


def test_scores_lie_beside_the_snapshot_by_its_content_and_the_model(
    reader: SnapshotReader, model: TrainedModel, scores: Scores
) -> None:
    run = load_checkpoint(model.path).run
    key = f"small/scores/{reader.snapshot.content_digest}/{run}.parquet"
    assert scores.run == run and scores.place.endswith(key)
    train = reader.table(["crop_key", "split"]).to_pandas().query("split == 'train'")
    assert scores.key.tolist() == train["crop_key"].tolist()
    assert set(scores.of) == set(SCORES)
    stored = reader.dataset.store.get(key)
    again = score(reader, model.path)
    np.testing.assert_equal(again.of, scores.of)
    np.testing.assert_equal(read_scores(reader).of, scores.of)
    assert reader.dataset.store.get(key) == stored
    assert len(told(scores)) == 1 + len(SCORES)


def test_conditions_are_read_in_one_form() -> None:
    selection = Selection.parse([" rarity >= p75", "hardness>0.10", "hardness > 0.1"])
    assert selection.texts() == ["hardness>0.1", "rarity>=p75"]
    scores = {"hardness": np.array([0.2, 0.0, np.nan, 0.3]), "rarity": np.array([1, 9, 9, 9.0])}
    assert selection.mask(scores).tolist() == [False, False, True, True], "unknown ones stay"
    assert not Selection.parse([])


@pytest.mark.parametrize("words", ["hard>1", "hardness", "hardness=1", "lot>p101", "hardness>", ""])
def test_what_is_no_condition_is_refused(words: str) -> None:
    with pytest.raises(BadRecipe, match="--select"):
        Selection.parse([words])


def test_a_part_is_another_training(
    reader: SnapshotReader, scores: Scores, model: TrainedModel, tmp_path: Path
) -> None:
    chosen = chosen_crops(scores, Selection.parse(["hardness>=p50"]))
    assert 0 < len(chosen.keys) <= len(scores.key) // 2 + 1
    part = train_snapshot(reader, CONFIG, tmp_path, None, chosen)
    whole, learnt = load_checkpoint(model.path), load_checkpoint(part.path)
    assert learnt.run != whole.run
    assert learnt.lineage["selection"] == {"conditions": ["hardness>=p50"], "scored_by": scores.run}
    assert learnt.fingerprints is not None and len(learnt.fingerprints) == len(chosen.keys)


def test_a_part_of_nobody_is_refused(scores: Scores) -> None:
    with pytest.raises(BadRecipe, match=r"leaves 0 of \d+ crops, of 0 people"):
        chosen_crops(scores, Selection.parse(["lot>1"]))


def test_scores_that_are_not_there_or_not_clear(
    model: TrainedModel, scores: Scores, tmp_path: Path
) -> None:
    fresh = publish_small(open_store(tmp_path / "store"), people=8)
    with pytest.raises(NotFound, match=r"has no scores; `unrealperson score small --model"):
        read_scores(fresh)
    made = score(fresh, model.path)
    dataset, content = fresh.dataset, fresh.snapshot.content_digest
    stored = dataset.store.get(dataset.scores_key(content, made.run))
    dataset.store.put(dataset.scores_key(content, "another"), stored[:100])
    with pytest.raises(BadRecipe, match="2 models have scored it"):
        read_scores(fresh)
    with pytest.raises(CorruptData, match="not a readable Parquet file"):
        read_scores(fresh, "another")
