"""The first gallery images of chosen queries, with right, wrong and left-out marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluation.ranking import Labelled


@dataclass(frozen=True)
class RankedList:
    """The nearest gallery images of one query: row numbers, similarity and whether each matches.

    Junk (same person, same camera) is left out, as in the metrics.
    """

    query: int
    gallery: tuple[int, ...]
    similarity: tuple[float, ...]
    right: tuple[bool, ...]


def ranked_list(query: Labelled, gallery: Labelled, row: int, length: int = 10) -> RankedList:
    """The nearest ``length`` gallery images of query ``row``; ties by gallery order."""
    features = gallery.features
    score = features @ query.features[row] - np.einsum("nd,nd->n", features, features) / 2
    same_person = gallery.person == query.person[row]
    junk = same_person & (gallery.camera == query.camera[row])
    order = np.argsort(-score, kind="stable")
    order = order[~junk[order]][:length]
    similarity = features[order] @ query.features[row]
    return RankedList(
        query=row,
        gallery=tuple(order.tolist()),
        similarity=tuple(similarity.tolist()),
        right=tuple(same_person[order].tolist()),
    )


def telling_queries(first_rank: np.ndarray, average_precision: np.ndarray, count: int) -> list[int]:
    """Queries worth looking at: half the worst failures, then an even spread of the rest."""
    used = np.flatnonzero(first_rank > 0)
    by_quality = used[np.argsort(average_precision[used], kind="stable")]
    failures = [int(q) for q in by_quality if first_rank[q] > 1][: count // 2]
    rest = [int(q) for q in by_quality if int(q) not in set(failures)]
    places = np.linspace(0, len(rest) - 1, min(count - len(failures), len(rest)))
    return failures + [rest[int(place)] for place in np.unique(places.round())]
