"""Similarities of queries to a gallery, a few queries at a time, in a reused buffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed
from training.memory import enough_memory

DEFAULT_MEMORY_MB = 192.0
_MOST_ROWS = 512
_EQUAL_LENGTHS = 1e-6
_UNIT = 1e-3


@dataclass(frozen=True)
class Scores:
    """Similarities that are computed on demand; larger is nearer.

    ``fill(start, out)`` writes those of queries ``start``, ``start + 1``, ... to ``out``
    (n, gallery) float32. Similarities of one query always compare with each other;
    ``incomparable`` says why those of different queries do not, so that no threshold holds for
    all of them, and is None if they do.
    """

    queries: int
    gallery: int
    fill: Callable[[int, np.ndarray], None]
    incomparable: str | None = None


Scored = Callable[[np.ndarray, np.ndarray], Scores]
"""Makes scores of rows of queries and rows of a gallery, both of the same pictures."""


def blocks(scores: Scores, memory_mb: float | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """(first query, similarities (n, gallery)) in order; the buffer is overwritten each time."""
    size = int((memory_mb or DEFAULT_MEMORY_MB) * (1 << 20))
    # More rows would not make the product faster.
    rows = max(1, min(scores.queries, _MOST_ROWS, size // max(1, 4 * scores.gallery)))
    with enough_memory(f"{rows} x {scores.gallery} similarities", "give a smaller --memory-mb"):
        buffer = np.empty((rows, scores.gallery), np.float32)
    for start in range(0, scores.queries, rows):
        block = buffer[: min(rows, scores.queries - start)]
        scores.fill(start, block)
        yield start, block


def euclidean_scores(query: np.ndarray, gallery: np.ndarray) -> Scores:
    """Minus half the squared Euclidean distance of (Q, D) to (G, D) float32, up to a constant
    per query.

    Equally long gallery features are ordered by their products with the query alone. Compares
    across queries for features of length 1, whose constant is the same. Raises
    ``TrainingFailed`` for features that are not finite.
    """
    require_finite(query)
    require_finite(gallery)
    lengths = np.einsum("nd,nd->n", gallery, gallery)
    equal = np.ptp(lengths) <= _EQUAL_LENGTHS * lengths.max(initial=0.0)
    offset = None if equal else lengths / 2

    def fill(start: int, out: np.ndarray) -> None:
        np.matmul(query[start : start + len(out)], gallery.T, out=out)
        if offset is not None:
            out -= offset

    return Scores(len(query), len(gallery), fill, incomparable_products(query, gallery))


def incomparable_products(query: np.ndarray, gallery: np.ndarray) -> str | None:
    """Why products of features (Q, D) and (G, D) do not compare across queries; None if they do."""
    lengths = (np.einsum("nd,nd->n", features, features) for features in (query, gallery))
    if all(np.allclose(squared, 1, atol=_UNIT) for squared in lengths):
        return None
    return "similarities compare across queries only for features of length 1"


def require_finite(features: np.ndarray) -> None:
    """Refuse features with a NaN or infinity."""
    if not np.isfinite(np.sum(features, dtype=np.float64)):
        bad = int((~np.isfinite(features).all(axis=1)).sum())
        raise TrainingFailed(f"{bad} of {len(features)} features are not finite")
