"""Where features of a few people lie: a sample of them, and its picture in a plane (t-SNE)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.data.crops import CropSet

MOST_PEOPLE = 24
MOST_CROPS = 400
_FEWEST = 8
_NEIGHBOURS = 30
_ITERATIONS = 500
_SHOWN = ("query", "gallery")


@dataclass(frozen=True)
class FeatureSample:
    """Features (N, D) of the queries and gallery crops of some people, whole, with the names of
    person and camera, N each."""

    features: np.ndarray
    person: tuple[str, ...]
    camera: tuple[str, ...]


def sample_features(crops: CropSet, features: np.ndarray) -> FeatureSample:
    """The first people who are asked for, at most ``MOST_PEOPLE`` with ``MOST_CROPS`` crops."""
    shown = np.isin(crops.role, _SHOWN)
    asked = np.unique(crops.person[crops.role == "query"])[:MOST_PEOPLE]
    rows = np.flatnonzero(shown & np.isin(crops.person, asked))
    order = rows[np.argsort(crops.person[rows], kind="stable")][:MOST_CROPS]
    return FeatureSample(
        features[order],
        tuple(crops.person_ids[code] for code in crops.person[order]),
        tuple(crops.camera_names[code] for code in crops.camera[order]),
    )


def laid_out(features: np.ndarray) -> np.ndarray | None:
    """Places (N, 2) from 0 to 1 such that near features are near; ``None`` for too few to say
    anything. The same features have the same places on one machine."""
    if len(features) < _FEWEST:
        return None
    from sklearn.manifold import TSNE

    near = min(_NEIGHBOURS, (len(features) - 1) / 3)
    # The plane of the largest spread to begin with, so that nothing but features decides.
    laying = TSNE(perplexity=near, init="pca", random_state=0, max_iter=_ITERATIONS, n_jobs=1)
    places = np.asarray(laying.fit_transform(features), np.float64)
    low, spread = places.min(0), np.ptp(places, axis=0)
    return (places - low) / np.where(spread > 0, spread, 1)
