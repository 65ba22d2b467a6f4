"""Exact retrieval metrics with bounded memory: CMC, mAP and mINP under the usual protocol.

For every query the gallery is sorted by similarity; gallery images of the same person and the
same camera as the query are junk and left out; queries without any remaining match are skipped
and counted. Ties are broken by gallery order: of equally similar images the one that comes
first in the gallery ranks first. Nothing is sorted and no query-by-gallery array is kept:
similarities of a few queries at a time go to a reused buffer, and the rank of each match is
the number of images ahead of it. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed

MAX_RANK = 50
_CHUNK_BYTES = 32 << 20


@dataclass(frozen=True)
class Labelled:
    """Features (N, D) float32 with person and camera codes (N,)."""

    features: np.ndarray
    person: np.ndarray
    camera: np.ndarray

    def __post_init__(self) -> None:
        lengths = {len(self.features), len(self.person), len(self.camera)}
        if len(lengths) != 1 or self.features.ndim != 2:
            raise ValueError(
                f"features {self.features.shape}, person {self.person.shape} and camera "
                f"{self.camera.shape} must describe the same images"
            )


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
    query: Labelled, gallery: Labelled, max_rank: int = MAX_RANK, chunk_bytes: int = _CHUNK_BYTES
) -> Ranking:
    """Metrics of Euclidean nearest-neighbour retrieval; exact, ties by gallery order.

    ``chunk_bytes`` bounds the buffer of similarities (at least one query's worth). Raises
    ``TrainingFailed`` if no query has a match or features are not finite.
    """
    _require_finite(query, gallery)
    groups = _PeopleOf(gallery)
    offset = _half_square_norms(gallery.features)
    queries, count = len(query.features), len(gallery.features)
    rows = max(1, min(queries, chunk_bytes // max(1, 4 * count)))
    buffer = np.empty((rows, count), np.float32)
    first = np.zeros(queries, np.int64)
    precision = np.full(queries, np.nan)
    penalty = np.full(queries, np.nan)
    for start in range(0, queries, rows):
        chunk = query.features[start : start + rows]
        similarity = buffer[: len(chunk)]
        np.matmul(chunk, gallery.features.T, out=similarity)
        if offset is not None:
            similarity -= offset
        for row, q in enumerate(range(start, start + len(chunk))):
            same = groups.rows(query.person[q])
            junk = gallery.camera[same] == query.camera[q]
            ranks = _ranks(similarity[row], same[~junk], same[junk])
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


class _PeopleOf:
    """Ascending gallery rows of each person."""

    def __init__(self, gallery: Labelled) -> None:
        self._order = np.argsort(gallery.person, kind="stable")
        self._people, starts = np.unique(gallery.person[self._order], return_index=True)
        self._bounds = np.r_[starts, len(self._order)]

    def rows(self, person: int) -> np.ndarray:
        place = int(np.searchsorted(self._people, person))
        if place == len(self._people) or self._people[place] != person:
            return self._order[:0]
        return self._order[self._bounds[place] : self._bounds[place + 1]]


def _half_square_norms(features: np.ndarray) -> np.ndarray | None:
    """|g|² / 2 per image, or None where all are equally long and the order is that of q·g."""
    square = np.einsum("nd,nd->n", features, features)
    if np.ptp(square) <= 1e-5 * square.max(initial=0.0):
        return None
    return square / 2


def _require_finite(*sets: Labelled) -> None:
    for labelled in sets:
        if not np.isfinite(np.sum(labelled.features, dtype=np.float64)):
            bad = int((~np.isfinite(labelled.features).all(axis=1)).sum())
            raise TrainingFailed(f"{bad} of {len(labelled.features)} features are not finite")
