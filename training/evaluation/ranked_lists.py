"""The first gallery images of chosen queries, with right, wrong and left-out marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluation.ranking import Labelled, Protocol, is_junk
from training.evaluation.similarity import Scores, euclidean_scores


@dataclass(frozen=True)
class RankedList:
    """The nearest gallery images of one query: row numbers, similarity and whether each matches.

    Junk is left out, as in the metrics.
    """

    query: int
    gallery: tuple[int, ...]
    similarity: tuple[float, ...]
    right: tuple[bool, ...]


def ranked_list(
    query: Labelled,
    gallery: Labelled,
    row: int,
    length: int = 10,
    protocol: Protocol = Protocol.standard,
    scores: Scores | None = None,
) -> RankedList:
    """The nearest ``length`` gallery images of query ``row``; ties by gallery order.

    ``scores`` decides what is near, as in ``ranking.rank``; the similarity that is told is
    always the product of the features.
    """
    scores = scores or euclidean_scores(query.features, gallery.features)
    near = np.empty((1, len(gallery.person)), np.float32)
    scores.fill(row, near)
    same = np.flatnonzero(gallery.person == query.person[row])
    junk = same[is_junk(query, row, gallery, same, protocol)]
    order = np.argsort(-near[0], kind="stable")
    order = order[~np.isin(order, junk)][:length]
    similarity = gallery.features[order] @ query.features[row]
    return RankedList(
        query=row,
        gallery=tuple(order.tolist()),
        similarity=tuple(similarity.tolist()),
        right=tuple(np.isin(order, same).tolist()),
    )


def telling_queries(first_rank: np.ndarray, average_precision: np.ndarray, count: int) -> list[int]:
    """Queries worth looking at: half the worst failures, then an even spread of the rest."""
    used = np.flatnonzero(first_rank > 0)
    by_quality = used[np.argsort(average_precision[used], kind="stable")]
    failures = [int(q) for q in by_quality if first_rank[q] > 1][: count // 2]
    rest = [int(q) for q in by_quality if int(q) not in set(failures)]
    places = np.linspace(0, len(rest) - 1, min(count - len(failures), len(rest)))
    return failures + [rest[int(place)] for place in np.unique(places.round())]
