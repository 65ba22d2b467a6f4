"""Some people's features, and their picture: who is alike lies together."""

from __future__ import annotations

import numpy as np

from tests.training.striped_people import StripedReader
from training.data.crops import load_crops
from training.evaluation.feature_map import MOST_PEOPLE, laid_out, sample_features


def test_people_are_whole_and_not_too_many() -> None:
    crops = load_crops(StripedReader(people=0, test_people=30), "test", 32, 16)
    features = np.arange(len(crops), dtype=np.float32)[:, None]
    found = sample_features(crops, features)
    assert len(set(found.person)) == MOST_PEOPLE and len(found.person) == MOST_PEOPLE * 6
    rows = found.features[:, 0].astype(int)
    assert found.person == tuple(crops.person_ids[code] for code in crops.person[rows])
    assert found.camera == tuple(crops.camera_names[code] for code in crops.camera[rows])


def test_who_is_alike_lies_together() -> None:
    corners = np.repeat(np.eye(6), 10, axis=0)
    features = (corners + np.random.default_rng(0).normal(0, 0.05, corners.shape)).astype("f4")
    places = laid_out(features)
    assert places is not None and places.min() == 0 and places.max() == 1
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert np.array_equal(apart.argmin(1) // 10, np.repeat(range(6), 10))
    again = laid_out(features)
    assert again is not None and np.array_equal(again, places)
    assert laid_out(features[:5]) is None
