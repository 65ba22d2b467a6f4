"""Retrieval from each camera to each other camera, to see which views are hard to connect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from training.evaluation.metrics import METRICS, headline_metrics
from training.evaluation.protocol import Answer, Labelled
from training.evaluation.ranking import ranks_of


@dataclass(frozen=True)
class CameraPairs:
    """Tables of K query cameras × K gallery cameras: the queries of one, searched for in the
    images of the other alone.

    ``means``: headline metric -> (K, K) float64, NaN where no query has a match; ``queries``
    (K, K) int64 counts those that have one; ``answered``: pair of positions in ``cameras`` ->
    those queries, by row, with the ascending ranks of their matches.
    """

    cameras: tuple[int, ...]
    means: Mapping[str, np.ndarray]
    queries: np.ndarray
    answered: Mapping[tuple[int, int], Sequence[tuple[int, np.ndarray]]] = field(
        default_factory=dict[tuple[int, int], Sequence[tuple[int, np.ndarray]]]
    )


class CameraPairCounter:
    """Counts the ranks of every query's matches among the images of each camera."""

    def __init__(self, query: Labelled, gallery: Labelled) -> None:
        self._cameras = np.unique(np.concatenate([query.camera, gallery.camera]))
        self._of_query = np.searchsorted(self._cameras, query.camera)
        self._of_gallery = np.searchsorted(self._cameras, gallery.camera)
        self._rows = [np.flatnonzero(self._of_gallery == n) for n in range(len(self._cameras))]
        self._place = np.empty(len(gallery.camera), np.int64)
        for rows in self._rows:
            self._place[rows] = np.arange(len(rows))
        self._ranks: defaultdict[tuple[int, int], list[tuple[int, np.ndarray]]] = defaultdict(list)

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        here = int(self._of_query[answer.query])
        of_match, of_junk = self._of_gallery[answer.matches], self._of_gallery[answer.junk]
        for there in np.unique(of_match).tolist():
            ranks = ranks_of(
                answer.similarity[self._rows[there]],
                self._place[answer.matches[of_match == there]],
                self._place[answer.junk[of_junk == there]],
            )
            self._ranks[here, there].append((answer.query, ranks))

    def result(self) -> CameraPairs:
        """The tables."""
        shape = (len(self._cameras), len(self._cameras))
        means = {metric.key: np.full(shape, np.nan) for metric in headline_metrics()}
        queries = np.zeros(shape, np.int64)
        for pair, found in self._ranks.items():
            queries[pair] = len(found)
            for key, table in means.items():
                table[pair] = np.mean([METRICS[key].of(ranks) for _, ranks in found])
        return CameraPairs(tuple(self._cameras.tolist()), means, queries, self._ranks)
