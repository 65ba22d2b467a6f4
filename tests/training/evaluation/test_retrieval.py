"""All that is measured of a retrieval is of the same similarities, each computed once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from manifests.errors import TrainingFailed
from tests.training.evaluation.test_protocols import people
from training.evaluation.protocol import Labelled, Protocol
from training.evaluation.ranking import rank
from training.evaluation.reranking import reranked_scores
from training.evaluation.retrieval import Retrieval, measure_retrieval
from training.evaluation.similarity import Scores, euclidean_scores

QUERY, GALLERY = people(7, 50), people(8, 140)


def reranked() -> Scores:
    return reranked_scores(QUERY.features, GALLERY.features)


def all_of(scores: Scores) -> np.ndarray:
    """(queries, gallery) similarities."""
    everything = np.empty((scores.queries, scores.gallery), np.float32)
    scores.fill(0, everything)
    return everything


def fixed(similarity: np.ndarray) -> Scores:
    """Scores that are known already."""

    def fill(start: int, out: np.ndarray) -> None:
        out[:] = similarity[start : start + len(out)]

    return Scores(len(similarity), similarity.shape[1], fill)


@pytest.mark.parametrize("memory_mb", [0.001, None])
def test_similarities_of_a_query_are_computed_once(memory_mb: float | None) -> None:
    scores, computed = reranked(), Counter[int]()

    def fill(start: int, out: np.ndarray) -> None:
        computed.update(range(start, start + len(out)))
        scores.fill(start, out)

    measure_retrieval(
        QUERY, GALLERY, replace(scores, fill=fill), memory_mb=memory_mb, ranked_lists=5
    )
    assert computed == Counter(range(50))


@pytest.mark.parametrize("scores", [euclidean_scores(QUERY.features, GALLERY.features), reranked()])
def test_roc_is_of_what_was_ranked_by(scores: Scores) -> None:
    found = measure_retrieval(QUERY, GALLERY, scores).roc
    similarity = all_of(scores)
    same = QUERY.person[:, None] == GALLERY.person
    counts = same & (QUERY.camera[:, None] != GALLERY.camera)
    for rate, hit, threshold in zip(
        found.false_positive_rate, found.true_positive_rate, found.threshold, strict=True
    ):
        assert hit == np.mean(similarity[counts] > threshold)
        assert np.mean(similarity[~same] > threshold) <= rate
        assert np.mean(similarity[~same] >= threshold) > rate


@pytest.mark.parametrize("protocol", Protocol)
@pytest.mark.parametrize("levels", [None, 4])
def test_pairs_of_cameras_are_of_what_was_ranked_by(protocol: Protocol, levels: int | None) -> None:
    """With few ``levels`` many similarities are equal, and the first in the gallery goes first."""
    similarity = all_of(reranked())
    if levels is not None:
        similarity = np.floor(levels * similarity)
    table = measure_retrieval(QUERY, GALLERY, fixed(similarity), protocol).camera_pairs
    assert np.isnan(table.means["map"].diagonal()).all()
    for here, there in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]:
        asked, searched = QUERY.camera == here, GALLERY.camera == there
        alone = rank(
            QUERY.rows(asked),
            GALLERY.rows(searched),
            protocol,
            fixed(similarity[np.ix_(asked, searched)]),
        )
        assert table.queries[here, there] == alone.used.sum()
        for key, means in table.means.items():
            assert means[here, there] == alone.mean(key)


def test_ranked_lists_are_of_what_was_ranked_by() -> None:
    similarity = all_of(reranked())
    found = measure_retrieval(QUERY, GALLERY, reranked(), ranked_lists=6)
    assert len(found.ranked_lists) == 6
    for shown in found.ranked_lists:
        assert (found.ranking.first_rank[shown.query] == 1) == shown.right[0]
        np.testing.assert_array_equal(shown.similarity, similarity[shown.query, shown.gallery])
        assert (np.diff(shown.similarity) <= 0).all()


def test_reranked_similarities_compare_whatever_the_features_lengths() -> None:
    def with_features_of_length(length: float) -> Retrieval:
        longer = [Labelled(length * s.features, s.person, s.camera) for s in (QUERY, GALLERY)]
        scores = reranked_scores(longer[0].features, longer[1].features)
        return measure_retrieval(longer[0], longer[1], scores)

    assert with_features_of_length(4).roc.same == with_features_of_length(1).roc.same


def test_similarities_that_do_not_compare_across_queries_are_refused() -> None:
    longer = replace(QUERY, features=QUERY.features * 3)
    scores = euclidean_scores(longer.features, GALLERY.features)
    assert rank(longer, GALLERY, scores=scores).used.any()
    with pytest.raises(TrainingFailed, match="length 1"):
        measure_retrieval(longer, GALLERY, scores)
