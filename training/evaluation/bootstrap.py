"""Intervals for retrieval metrics: resampling people, because their queries are not independent."""

from __future__ import annotations

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
