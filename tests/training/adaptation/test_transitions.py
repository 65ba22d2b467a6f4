"""The spatio-temporal model: equal to the published formulas, right where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.adaptation import literal
from training.adaptation.time_bins import TimeBins
from training.adaptation.transitions import Sightings, estimate_transitions

BINS = TimeBins(width=10.0, count=120, smoothing=4.0)


def crowd(people: int = 30, cameras: int = 4, images: int = 200, seed: int = 0) -> tuple:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, people, images)
    camera = rng.integers(0, cameras, images)
    times = rng.integers(0, 1000, images).astype(float)
    return labels, camera, times


def in_one_session(camera: np.ndarray, times: np.ndarray) -> Sightings:
    return Sightings(camera, times, np.zeros(len(camera), np.int64))


def test_equals_the_published_formulas() -> None:
    labels, camera, times = crowd()
    model = estimate_transitions(labels, in_one_session(camera, times), 4, BINS)
    counts = literal.transitions(labels, camera, times, 4, BINS.width, BINS.count)
    np.testing.assert_allclose(
        model.table, literal.smoothed(counts, BINS.smoothing), rtol=1e-9, atol=1e-15
    )


def test_sums_to_one_wherever_somebody_passed() -> None:
    labels, camera, times = crowd()
    table = estimate_transitions(labels, in_one_session(camera, times), 5, BINS).table
    assert not table[4].any() and not table[:, 4].any()
    np.testing.assert_allclose(table[:4, :4].sum(axis=2), 1, atol=1e-6)


def test_times_of_other_sessions_do_not_count() -> None:
    """Two recordings whose clocks both start at 0 give what one gives, not their mixture."""
    labels = np.array([0, 0, 0, 0])
    camera = np.array([0, 1, 0, 1])
    times = np.array([0.0, 200.0, 500.0, 700.0])
    model = estimate_transitions(labels, Sightings(camera, times, np.array([0, 0, 1, 1])), 2, BINS)
    assert model.typical(0, 1) == pytest.approx(200, abs=BINS.width)
    assert model.typical(1, 0) is None


def test_differences_beyond_the_last_bin_are_left_out() -> None:
    sightings = in_one_session(np.array([0, 1]), np.array([0.0, 5000.0]))
    model = estimate_transitions(np.array([0, 0]), sightings, 2, BINS)
    assert model.typical(0, 1) is None


def test_walking_times_come_out() -> None:
    """People who walk past cameras in a row, at their own speeds, with wrong clusters between."""
    rng = np.random.default_rng(3)
    distance = np.array([0.0, 20.0, 55.0])  # metres along a street
    speed = rng.normal(1.35, 0.1, 150)
    start = rng.uniform(0, 3000, 150)
    camera = np.tile(np.arange(3), 150)
    times = (start[:, None] + distance / speed[:, None]).ravel() + rng.normal(0, 0.5, 450)
    labels = np.repeat(np.arange(150), 3)
    wrong = rng.choice(450, 60, replace=False)
    labels[wrong] = rng.integers(0, 150, 60)
    bins = TimeBins(width=1.0, count=300, smoothing=2.0)
    model = estimate_transitions(labels, in_one_session(camera, times), 3, bins)
    for earlier, later in ((0, 1), (1, 2), (0, 2)):
        truth = (distance[later] - distance[earlier]) / 1.35
        assert model.typical(earlier, later) == pytest.approx(truth, abs=3)


def test_sightings_must_belong_together() -> None:
    with pytest.raises(ValueError, match="same images"):
        Sightings(np.zeros(2, int), np.zeros(3), np.zeros(2, int))
