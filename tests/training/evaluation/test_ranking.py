"""Rankings equal a literal reading of the protocol, ties and junk included."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import TrainingFailed
from tests.training.evaluation.counting import ranked_lists
from training.evaluation.protocol import Labelled
from training.evaluation.ranked_lists import telling_queries
from training.evaluation.ranking import rank


def people_in_cameras(
    seed: int, count: int, people: int, cameras: int, levels: int | None = None
) -> Labelled:
    """Random features; with ``levels`` they are small integers, so that many are equal."""
    rng = np.random.default_rng([seed, 77])
    features = rng.normal(size=(count, 3))
    if levels is not None:
        features = rng.integers(0, levels, size=(count, 3))
    return Labelled(
        features.astype(np.float32), rng.integers(0, people, count), rng.integers(0, cameras, count)
    )


def literally(query: Labelled, gallery: Labelled) -> list[tuple[int, float, float]]:
    """Sort the whole gallery of every query, drop junk, count; (0, nan, nan) without a match."""
    results = []
    for feature, person, camera in zip(query.features, query.person, query.camera, strict=True):
        distance = ((gallery.features.astype(np.float64) - feature) ** 2).sum(axis=1)
        order = sorted(range(len(distance)), key=lambda i: (distance[i], i))
        kept = [
            i for i in order if not (gallery.person[i] == person and gallery.camera[i] == camera)
        ]
        ranks = [place for place, i in enumerate(kept, 1) if gallery.person[i] == person]
        if not ranks:
            results.append((0, np.nan, np.nan))
            continue
        precision = sum(found / place for found, place in enumerate(ranks, 1)) / len(ranks)
        results.append((ranks[0], precision, len(ranks) / ranks[-1]))
    return results


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("chunk_bytes", [1, 1500, 1 << 20])
@pytest.mark.parametrize("seed", range(3))
def test_equals_the_literal_protocol(levels: int | None, chunk_bytes: int, seed: int) -> None:
    query = people_in_cameras(seed, 40, people=9, cameras=3, levels=levels)
    gallery = people_in_cameras(seed + 100, 160, people=11, cameras=3, levels=levels)
    ranking = rank(query, gallery, memory_mb=chunk_bytes / (1 << 20))
    expected = np.array(literally(query, gallery))
    np.testing.assert_array_equal(ranking.first_rank, expected[:, 0])
    np.testing.assert_allclose(ranking.per_query["map"], expected[:, 1], atol=1e-12)
    np.testing.assert_allclose(ranking.per_query["minp"], expected[:, 2], atol=1e-12)
    used = expected[:, 0] > 0
    for r in (1, 5, 20):
        assert ranking.cmc[r - 1] == pytest.approx((expected[used, 0] <= r).mean(), abs=1e-12)


def test_ties_go_to_the_first_in_the_gallery() -> None:
    same = np.ones((4, 2), np.float32)
    query = Labelled(same[:1], np.array([7]), np.array([0]))
    gallery = Labelled(same, np.array([5, 7, 6, 7]), np.array([1, 1, 1, 2]))
    ranking = rank(query, gallery)
    assert ranking.first_rank.tolist() == [2]
    assert ranking.per_query["map"][0] == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert ranked_lists(query, gallery)[0].gallery.tolist() == [0, 1, 2, 3]


def test_the_same_person_in_the_same_camera_does_not_count() -> None:
    features = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], np.float32)
    query = Labelled(features[:1], np.array([1]), np.array([0]))
    gallery = Labelled(features, np.array([1, 2, 1]), np.array([0, 0, 1]))
    ranking = rank(query, gallery)
    assert ranking.first_rank.tolist() == [2]
    (shown,) = ranked_lists(query, gallery)
    assert shown.gallery.tolist() == [1, 2]
    assert shown.right.tolist() == [False, True]


def test_queries_without_a_match_are_skipped_and_counted() -> None:
    features = np.eye(3, dtype=np.float32)
    query = Labelled(features[:2], np.array([1, 9]), np.array([0, 0]))
    gallery = Labelled(features, np.array([1, 2, 3]), np.array([1, 1, 1]))
    ranking = rank(query, gallery)
    assert ranking.skipped == 1
    assert ranking.mean("rank1") == 1.0
    assert np.isnan(ranking.per_query["map"][1])
    with pytest.raises(TrainingFailed, match="no query has a match"):
        rank(Labelled(features[:1], np.array([9]), np.array([0])), gallery)


def test_features_that_are_not_numbers_are_refused() -> None:
    good = Labelled(np.eye(2, dtype=np.float32), np.array([1, 2]), np.array([0, 0]))
    bad = Labelled(np.array([[np.nan, 0], [0, 1]], np.float32), good.person, good.camera)
    with pytest.raises(TrainingFailed, match="1 of 2 features"):
        rank(good, bad)


def test_the_queries_worth_showing_hold_failures_and_successes() -> None:
    first = np.array([1, 3, 0, 1, 9, 1])
    precision = np.array([1.0, 0.4, np.nan, 0.9, 0.1, 0.8])
    assert telling_queries(first, precision, 4) == [4, 1, 5, 0]
