"""k-reciprocal re-ranking in sparse form (Zhong et al., CVPR 2017).

The usual implementations hold several N × N arrays for N = queries + gallery. Only the nearest
neighbours of each image matter, so here every step works on them: distances in chunks, neighbour
sets as padded arrays, encodings as a sparse matrix, and the Jaccard distance of a query only
where encodings overlap. The result is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from manifests.errors import TrainingFailed
from training.evaluation.distances import Distances, SquaredEuclidean
from training.evaluation.similarity import Scores, require_finite

_CHUNK = 512
_NOBODY = -1


@dataclass(frozen=True)
class RerankSettings:
    """``k1``: neighbours that are compared; ``k2``: neighbours whose encodings are averaged;
    ``original``: weight of the plain distance beside the Jaccard distance."""

    k1: int = 20
    k2: int = 6
    original: float = 0.3


@dataclass(frozen=True)
class Encodings:
    """Sparse neighbourhood encodings of N images.

    ``vectors`` (N, N) CSR, rows sum to 1; ``nearest`` and ``farthest`` (N,): the smallest and
    the largest distance of each image, between which distances are scaled to 0 to 1.
    """

    vectors: sparse.csr_matrix
    nearest: np.ndarray
    farthest: np.ndarray

    def scaled(self, distances: np.ndarray, rows: np.ndarray | slice) -> np.ndarray:
        """Distances of images ``rows`` (first axis) as shares of their range."""
        shape = (-1,) + (1,) * (distances.ndim - 1)
        nearest, farthest = self.nearest[rows], self.farthest[rows]
        return (distances - nearest.reshape(shape)) / (farthest - nearest).reshape(shape)


def reranked_scores(
    query: np.ndarray, gallery: np.ndarray, settings: RerankSettings | None = None
) -> Scores:
    """Minus the re-ranked distance of (Q, D) to (G, D) float32 or float64 features.

    Compares across queries, whatever the features' lengths: the distance mixes two shares from 0
    to 1, of neighbours that are not common and of the query's own range of distances. A threshold
    holds for this query set and gallery alone, since neighbours are among their images.
    ``TrainingFailed`` if they are too few for ``k1`` neighbours.
    """
    settings = settings or RerankSettings()
    count = len(query) + len(gallery)
    if count <= settings.k1 + 1:
        raise TrainingFailed(
            f"re-ranking compares each crop with its {settings.k1} nearest, so it needs more than "
            f"{settings.k1 + 1} crops of queries and gallery, got {count}; measure without "
            "re-ranking, or on more test crops"
        )
    require_finite(query)
    require_finite(gallery)
    encodings = encode(SquaredEuclidean(np.concatenate([query, gallery])), settings)
    own = encodings.vectors[: len(query)]
    by_neighbour = encodings.vectors[len(query) :].tocsc()
    gallery_lengths = np.einsum("nd,nd->n", gallery, gallery)

    def fill(start: int, out: np.ndarray) -> None:
        chunk = query[start : start + len(out)]
        plain = gallery_lengths - 2 * (chunk @ gallery.T)
        plain += np.einsum("nd,nd->n", chunk, chunk)[:, None]
        np.maximum(plain, 0, out=plain)
        plain = encodings.scaled(plain, slice(start, start + len(out)))
        for row, q in enumerate(range(start, start + len(out))):
            overlap = overlaps(own, q, by_neighbour, len(gallery))
            jaccard = 1 - overlap / (2 - overlap)
            out[row] = -(settings.original * plain[row] + (1 - settings.original) * jaccard)

    return Scores(len(query), len(gallery), fill)


def encode(distances: Distances, settings: RerankSettings) -> Encodings:
    """Encode each of more than ``k1`` + 1 images by its k-reciprocal neighbours, after local query
    expansion.

    Raises ``TrainingFailed`` for images that cannot be told apart from any other.
    """
    count = distances.count
    neighbours, nearest, farthest = _neighbours(distances, settings.k1 + 1)
    if not (farthest > nearest).all():
        raise TrainingFailed(
            "some image is equally far from all others: its features have collapsed; compare "
            "features of a network that has learnt something"
        )
    half = neighbours[:, : int(np.around(settings.k1 / 2)) + 1]
    rows, columns = _expanded(_reciprocal(neighbours), _reciprocal(half))
    encodings = Encodings(sparse.csr_matrix((count, count)), nearest, farthest)
    weights = np.exp(-encodings.scaled(distances.pairs(rows, columns), rows))
    vectors = sparse.csr_matrix((weights, (rows, columns)), shape=(count, count))
    totals = np.asarray(vectors.sum(axis=1)).ravel()
    # An image that is nobody's neighbour, not even its own, has an empty encoding.
    totals[totals == 0] = 1
    vectors = sparse.diags_array(1 / totals, format="csr") @ vectors
    if settings.k2 > 1:
        closest = neighbours[:, : settings.k2]
        owner = np.repeat(np.arange(count), closest.shape[1])
        shares = np.full(closest.size, 1 / closest.shape[1])
        averaging = sparse.csr_matrix((shares, (owner, closest.ravel())), shape=(count, count))
        vectors = averaging @ vectors
    return replace(encodings, vectors=vectors)


def _neighbours(distances: Distances, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices (N, count) of the nearest images, nearest first, and the smallest and the largest
    distance (N,)."""
    images = distances.count
    neighbours = np.empty((images, count), np.int64)
    nearest, farthest = [], []
    for start in range(0, images, _CHUNK):
        rows = distances.rows(start, min(start + _CHUNK, images))
        closest = rows.topk(count, dim=1, largest=False)
        neighbours[start : start + len(rows)] = closest.indices.numpy()
        nearest.append(closest.values[:, 0].numpy())
        farthest.append(rows.amax(dim=1).numpy())
    return neighbours, np.concatenate(nearest), np.concatenate(farthest)


def _reciprocal(neighbours: np.ndarray) -> np.ndarray:
    """Neighbours that have the image among their own; others replaced by ``_NOBODY``."""
    out = np.full_like(neighbours, _NOBODY)
    for start in range(0, len(neighbours), _CHUNK):
        own = neighbours[start : start + _CHUNK]
        image = np.arange(start, start + len(own))[:, None, None]
        mutual = (neighbours[own] == image).any(axis=2)
        out[start : start + _CHUNK][mutual] = own[mutual]
    return out


def _expanded(reciprocal: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sorted (image, neighbour) pairs of the sets, grown by the half-size sets of neighbours
    of which more than two thirds lie in the set already."""
    count = len(reciprocal)
    found: list[np.ndarray] = []
    for start in range(0, count, _CHUNK):
        own = reciprocal[start : start + _CHUNK]
        candidates = half[own]
        candidates[own == _NOBODY] = _NOBODY
        member = np.zeros(candidates.shape, dtype=bool)
        for place in range(own.shape[1]):
            member |= candidates == own[:, place, None, None]
        real = candidates != _NOBODY
        accepted = (member & real).sum(axis=2) > 2 / 3 * real.sum(axis=2)
        grown = np.where(accepted[..., None], candidates, _NOBODY).reshape(len(own), -1)
        both = np.concatenate([own, grown], axis=1)
        image = np.repeat(np.arange(start, start + len(own)), both.shape[1])
        code = image * count + both.ravel()
        found.append(np.unique(code[both.ravel() != _NOBODY]))
    rows, columns = np.divmod(np.concatenate(found), count)
    return rows, columns


def overlaps(
    own: sparse.csr_matrix,
    row: int,
    by_neighbour: sparse.csc_matrix | sparse.csc_array,
    images: int,
) -> np.ndarray:
    """(images,): sum over neighbours of the smaller of image ``row``'s weight and each other's.

    ``by_neighbour`` (images, N) holds the encodings to compare with, by column.
    """
    encoding = own[[row]]
    columns, weights = encoding.indices, encoding.data
    starts = by_neighbour.indptr[columns]
    sizes = by_neighbour.indptr[columns + 1] - starts
    ends = np.cumsum(sizes)
    places = np.arange(sizes.sum())
    places += np.repeat(starts - (ends - sizes), sizes)
    smaller = np.minimum(by_neighbour.data[places], np.repeat(weights, sizes))
    return np.bincount(by_neighbour.indices[places], weights=smaller, minlength=images)
