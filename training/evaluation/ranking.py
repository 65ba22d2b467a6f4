"""Exact retrieval metrics with bounded memory: CMC and the rows of ``training.evaluation.metrics``.

Queries without any match are skipped and counted. Ties are broken by gallery order: of equally
similar images the one that comes first in the gallery ranks first. Nothing is sorted: the rank of
each match is the number of images ahead of it. numpy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed
from training.evaluation.metrics import METRICS
from training.evaluation.protocol import Answer, Labelled, Protocol, answers
from training.evaluation.similarity import Scores, euclidean_scores

MAX_RANK = 50


@dataclass(frozen=True)
class Ranking:
    """Metrics of Q queries against a gallery.

    ``first_rank`` (Q,) int64: 1-based rank of the first match, 0 for skipped queries;
    ``per_query``: metric -> (Q,) float64, NaN for skipped ones; ``cmc`` (R,): share of used
    queries whose first match is among the first r images.
    """

    first_rank: np.ndarray
    per_query: Mapping[str, np.ndarray]
    cmc: np.ndarray

    @property
    def used(self) -> np.ndarray:
        """(Q,) bool: queries that have a match."""
        return self.first_rank > 0

    @property
    def skipped(self) -> int:
        """Queries without a match; they count nowhere."""
        return int((~self.used).sum())

    def mean(self, metric: str) -> float:
        """A metric, by its key, over the used queries."""
        return float(self.per_query[metric][self.used].mean())


class RankCounter:
    """Counts the ranks of every query's matches."""

    def __init__(self, queries: int) -> None:
        self._first_rank = np.zeros(queries, np.int64)
        self._per_query = {key: np.full(queries, np.nan) for key in METRICS}

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        ranks = ranks_of(answer.similarity, answer.matches, answer.junk)
        if not len(ranks):
            return
        self._first_rank[answer.query] = ranks[0]
        for key, values in self._per_query.items():
            values[answer.query] = METRICS[key].of(ranks)

    def result(self) -> Ranking:
        """``TrainingFailed`` if no query has a match."""
        first = self._first_rank
        if not first.any():
            raise TrainingFailed(
                "no query has a match: nobody who is asked for is in the gallery in another camera"
            )
        found = np.bincount(np.minimum(first[first > 0], MAX_RANK + 1), minlength=MAX_RANK + 2)
        cmc = np.cumsum(found[1 : MAX_RANK + 1]) / np.count_nonzero(first)
        return Ranking(first, self._per_query, cmc)


def rank(
    query: Labelled,
    gallery: Labelled,
    protocol: Protocol = Protocol.standard,
    scores: Scores | None = None,
    memory_mb: float | None = None,
) -> Ranking:
    """Metrics alone of nearest-neighbour retrieval, by Euclidean similarity or other ``scores``.

    Raises ``TrainingFailed`` if no query has a match or features are not finite.
    """
    scores = scores or euclidean_scores(query.features, gallery.features)
    counter = RankCounter(len(query.person))
    for answer in answers(query, gallery, scores, protocol, memory_mb):
        counter.add(answer)
    return counter.result()


def ranks_of(similarity: np.ndarray, matches: np.ndarray, junk: np.ndarray) -> np.ndarray:
    """Ascending 1-based ranks of the images ``matches`` among all images but ``junk``."""
    ranks = np.empty(len(matches), np.int64)
    junk_similarity = similarity[junk]
    for i, match in enumerate(matches):
        own = similarity[match]
        ahead = np.count_nonzero(similarity[:match] >= own)
        ahead += np.count_nonzero(similarity[match + 1 :] > own)
        ahead -= np.count_nonzero(
            (junk_similarity > own) | ((junk_similarity == own) & (junk < match))
        )
        ranks[i] = ahead + 1
    ranks.sort()
    return ranks
