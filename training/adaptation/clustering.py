"""Clusters of images as pseudo-identities: k-reciprocal distances, DBSCAN, bounded memory.

The published code (JVTC, ECCV 2020) mixes the Jaccard distance of k-reciprocal encodings with
the original distance in an array of N × N, takes a threshold from its smallest entries and runs
DBSCAN with ``min_samples`` 1. Encodings of most pairs do not overlap: such pairs are at least
1 - λ apart, so everything nearer is found among the few that do. When the threshold reaches
1 - λ after all, the same is computed in dense blocks of rows, which only takes longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from manifests.errors import TrainingFailed
from training.adaptation.config import ClusterSettings
from training.evaluation.distances import Distances
from training.evaluation.reranking import Encodings, RerankSettings, encode, overlaps

_CHUNK = 256


@dataclass(frozen=True)
class Clusters:
    """``labels`` (N,) int64 from 0 in order of first appearance; ``threshold``: DBSCAN's eps;
    ``dense``: whether the threshold reached beyond pairs whose encodings overlap."""

    labels: np.ndarray
    threshold: float
    dense: bool

    @property
    def count(self) -> int:
        """How many clusters there are."""
        return int(self.labels.max()) + 1


@dataclass(frozen=True)
class _Near:
    """Pairs of images and their mixed distances, (P,) each, nothing smaller left out."""

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray

    def where(self, chosen: np.ndarray) -> _Near:
        return _Near(self.rows[chosen], self.columns[chosen], self.values[chosen])

    def upto(self, limit: float) -> _Near:
        return self.where(self.values <= limit)


def cluster(distances: Distances, settings: ClusterSettings | None = None) -> Clusters:
    """Cluster images whose mixed distance is below the published quantile rule's threshold.

    Raises ``TrainingFailed`` if there are too few images for ``k1`` neighbours.
    """
    settings = settings or ClusterSettings()
    if distances.count <= settings.k1 + 1:
        raise TrainingFailed(
            f"clustering with k1 = {settings.k1} needs more than {settings.k1 + 1} images, "
            f"got {distances.count}; lower clustering.k1 or use more target images"
        )
    encodings = encode(distances, RerankSettings(settings.k1, settings.k2, settings.original))
    mixed = _MixedDistances(distances, encodings, settings.original)
    near = mixed.overlapping()
    wanted = _wanted(near, distances.count, settings.nearest_share)
    smallest = _smallest(near, wanted)
    dense = len(smallest) < wanted or bool(settings.scale * smallest.mean() >= mixed.floor)
    if dense:
        near = mixed.nearest(wanted)
        smallest = _smallest(near, wanted)
    threshold = settings.scale * float(smallest.mean())
    if dense and settings.scale > 1:
        near = mixed.upto(threshold)
    return Clusters(_reached(near.upto(threshold), distances.count), threshold, dense)


def cluster_by_distance(distances: Distances, nearest_share: float) -> Clusters:
    """Cluster images by their plain distance, with the same rule for the threshold."""
    count = distances.count
    plain = _PlainDistances(distances)
    near = plain.nearest(max(1, int(np.round(nearest_share * (count * (count - 1) // 2)))))
    smallest = _smallest(near, _wanted(near, count, nearest_share))
    if len(smallest) == 0:
        raise TrainingFailed("clustering: all images have the same features")
    threshold = float(smallest.mean())
    return Clusters(_reached(near.upto(threshold), count), threshold, dense=True)


class _PlainDistances:
    """Distances as they are, row block by row block."""

    def __init__(self, distances: Distances) -> None:
        self._distances = distances

    def nearest(self, wanted: int) -> _Near:
        """At least the ``wanted`` nearest pairs of the upper triangle, and what is as near."""
        found, bound = _joined([]), np.inf
        for start, block in self._blocks():
            found = _joined([found, _near_rows(start, block, bound)])
            smallest = _smallest(found, wanted)
            if len(smallest) == wanted:
                bound = float(smallest.max())
                found = found.upto(bound)
        return found

    def upto(self, limit: float) -> _Near:
        """Every pair that is at most ``limit`` apart."""
        return _joined([_near_rows(start, block, limit) for start, block in self._blocks()])

    def _blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """(first row, (n, N) distances) in order."""
        for start in range(0, self._distances.count, _CHUNK):
            stop = min(start + _CHUNK, self._distances.count)
            yield start, self._distances.rows(start, stop).numpy()


class _MixedDistances(_PlainDistances):
    """λ · scaled distance + (1 - λ) · Jaccard distance, row block by row block."""

    def __init__(self, distances: Distances, encodings: Encodings, original: float) -> None:
        super().__init__(distances)
        self._encodings = encodings
        self._original = original
        self._by_neighbour = encodings.vectors.tocsc()
        self.floor = 1 - original
        """No pair without a common neighbour is nearer than this."""

    def overlapping(self) -> _Near:
        """Every pair nearer than ``floor``; only pairs with a common neighbour can be."""
        found: list[_Near] = []
        for start, scaled in self._scaled():
            for row, values in enumerate(scaled, start):
                common = self._overlaps(row)
                columns = np.flatnonzero(common).astype(np.int32)
                mixed = self._mixed(values[columns], common[columns])
                pairs = _Near(np.full_like(columns, row), columns, mixed)
                found.append(pairs.where(mixed < self.floor))
        return _joined(found)

    def _blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        for start, scaled in self._scaled():
            for row, values in enumerate(scaled, start):
                scaled[row - start] = self._mixed(values, self._overlaps(row))
            yield start, scaled

    def _scaled(self) -> Iterator[tuple[int, np.ndarray]]:
        for start, plain in super()._blocks():
            yield start, self._encodings.scaled(plain, slice(start, start + len(plain)))

    def _overlaps(self, row: int) -> np.ndarray:
        return overlaps(self._encodings.vectors, row, self._by_neighbour, self._distances.count)

    def _mixed(self, scaled: np.ndarray, common: np.ndarray) -> np.ndarray:
        jaccard = np.maximum(1 - common / (2 - common), 0)
        return self._original * scaled + (1 - self._original) * jaccard


def _near_rows(start: int, block: np.ndarray, limit: float) -> _Near:
    """Pairs that are at most ``limit`` apart in rows (n, N) of distances from row ``start`` on."""
    rows, columns = np.nonzero(block <= limit)
    return _Near((start + rows).astype(np.int32), columns.astype(np.int32), block[rows, columns])


def _joined(parts: list[_Near]) -> _Near:
    if not parts:
        empty = np.empty(0, np.int32)
        return _Near(empty, empty, np.empty(0))
    columns = zip(*((part.rows, part.columns, part.values) for part in parts), strict=True)
    return _Near(*map(np.concatenate, columns))


def _wanted(near: _Near, images: int, share: float) -> int:
    """Pairs whose mean is the threshold; at least one. Equal images count nowhere."""
    upper = near.rows < near.columns
    pairs = images * (images - 1) // 2 - int(np.count_nonzero(near.values[upper] == 0))
    return max(1, int(np.round(share * pairs)))


def _smallest(near: _Near, wanted: int) -> np.ndarray:
    """The ``wanted`` smallest distances above 0 of the upper triangle, or all if they are fewer."""
    values = near.values[(near.rows < near.columns) & (near.values != 0)]
    if len(values) <= wanted:
        return values
    return np.partition(values, wanted - 1)[:wanted]


def _reached(near: _Near, images: int) -> np.ndarray:
    """Connected components (N,) of directed edges, in DBSCAN's order.

    Scaling makes distances depend on whose row they stand in. Like DBSCAN, image after image
    that has no label yet passes a new one to all images it reaches; with distances that do not
    depend on the row these are the connected components.
    """
    shape = (images, images)
    ones = np.ones(len(near.rows), np.int8)
    graph = sparse.csr_matrix((ones, (near.rows, near.columns)), shape=shape)
    labels = np.full(images, -1, np.int64)
    current = 0
    for seed in range(images):
        if labels[seed] >= 0:
            continue
        labels[seed] = current
        waiting = [seed]
        while waiting:
            image = waiting.pop()
            reached = graph.indices[graph.indptr[image] : graph.indptr[image + 1]]
            fresh = reached[labels[reached] < 0]
            labels[fresh] = current
            waiting += fresh.tolist()
        current += 1
    return labels
