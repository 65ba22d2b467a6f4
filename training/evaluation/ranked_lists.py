"""The first gallery images of every query, with right and wrong marked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evaluation.protocol import Answer

LENGTH = 10


@dataclass(frozen=True)
class RankedList:
    """The nearest L gallery images of one query, ties by gallery order, without junk.

    ``gallery`` (L,): their rows; ``similarity`` (L,) float32, as they were ranked by; ``right``
    (L,) bool: whether each is of the query's person.
    """

    query: int
    gallery: np.ndarray
    similarity: np.ndarray
    right: np.ndarray


class ListCounter:
    """Keeps the nearest ``length`` images of every query."""

    def __init__(self, length: int = LENGTH) -> None:
        self._length = length
        self._lists: list[RankedList] = []

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        similarity = answer.similarity
        wanted = min(self._length + len(answer.junk), len(similarity))
        far = len(similarity) - wanted
        near = np.flatnonzero(similarity >= np.partition(similarity, far)[far])
        near = near[np.argsort(-similarity[near], kind="stable")]
        near = near[~np.isin(near, answer.junk)][: self._length]
        right = np.isin(near, answer.matches)
        self._lists.append(RankedList(answer.query, near, similarity[near], right))

    def result(self) -> tuple[RankedList, ...]:
        """The list of every query."""
        return tuple(self._lists)


def telling_queries(first_rank: np.ndarray, average_precision: np.ndarray, count: int) -> list[int]:
    """Queries worth looking at: half the worst failures, then an even spread of the rest."""
    used = np.flatnonzero(first_rank > 0)
    by_quality = used[np.argsort(average_precision[used], kind="stable")]
    failures = [int(q) for q in by_quality if first_rank[q] > 1][: count // 2]
    rest = [int(q) for q in by_quality if int(q) not in set(failures)]
    places = np.linspace(0, len(rest) - 1, min(count - len(failures), len(rest)))
    return failures + [rest[int(place)] for place in np.unique(places.round())]
