"""The colour baseline sees clothes and not the light."""

from __future__ import annotations

import numpy as np

from training.evaluation.baselines import BINS, STRIPES, colour_features


def two_coloured(rng: np.random.Generator, people: int) -> np.ndarray:
    images = rng.integers(0, 40, (people, 48, 16, 3)) + 60.0
    images[:, :24] += rng.integers(0, 120, (people, 1, 1, 3))
    images[:, 24:] += rng.integers(0, 120, (people, 1, 1, 3))
    return images


def test_features_are_unit_vectors_of_the_promised_size() -> None:
    images = two_coloured(np.random.default_rng(0), 5).astype(np.uint8)
    features = colour_features(images, np.zeros(5, int))
    assert features.shape == (5, STRIPES * BINS**3)
    np.testing.assert_allclose((features**2).sum(axis=1), 1, rtol=1e-5)


def test_a_camera_that_tints_everything_changes_nothing() -> None:
    images = two_coloured(np.random.default_rng(1), 30)
    tinted = np.concatenate([images, images * [0.5, 0.7, 0.9] + 15]).astype(np.uint8)
    features = colour_features(tinted, np.repeat([0, 1], 30))
    distance = np.linalg.norm(features[:30, None] - features[None, 30:], axis=2)
    assert (distance.argmin(axis=1) == np.arange(30)).mean() > 0.9


def test_upper_and_lower_clothes_are_told_apart() -> None:
    image = np.zeros((1, 48, 16, 3), np.uint8)
    image[:, :24] = 200
    both = np.concatenate([image, image[:, ::-1]])
    features = colour_features(both, np.zeros(2, int))
    assert np.linalg.norm(features[0] - features[1]) > 1
