"""What a network says of many pictures, and how any two of them are compared by that.

Features of a plain head are compared by their products. A matching head scores all pairs of queries
and gallery from their places, a few at a time: memory is bounded whatever there is to compare.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from training.evaluation.similarity import Scored, Scores, require_finite
from training.models.matching import MatchingHead

CORRELATIONS = 1 << 22
"""Of places, computed at a time on a CPU: what stays in its caches."""
_ON_A_DEVICE = 1 << 27
_MOST_QUERIES = 8


@dataclass(frozen=True)
class Descriptions:
    """Of N pictures: ``features`` (N, D) float32 of length 1, and of a matching ``head`` ``places``
    (N, R, d) float32 of length 1."""

    features: np.ndarray
    places: np.ndarray | None = None
    head: MatchingHead | None = None

    def rows(self, chosen: Sequence[int] | np.ndarray) -> Descriptions:
        """Of some pictures, by row numbers, in their order."""
        places = None if self.places is None else self.places[chosen]
        return replace(self, features=self.features[chosen], places=places)

    def with_more(self, others: Descriptions) -> Descriptions:
        """Of these pictures and then those."""
        features = np.concatenate([self.features, others.features])
        if self.places is None or others.places is None:
            return replace(self, features=features)
        return replace(self, features=features, places=np.concatenate([self.places, others.places]))

    @property
    def scored(self) -> Scored | None:
        """How pictures are compared, unless it is by the products of their features."""
        return None if self.head is None else self._scores

    def _scores(self, query: np.ndarray, gallery: np.ndarray) -> Scores:
        head, places = self.head, self.places
        assert head is not None and places is not None
        return matching_scores(
            head, (self.features[query], places[query]), (self.features[gallery], places[gallery])
        )


def matching_scores(
    head: MatchingHead,
    query: tuple[np.ndarray, np.ndarray],
    gallery: tuple[np.ndarray, np.ndarray],
    at_once: int | None = None,
) -> Scores:
    """Scores of pairs by features (N, D) and places (N, R, d) of both sides.

    ``at_once``: how many correlations of places are in memory (at least those of one pair). They
    compare across queries. Raises ``TrainingFailed`` for features or places that are not finite.
    """
    for side in (*query, *gallery):
        require_finite(side.reshape(len(side), -1))
    device = head.weight.device
    limit = at_once or (CORRELATIONS if device.type == "cpu" else _ON_A_DEVICE)
    pairs = max(1, limit // query[1].shape[1] ** 2)
    rows = max(1, min(_MOST_QUERIES, pairs))
    columns = max(1, pairs // rows)

    def part(side: tuple[np.ndarray, np.ndarray], start: int, end: int) -> tuple[Tensor, Tensor]:
        first, second = (torch.from_numpy(each[start:end]).to(device) for each in side)
        return first, second

    def fill(start: int, out: np.ndarray) -> None:
        end = start + len(out)
        with torch.inference_mode():
            for right in range(0, len(gallery[0]), columns):
                searched = part(gallery, right, right + columns)
                for top in range(start, end, rows):
                    asked = part(query, top, min(top + rows, end))
                    found = head(asked, searched).cpu().numpy()
                    place = slice(top - start, top - start + len(found))
                    out[place, right : right + found.shape[1]] = found

    return Scores(len(query[0]), len(gallery[0]), fill)
