"""Intervals for retrieval metrics: resampling people, because their queries are not independent.

Where the same settings were trained with several seeds, an interval has two levels, people and
seeds, and speaks of all models trained so, not of those that happen to be there. People are drawn
anew; two or three seeds cannot be, since what is drawn never leaves the range of their means.
Their variance is estimated and added, and the interval is Student's with the degrees of freedom
of Welch and Satterthwaite. In simulations with three seeds it holds the true value 93 to 98 times
of 100, where drawing seeds with replacement does 82 to 95 times, and people alone as few as 60.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

REPLICATES = 2000


@dataclass(frozen=True)
class Interval:
    """A mean and its central 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def interval(values: np.ndarray, person: np.ndarray, seed: int = 0) -> Interval:
    """Interval of the mean of per-query ``values`` (Q,) over resampled people (Q,).

    NaN marks skipped queries.
    """
    replicates = _resampled_means([values], person, seed)[0]
    return _central(float(np.nanmean(values)), replicates)


def paired_difference(a: np.ndarray, b: np.ndarray, person: np.ndarray, seed: int = 0) -> Interval:
    """Interval of mean(a) - mean(b) for two methods measured on the same queries."""
    if a.shape != b.shape or (np.isnan(a) != np.isnan(b)).any():
        raise ValueError("paired comparison needs the same used queries in both measurements")
    first, second = _resampled_means([a, b], person, seed)
    return _central(float(np.nanmean(a) - np.nanmean(b)), first - second)


@dataclass(frozen=True)
class Resampled:
    """The mean of a metric for each of S seeds, and of all of them for people drawn anew.

    ``means`` (S,) float64; ``replicates`` (REPLICATES,), one for each drawing of people.
    Differences and means of several are of the same kind, so that what depends on the same people
    or the same seeds stays together.
    """

    means: np.ndarray
    replicates: np.ndarray

    def __sub__(self, other: Resampled) -> Resampled:
        """A paired difference, seed by seed, both of the same queries; what has one seed is
        compared with every seed of the other."""
        seeds = {len(self.means), len(other.means)}
        if len(seeds - {1}) > 1:
            raise ValueError(f"paired comparison needs as many seeds of both, got {sorted(seeds)}")
        return Resampled(self.means - other.means, self.replicates - other.replicates)

    def interval(self) -> Interval:
        """The mean over seeds; its interval is over people and, if there are several, seeds."""
        mean, seeds = float(self.means.mean()), len(self.means)
        if seeds == 1:
            return _central(mean, self.replicates)
        of_seeds = float(self.means.var(ddof=1)) / seeds
        variance = of_seeds + float(self.replicates.var(ddof=1))
        freedom = np.inf if of_seeds == 0 else (seeds - 1) * (variance / of_seeds) ** 2
        # Slow to import, and only intervals over several seeds need it.
        from scipy.special import stdtrit

        half = float(stdtrit(freedom, 0.975)) * variance**0.5
        return Interval(mean, mean - half, mean + half)


def resampled(values: np.ndarray, person: np.ndarray, seed: int = 0) -> Resampled:
    """People (Q,) drawn anew for per-query ``values`` (S, Q) of S seeds; NaN for skipped queries.

    Equal ``seed`` and people are drawn alike: use one for all that answers the same queries, and
    another one for every target.
    """
    of_query = values.mean(axis=0)
    return Resampled(np.nanmean(values, axis=1), _resampled_means([of_query], person, seed)[0])


def mean_of(several: Sequence[Resampled]) -> Resampled:
    """The mean over targets or sources, which are fixed: people are drawn anew within each target,
    seeds in all."""
    return Resampled(
        np.mean([one.means for one in several], axis=0),
        np.mean([one.replicates for one in several], axis=0),
    )


def _resampled_means(values: list[np.ndarray], person: np.ndarray, seed: int) -> list[np.ndarray]:
    used = ~np.isnan(values[0])
    people, code = np.unique(person[used], return_inverse=True)
    queries = np.bincount(code)
    rng = np.random.default_rng([seed, len(people)])
    draws = rng.multinomial(len(people), np.full(len(people), 1 / len(people)), size=REPLICATES)
    return [draws @ np.bincount(code, weights=v[used]) / (draws @ queries) for v in values]


def _central(mean: float, replicates: np.ndarray) -> Interval:
    low, high = np.quantile(replicates, [0.025, 0.975])
    return Interval(mean, float(low), float(high))
