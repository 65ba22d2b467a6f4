"""Distances between sets of features whose distributions are known."""

from __future__ import annotations

import numpy as np
import pytest

from training.looks.distances import distances, frechet, kernel_distance


def normal(count: int, dimension: int = 6, mean: float = 0, scale: float = 1, seed: int = 0):
    return mean + scale * np.random.default_rng(seed).standard_normal((count, dimension))


def test_the_frechet_distance_of_normal_distributions_is_the_formula() -> None:
    a, b = normal(40_000), normal(40_000, mean=2, scale=3, seed=1)

    # For each dimension (2 - 0)^2 + (3 - 1)^2.
    assert frechet(a, b) == pytest.approx(6 * (4 + 4), rel=0.03)
    assert frechet(a, a) == pytest.approx(0, abs=1e-6)
    assert frechet(a, b) == pytest.approx(frechet(b, a), rel=1e-6)


def test_the_kernel_distance_of_one_distribution_is_nought_but_for_chance() -> None:
    rng = np.random.default_rng(3)
    same = kernel_distance(normal(600), normal(600, seed=1), rng)
    apart = kernel_distance(normal(600), normal(600, mean=1, seed=1), rng)

    assert abs(same.mean) < 3 * same.deviation
    assert apart.mean > 10 * apart.deviation > 0


def test_both_distances_of_two_sets_with_their_yardsticks() -> None:
    a, b = normal(300, 200), normal(260, 200, mean=0.5, seed=1)
    found = distances(a, b, seed=4)

    assert found is not None
    assert found.components == 128
    assert found.frechet > 0
    assert all(within < found.frechet + 128 for within in found.within)
    assert found == distances(a, b, seed=4), "seeded"


def test_components_keep_all_of_few_features() -> None:
    a, b = normal(500, 5), normal(500, 5, mean=1, seed=1)
    found = distances(a, b)

    assert found is not None
    assert found.components == 5
    assert found.frechet == pytest.approx(frechet(a, b), rel=1e-6), "turned, and nothing lost"


def test_hardly_any_crops_have_no_distance() -> None:
    assert distances(normal(3), normal(300)) is None
    few = distances(normal(4), normal(5, seed=1))
    assert few is not None
    assert np.isfinite(few.frechet)
