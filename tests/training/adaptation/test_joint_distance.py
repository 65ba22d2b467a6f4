"""Joint visual and temporal distances, equal to the published formula pair by pair."""

from __future__ import annotations

import numpy as np

from tests.training.adaptation import literal
from training.adaptation.joint_distance import JointDistances, joint_scores
from training.adaptation.time_bins import TimeBins
from training.adaptation.transitions import Sightings, Transitions
from training.evaluation.similarity import blocks

BINS = TimeBins(width=10.0, count=50, smoothing=4.0)


def world(images: int = 40, cameras: int = 3, dtype: type = np.float64) -> tuple:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(images, 16)).astype(dtype)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    times = rng.permutation(np.arange(images) * 12.0)
    sightings = Sightings(rng.integers(0, cameras, images), times, np.zeros(images, np.int64))
    table = rng.random((cameras, cameras, BINS.count))
    return features, sightings, Transitions(table, BINS)


def expected(features: np.ndarray, sightings: Sightings, model: Transitions) -> np.ndarray:
    seen = list(zip(sightings.camera.tolist(), sightings.time.tolist()))
    return np.array(
        [
            [
                literal.joint_distance(float(f @ g), here, there, model.table, BINS.width)
                for g, there in zip(features, seen)
            ]
            for f, here in zip(features, seen)
        ]
    )


def test_rows_and_pairs_equal_the_formula() -> None:
    features, sightings, model = world()
    distances = JointDistances(features, sightings, model)
    truth = expected(features, sightings, model)
    np.testing.assert_allclose(distances.rows(5, 17).numpy(), truth[5:17], atol=1e-6)
    rows, columns = np.array([0, 3, 39]), np.array([7, 3, 1])
    np.testing.assert_allclose(distances.pairs(rows, columns), truth[rows, columns], atol=1e-6)


def test_scores_are_minus_the_distance() -> None:
    features, sightings, model = world(dtype=np.float32)
    truth = expected(features, sightings, model)
    ask, answer = np.arange(10), np.arange(10, 40)
    scores = joint_scores(
        features[ask], features[answer], sightings.rows(ask), sightings.rows(answer), model
    )
    got = np.concatenate([block.copy() for _, block in blocks(scores)])
    np.testing.assert_allclose(got, -truth[:10, 10:], atol=1e-6)


def test_times_too_far_apart_or_of_other_sessions_are_implausible() -> None:
    features = np.ones((3, 1))
    session = np.array([0, 0, 1])
    sightings = Sightings(np.array([0, 1, 1]), np.array([0.0, 20.0, 20.0]), session)
    table = np.zeros((2, 2, BINS.count))
    table[1, 0, 2] = 1.0
    near, other_session = (
        JointDistances(features, sightings, Transitions(table, BINS)).rows(0, 1)[0, 1:].tolist()
    )
    assert near < other_session
    far = Sightings(np.array([0, 1]), np.array([0.0, 1e9]), np.zeros(2, int))
    distances = JointDistances(features[:2], far, Transitions(table, BINS))
    assert distances.rows(0, 1)[0, 1].item() == other_session
