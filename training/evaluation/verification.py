"""Are two crops the same person? ROC of all query-gallery pairs, exact and bounded.

True positive rates are exact for the given false positive rates: only the most similar pairs
of different people have to be kept, the rest is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed
from training.evaluation.protocol import Answer, Labelled
from training.evaluation.similarity import Scores

FALSE_POSITIVE_RATES = (1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class Roc:
    """``true_positive_rate[i]``: share of same-person pairs above the threshold at which at most
    ``false_positive_rate[i]`` of the other pairs are; ``threshold[i]`` is that similarity."""

    false_positive_rate: tuple[float, ...]
    true_positive_rate: tuple[float, ...]
    threshold: tuple[float, ...]
    same: int
    different: int


class RocCounter:
    """Counts all pairs but junk; one is accepted when its similarity is strictly above the
    threshold."""

    def __init__(
        self,
        query: Labelled,
        gallery: Labelled,
        scores: Scores,
        rates: Sequence[float] = FALSE_POSITIVE_RATES,
    ) -> None:
        """``TrainingFailed`` for ``scores`` that do not compare across queries, and if nobody
        differs."""
        if scores.incomparable:
            raise TrainingFailed(scores.incomparable)
        self._rates = tuple(rates)
        self._different = len(query.person) * len(gallery.person) - _same_people(query, gallery)
        if self._different == 0:
            raise TrainingFailed("verification needs pairs of different people")
        self._most = min(self._different, int(max(rates) * self._different) + 1)
        self._matches: list[np.ndarray] = []
        self._nearest: list[np.ndarray] = []
        self._kept = 0
        self._floor = np.float32(-np.inf)

    def add(self, answer: Answer) -> None:
        """Take one more answer into account."""
        self._matches.append(answer.similarity[answer.matches])
        others = answer.similarity > self._floor
        others[answer.matches] = False
        others[answer.junk] = False
        self._nearest.append(answer.similarity[others])
        self._kept += len(self._nearest[-1])
        if self._kept > 2 * self._most:
            self._forget_the_rest()

    def result(self) -> Roc:
        """``TrainingFailed`` without pairs of the same person."""
        matches = np.concatenate(self._matches)
        if len(matches) == 0:
            raise TrainingFailed("verification needs pairs of the same person")
        self._forget_the_rest()
        ordered = np.sort(self._nearest[0])[::-1]
        places = [min(int(rate * self._different), self._most - 1) for rate in self._rates]
        thresholds = tuple(float(ordered[place]) for place in places)
        return Roc(
            self._rates,
            tuple(float(np.mean(matches > threshold)) for threshold in thresholds),
            thresholds,
            len(matches),
            self._different,
        )

    def _forget_the_rest(self) -> None:
        nearest = np.concatenate(self._nearest)
        if len(nearest) > self._most:
            nearest = np.partition(nearest, len(nearest) - self._most)[-self._most :]
            self._floor = nearest.min()
        self._nearest, self._kept = [nearest], len(nearest)


def _same_people(query: Labelled, gallery: Labelled) -> int:
    """Pairs of one person, junk included."""
    asked, queries = np.unique(query.person, return_counts=True)
    present, images = np.unique(gallery.person, return_counts=True)
    _, one, other = np.intersect1d(asked, present, return_indices=True)
    return int(queries[one] @ images[other])
