"""Are two pictures the same person? ROC of all query-gallery pairs, exact and bounded.

True positive rates are exact for the given false positive rates: only the most similar pairs
of different people have to be kept, the rest is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manifests.errors import TrainingFailed
from training.evaluation.ranking import Labelled, PeopleOf, Protocol, is_junk
from training.evaluation.similarity import blocks, euclidean_scores

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


def roc(
    query: Labelled,
    gallery: Labelled,
    rates: Sequence[float] = FALSE_POSITIVE_RATES,
    protocol: Protocol = Protocol.standard,
    memory_mb: float | None = None,
) -> Roc:
    """ROC over all pairs but junk, by similarity (products of features of length 1).

    A pair is accepted when its similarity is strictly above the threshold.
    """
    _require_unit(query.features)
    _require_unit(gallery.features)
    groups = PeopleOf(gallery)
    sizes = np.array([len(groups.rows(person)) for person in query.person])
    different = int(len(query.person) * len(gallery.person) - sizes.sum())
    if different == 0:
        raise TrainingFailed("verification needs pairs of different people")
    kept = min(different, int(max(rates) * different) + 1)
    nearest = np.empty(0, np.float32)
    floor = -np.inf
    positives: list[np.ndarray] = []
    for start, similarity in blocks(euclidean_scores(query.features, gallery.features), memory_mb):
        for q, row in enumerate(similarity, start):
            same = groups.rows(query.person[q])
            junk = is_junk(query, q, gallery, same, protocol)
            positives.append(row[same[~junk]])
            row[same] = -np.inf
        fresh = similarity[similarity > floor]
        nearest = np.concatenate([nearest, fresh])
        if len(nearest) > kept:
            nearest = np.partition(nearest, len(nearest) - kept)[-kept:]
            floor = nearest.min()
    matches = np.concatenate(positives)
    if len(matches) == 0:
        raise TrainingFailed("verification needs pairs of the same person")
    ordered = np.sort(nearest)[::-1]
    thresholds = [float(ordered[min(int(rate * different), kept - 1)]) for rate in rates]
    return Roc(
        tuple(rates),
        tuple(float(np.mean(matches > threshold)) for threshold in thresholds),
        tuple(thresholds),
        len(matches),
        different,
    )


def _require_unit(features: np.ndarray) -> None:
    lengths = np.einsum("nd,nd->n", features, features)
    if not np.allclose(lengths, 1, atol=1e-3):
        raise TrainingFailed("similarities compare across queries only for features of length 1")
