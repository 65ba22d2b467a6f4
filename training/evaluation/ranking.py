"""Exact retrieval metrics with bounded memory: CMC, mAP and mINP under the usual protocols.

For every query the gallery is sorted by similarity. Gallery images of the same person that the
protocol calls junk are left out; queries without any remaining match are skipped and counted.
Ties are broken by gallery order: of equally similar images the one that comes first in the
gallery ranks first. Nothing is sorted and no query-by-gallery array is kept: similarities of a
few queries at a time go to a reused buffer, and the rank of each match is the number of images
ahead of it. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from manifests.errors import TrainingFailed
from training.evaluation.similarity import Scores, blocks, euclidean_scores

MAX_RANK = 50


class Protocol(StrEnum):
    """Which gallery images of the query's own person are left out.

    ``standard``: those of the query's camera. ``cloth_changing``: also those in the query's
    clothes, so that only a person in other clothes is a match.
    """

    standard = "standard"
    cloth_changing = "cloth_changing"


@dataclass(frozen=True)
class Labelled:
    """Features (N, D) float32 with person and camera codes (N,) and, if known, outfits (N,)."""

    features: np.ndarray
    person: np.ndarray
    camera: np.ndarray
    outfit: np.ndarray | None = None

    def __post_init__(self) -> None:
        lengths = {len(self.features), len(self.person), len(self.camera)}
        if len(lengths) != 1 or self.features.ndim != 2:
            raise ValueError(
                f"features {self.features.shape}, person {self.person.shape} and camera "
                f"{self.camera.shape} must describe the same images"
            )

    def rows(self, chosen: np.ndarray) -> Labelled:
        """A part of the images, by mask or row numbers."""
        outfit = None if self.outfit is None else self.outfit[chosen]
        return Labelled(self.features[chosen], self.person[chosen], self.camera[chosen], outfit)


@dataclass(frozen=True)
class Ranking:
    """Metrics of a query set against a gallery.

    ``first_rank`` (Q,) int64: 1-based rank of the first match, 0 for skipped queries;
    ``average_precision`` and ``inverse_penalty`` (Q,) float64: NaN for skipped ones;
    ``cmc`` (R,): share of used queries whose first match is among the first r images.
    """

    first_rank: np.ndarray
    average_precision: np.ndarray
    inverse_penalty: np.ndarray
    cmc: np.ndarray

    @property
    def used(self) -> np.ndarray:
        """(Q,) bool: queries that have a match."""
        return self.first_rank > 0

    @property
    def skipped(self) -> int:
        """Queries without a match in another camera; they count nowhere."""
        return int((~self.used).sum())

    @property
    def rank1(self) -> float:
        """Share of queries whose nearest image is a match."""
        return float(self.cmc[0])

    @property
    def mean_average_precision(self) -> float:
        """mAP over the used queries."""
        return float(self.average_precision[self.used].mean())

    @property
    def mean_inverse_penalty(self) -> float:
        """mINP (Ye et al., 2021): matches / rank of the last match, averaged."""
        return float(self.inverse_penalty[self.used].mean())


def rank(
    query: Labelled,
    gallery: Labelled,
    protocol: Protocol = Protocol.standard,
    scores: Scores | None = None,
    max_rank: int = MAX_RANK,
    memory_mb: float | None = None,
) -> Ranking:
    """Metrics of nearest-neighbour retrieval; exact, ties by gallery order.

    ``scores`` replaces Euclidean similarity, e.g. by re-ranking; ``memory_mb`` bounds the
    buffer of similarities (at least one query's worth). Raises ``TrainingFailed`` if no query
    has a match or features are not finite.
    """
    groups = PeopleOf(gallery)
    scores = scores or euclidean_scores(query.features, gallery.features)
    queries = len(query.features)
    first = np.zeros(queries, np.int64)
    precision = np.full(queries, np.nan)
    penalty = np.full(queries, np.nan)
    for start, similarity in blocks(scores, memory_mb):
        for q, row in enumerate(similarity, start):
            same = groups.rows(query.person[q])
            junk = is_junk(query, q, gallery, same, protocol)
            ranks = _ranks(row, same[~junk], same[junk])
            if len(ranks):
                first[q] = ranks[0]
                precision[q] = np.mean(np.arange(1, len(ranks) + 1) / ranks)
                penalty[q] = len(ranks) / ranks[-1]
    if not first.any():
        raise TrainingFailed(
            "no query has a match: nobody who is asked for is in the gallery in another camera"
        )
    cmc = np.bincount(np.minimum(first[first > 0], max_rank + 1), minlength=max_rank + 2)
    cmc = np.cumsum(cmc[1 : max_rank + 1]) / np.count_nonzero(first)
    return Ranking(first, precision, penalty, cmc)


def is_junk(
    query: Labelled, row: int, gallery: Labelled, same: np.ndarray, protocol: Protocol
) -> np.ndarray:
    """Which of the gallery rows ``same``, all of the query's person, are left out."""
    junk = gallery.camera[same] == query.camera[row]
    if protocol is Protocol.cloth_changing:
        if query.outfit is None or gallery.outfit is None:
            raise TrainingFailed("the cloth-changing protocol needs to know everybody's outfit")
        junk |= gallery.outfit[same] == query.outfit[row]
    return junk


def _ranks(similarity: np.ndarray, matches: np.ndarray, junk: np.ndarray) -> np.ndarray:
    """Ascending 1-based ranks of ``matches`` among all images but ``junk``."""
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


class PeopleOf:
    """Ascending gallery rows of each person."""

    def __init__(self, gallery: Labelled) -> None:
        self._order = np.argsort(gallery.person, kind="stable")
        self._people, starts = np.unique(gallery.person[self._order], return_index=True)
        self._bounds = np.r_[starts, len(self._order)]

    def rows(self, person: int) -> np.ndarray:
        """Rows of one person; none if the gallery does not have them."""
        place = int(np.searchsorted(self._people, person))
        if place == len(self._people) or self._people[place] != person:
            return self._order[:0]
        return self._order[self._bounds[place] : self._bounds[place + 1]]
