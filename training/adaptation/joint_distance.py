"""Visual similarity and plausibility in time as one distance: JVTC's joint similarity.

D = 1 - σ(5 s) · 1 / (1 + 2 exp(-5 p)) for the product s of two features and the probability p
of their time difference between their cameras (ECCV 2020, section 3.4). Vectorised over rows;
nothing here keeps an array of all pairs.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.adaptation.transitions import Sightings, Transitions
from training.evaluation.distances import Distances
from training.evaluation.similarity import Scores, incomparable_products, require_finite

_GAMMA = 5.0


class TemporalFactor:
    """The factor 1 / (1 + 2 exp(-5 p)) for pairs of sightings, looked up in a table."""

    def __init__(self, transitions: Transitions) -> None:
        """``transitions``: between cameras numbered as in the sightings asked for."""
        bins = transitions.bins
        self._width = bins.width
        self._last = bins.count
        self._cameras = transitions.cameras
        # One more bin for everything that is too far apart, which is as unlikely as can be.
        probability = np.pad(transitions.table, ((0, 0), (0, 0), (0, 1)))
        table = 1 / (1 + 2 * np.exp(-_GAMMA * probability))
        self._table = table.astype(np.float32).reshape(-1)

    def rows(self, ask: Sightings, answer: Sightings) -> np.ndarray:
        """(len(ask), len(answer)) float32 factors."""
        return self.pairs(ask.rows(np.s_[:, None]), answer.rows(np.s_[None, :]))

    def pairs(self, ask: Sightings, answer: Sightings) -> np.ndarray:
        """(P,) float32 factors of sighting p of both."""
        difference = ask.time - answer.time
        stride = self._last + 1
        here, there = ask.camera * stride, answer.camera * stride
        place = np.where(difference > 0, here * self._cameras + there, there * self._cameras + here)
        np.abs(difference, out=difference)
        difference /= self._width
        np.minimum(difference, self._last, out=difference)
        apart = ask.session != answer.session
        if apart.any():
            difference[np.broadcast_to(apart, difference.shape)] = self._last
        place += difference.astype(place.dtype)
        return self._table.take(place)


class JointDistances(Distances):
    """Joint distances of N images to each other."""

    pairs_at_once = 65_536

    def __init__(
        self, features: np.ndarray, sightings: Sightings, transitions: Transitions
    ) -> None:
        """``features`` (N, D) float32 or float64."""
        super().__init__(features)
        self._sightings = sightings
        self._factor = TemporalFactor(transitions)

    def rows(self, start: int, stop: int) -> Tensor:
        part = np.arange(start, stop)
        factor = torch.from_numpy(self._factor.rows(self._sightings.rows(part), self._sightings))
        product = self._tensor[start:stop] @ self._tensor.T
        return _joined(product, factor)

    def _of_pairs(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        product = np.einsum("nd,nd->n", self._features[rows], self._features[columns])
        factor = self._factor.pairs(self._sightings.rows(rows), self._sightings.rows(columns))
        return _joined(torch.from_numpy(product), torch.from_numpy(factor)).numpy()


def joint_scores(
    query: np.ndarray,
    gallery: np.ndarray,
    query_sightings: Sightings,
    gallery_sightings: Sightings,
    transitions: Transitions,
) -> Scores:
    """Minus the joint distance of queries to a gallery.

    ``query`` (Q, D) and ``gallery`` (G, D) float32 features. Compares across queries for features
    of length 1: then it is a function of angle and time alone. Raises ``TrainingFailed`` for
    features that are not finite.
    """
    require_finite(query)
    require_finite(gallery)
    factor = TemporalFactor(transitions)

    def fill(start: int, out: np.ndarray) -> None:
        part = np.arange(start, start + len(out))
        np.matmul(query[part], gallery.T, out=out)
        plausible = torch.from_numpy(factor.rows(query_sightings.rows(part), gallery_sightings))
        scores = torch.from_numpy(out)
        scores.mul_(_GAMMA).sigmoid_().mul_(plausible).sub_(1)

    return Scores(len(query), len(gallery), fill, incomparable_products(query, gallery))


def _joined(product: Tensor, factor: Tensor) -> Tensor:
    return product.mul_(_GAMMA).sigmoid_().mul_(factor).neg_().add_(1)
