"""Designs of experiments: balanced, orthogonal, and honest about what they confound."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from manifests.errors import BadRecipe
from tasks.transfer.designs import Fraction, explained, fraction
from tasks.transfer.statistics import Line, effects
from tasks.transfer.variants import Factor, RecipeVariant, Study
from training.evaluation.bootstrap import resampled


def signs(design: Fraction) -> np.ndarray:
    """(runs, factors) of -1 and 1."""
    factors = range(len(design.columns))
    levels = [[design.second(f, run) for f in factors] for run in range(design.runs)]
    return 2 * np.array(levels, dtype=int) - 1


@pytest.mark.parametrize("factors", range(2, 16))
def test_every_factor_is_told_from_every_other(factors: int) -> None:
    design = fraction(factors)

    x = signs(design)

    np.testing.assert_array_equal(x.T @ x, design.runs * np.eye(factors, dtype=int))
    assert (x.sum(axis=0) == 0).all()
    assert (x[0] == -1).all()


@pytest.mark.parametrize(
    ("factors", "runs", "asked", "resolution"),
    [
        (4, 8, None, 4),
        (5, 16, None, 5),
        (8, 16, None, 4),
        (9, 16, None, 3),
        (15, 16, None, 3),
        (3, 4, 4, 3),
        (7, 8, 8, 3),
        (4, 16, 16, 5),
    ],
)
def test_the_smallest_that_keeps_effects_clear_of_pairs(
    factors: int, runs: int, asked: int | None, resolution: int
) -> None:
    design = fraction(factors, asked)
    assert (design.runs, design.resolution) == (runs, resolution)
    assert any(map(bool, design.confounded)) == (resolution == 3)


def test_what_is_confounded_is_told() -> None:
    design = fraction(5, 8)
    x = signs(design)

    for factor, pairs in enumerate(design.confounded):
        alike = {
            (a, b)
            for a, b in combinations(range(5), 2)
            if (x[:, factor] == -x[:, a] * x[:, b]).all()
        }
        assert set(pairs) == alike
    assert "- D: A × B" in explained(design, "ABCDE")
    assert "resolution IV" in explained(fraction(6), "ABCDEF")
    assert "All 8 combinations" in explained(fraction(3, 8), "ABC")


@pytest.mark.parametrize(("factors", "runs"), [(1, None), (16, None), (8, 8), (3, 16)])
def test_factors_that_do_not_fit(factors: int, runs: int | None) -> None:
    with pytest.raises(BadRecipe, match="factors"):
        fraction(factors, runs)


def test_effects_are_found_again() -> None:
    """Of three factors in four variants, two of which matter; three seeds, queries of 40 people."""
    rng = np.random.default_rng(3)
    people = np.repeat(np.arange(40), 3).astype(str)
    hard, seeds = rng.normal(0.5, 0.2, len(people)), rng.normal(0, 0.01, (3, 1))
    design, true = fraction(3, 4), (0.10, -0.04, 0.0)
    lines = []
    for run, sign in enumerate(signs(design)):
        noise = rng.normal(0, 0.02, (3, len(people)))
        values = hard + seeds + noise + sign @ np.array(true) / 2
        found = {("yard", "map"): resampled(values, people)}
        lines.append(Line(f"run {run + 1}", "camera", False, found))
    names = [line.name for line in lines]
    factors = tuple(Factor(name, (("no", {}), ("yes", {}))) for name in "abc")
    variants = tuple(RecipeVariant(name, {}) for name in names)

    found = effects(lines, Study("demo", "here", variants, factors, design))

    assert [line.name for line in found] == [f"{name}: yes instead of no" for name in "abc"]
    for line, effect in zip(found, true, strict=True):
        interval = line.found["yard", "map"].interval()
        assert interval.low < effect < interval.high
        assert interval.high - interval.low < 0.03  # what is hard for all cancels out
    assert effects(lines[:3], Study("demo", "here", variants, factors, design)) == []
