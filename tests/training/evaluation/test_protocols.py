"""Cloth-changing retrieval, verification and camera pairs, against literal computations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from manifests.errors import TrainingFailed
from tests.training.evaluation.counting import camera_pairs, ranked_lists, roc
from training.evaluation.protocol import Labelled, Protocol
from training.evaluation.ranking import rank


def people(seed: int, count: int) -> Labelled:
    rng = np.random.default_rng([seed, 31])
    features = rng.normal(size=(count, 8)).astype(np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    person, camera, outfit = (rng.integers(0, n, count) for n in (10, 3, 2))
    return Labelled(features, person, camera, outfit)


def test_the_same_clothes_do_not_count() -> None:
    query, gallery = people(0, 60), people(1, 150)
    assert query.outfit is not None
    changed = rank(query, gallery, Protocol.cloth_changing)
    # Equal to the standard protocol on a gallery without the query's own clothes.
    for q in range(60):
        dressed_alike = (gallery.person == query.person[q]) & (gallery.outfit == query.outfit[q])
        alone = rank_or_none(query.rows(np.array([q])), gallery.rows(~dressed_alike))
        assert changed.first_rank[q] == alone


def test_lists_leave_out_what_the_protocol_leaves_out() -> None:
    query, gallery = people(0, 20), people(1, 60)
    assert query.outfit is not None
    assert gallery.outfit is not None
    lists = ranked_lists(query, gallery, 60, Protocol.cloth_changing)
    for q in range(20):
        shown = lists[q].gallery
        same = gallery.person == query.person[q]
        alike = gallery.outfit == query.outfit[q]
        junk = same & (alike | (gallery.camera == query.camera[q]))
        assert sorted(shown) == np.flatnonzero(~junk).tolist()


def rank_or_none(query: Labelled, gallery: Labelled) -> int:
    try:
        return int(rank(query, gallery).first_rank[0])
    except TrainingFailed:
        return 0


def test_cloth_changing_needs_outfits() -> None:
    query, gallery = people(0, 5), people(1, 30)
    with pytest.raises(TrainingFailed, match="outfit"):
        rank(replace(query, outfit=None), gallery, Protocol.cloth_changing)


@pytest.mark.parametrize("memory_mb", [0.001, None])
def test_roc_counts_every_pair(memory_mb: float | None) -> None:
    query, gallery = people(2, 50), people(3, 120)
    similarity = query.features @ gallery.features.T
    same = query.person[:, None] == gallery.person
    junk = same & (query.camera[:, None] == gallery.camera)
    matches, others = similarity[same & ~junk], similarity[~same]
    found = roc(query, gallery, rates=(0.001, 0.01, 0.3), memory_mb=memory_mb)
    assert (found.same, found.different) == (len(matches), len(others))
    for rate, hit, threshold in zip(
        found.false_positive_rate, found.true_positive_rate, found.threshold, strict=True
    ):
        assert hit == pytest.approx(np.mean(matches > threshold), abs=1 / len(matches))
        assert np.mean(others > threshold) <= rate
        assert np.mean(others >= threshold) > rate


def test_similarities_must_compare_across_queries() -> None:
    query = people(4, 20)
    with pytest.raises(TrainingFailed, match="length 1"):
        roc(replace(query, features=query.features * 3), query, rates=(0.01,))


def test_each_pair_of_cameras_is_ranked_alone() -> None:
    query, gallery = people(5, 80), people(6, 200)
    table = camera_pairs(query, gallery)
    assert table.cameras == (0, 1, 2)
    assert np.isnan(table.means["rank1"].diagonal()).all()
    asked, searched = query.rows(query.camera == 2), gallery.rows(gallery.camera == 0)
    alone = rank(asked, searched)
    assert table.means["rank1"][2, 0] == alone.mean("rank1")
    assert table.means["map"][2, 0] == alone.mean("map")
    assert table.queries[2, 0] == alone.used.sum()


def test_cameras_that_share_nobody_stay_empty() -> None:
    features = np.eye(4, dtype=np.float32)
    query = Labelled(features[:2], np.array([1, 2]), np.array([0, 1]))
    gallery = Labelled(features, np.array([1, 3, 4, 5]), np.array([1, 2, 2, 0]))
    table = camera_pairs(query, gallery)
    assert table.queries[0, 1] == 1
    assert np.isnan(table.means["rank1"][1]).all()
