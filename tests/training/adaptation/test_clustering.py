"""Pseudo-identities: equal to a dense, literal computation and to scikit-learn's DBSCAN."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import TrainingFailed
from tests.training.adaptation import literal
from training.adaptation.clustering import cluster, cluster_by_distance
from training.adaptation.config import ClusterSettings
from training.adaptation.joint_distance import JointDistances
from training.adaptation.time_bins import TimeBins
from training.adaptation.transitions import Sightings, estimate_transitions
from training.evaluation.distances import SquaredEuclidean

SETTINGS = ClusterSettings(k1=6, k2=3, nearest_share=0.02)


def blobs(
    people: int = 12, each: int = 7, spread: float = 0.35, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(people), each)
    features = rng.normal(size=(people, 8))[labels] + spread * rng.normal(size=(len(labels), 8))
    order = rng.permutation(len(labels))
    features = features[order]
    return features / np.linalg.norm(features, axis=1, keepdims=True), labels[order]


def scikit_learns(mixed: np.ndarray, eps: float) -> np.ndarray:
    sklearn_cluster = pytest.importorskip("sklearn.cluster")
    dbscan = sklearn_cluster.DBSCAN(eps=eps, min_samples=1, metric="precomputed")
    return dbscan.fit_predict(mixed)


@pytest.mark.parametrize("share", [0.005, 0.02, 0.1, 0.4])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_equals_the_dense_definition(share: float, seed: int) -> None:
    """Thresholds below and beyond what overlapping encodings can tell."""
    features, _ = blobs(seed=seed)
    settings = SETTINGS.model_copy(update={"nearest_share": share})
    found = cluster(SquaredEuclidean(features), settings)
    mixed = literal.mixed_distances(literal.squared_distances(features), 6, 3, 0.3)
    eps = literal.threshold(mixed, share)
    assert found.threshold == pytest.approx(eps, abs=1e-6)
    assert found.dense == (share > 0.05)
    np.testing.assert_array_equal(found.labels, scikit_learns(mixed, eps))


def test_equals_the_dense_definition_with_joint_distances() -> None:
    features, person = blobs(seed=4)
    rng = np.random.default_rng(4)
    camera = rng.integers(0, 3, len(person))
    times = person * 40.0 + camera * 300 + rng.permutation(len(person)) * 0.01
    sightings = Sightings(camera, times, np.zeros(len(person), np.int64))
    bins = TimeBins(width=10.0, count=200, smoothing=2.0)
    model = estimate_transitions(person, sightings, 3, bins)
    settings = SETTINGS.model_copy(update={"original": 0.5})
    found = cluster(JointDistances(features, sightings, model), settings)
    seen = list(zip(camera.tolist(), times.tolist()))
    joint = np.array(
        [
            [
                literal.joint_distance(float(f @ g), here, there, model.table, bins.width)
                for g, there in zip(features, seen)
            ]
            for f, here in zip(features, seen)
        ]
    )
    mixed = literal.mixed_distances(joint, 6, 3, 0.5)
    eps = literal.threshold(mixed, SETTINGS.nearest_share)
    assert found.threshold == pytest.approx(eps, abs=1e-6)
    np.testing.assert_array_equal(found.labels, scikit_learns(mixed, eps))


def test_people_far_apart_become_clusters() -> None:
    features, person = blobs(spread=0.05)
    found = cluster(SquaredEuclidean(features), ClusterSettings(k1=6, k2=3, nearest_share=0.1))
    for label in range(found.count):
        assert len(set(person[found.labels == label].tolist())) == 1
    assert found.count < 16


def test_a_larger_scale_merges_more() -> None:
    features, _ = blobs()
    one, more = (
        cluster(SquaredEuclidean(features), SETTINGS.model_copy(update={"scale": scale}))
        for scale in (1.0, 1.6)
    )
    assert more.threshold == pytest.approx(1.6 * one.threshold)
    assert more.count < one.count


def test_too_few_images_are_refused() -> None:
    with pytest.raises(TrainingFailed, match="needs more than 7 images"):
        cluster(SquaredEuclidean(np.eye(5)), SETTINGS)


def test_collapsed_features_are_refused() -> None:
    with pytest.raises(TrainingFailed, match="collapsed"):
        cluster(SquaredEuclidean(np.ones((30, 4))), SETTINGS)


@pytest.mark.parametrize("share", [0.01, 0.3])
def test_plain_distances_by_the_same_rule(share: float) -> None:
    features, _ = blobs(seed=6)
    found = cluster_by_distance(SquaredEuclidean(features), share)
    distances = literal.squared_distances(features)
    eps = literal.threshold(distances, share)
    assert found.threshold == pytest.approx(eps, abs=1e-9)
    np.testing.assert_array_equal(found.labels, scikit_learns(distances, eps))


def test_equal_images_do_not_count_for_the_threshold() -> None:
    features, _ = blobs(seed=7)
    features[1::2] = features[::2]
    found = cluster_by_distance(SquaredEuclidean(features), 0.05)
    assert found.threshold == pytest.approx(
        literal.threshold(literal.squared_distances(features), 0.05), rel=1e-6
    )
    assert (found.labels[1::2] == found.labels[::2]).all()
