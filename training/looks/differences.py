"""The measures of two sets side by side: means, deviations, standardised differences, cameras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Summary:
    """One measure over the crops of one side where it is known.

    ``known``: how many those are; ``mean`` and ``deviation`` over them, NaN if there are none;
    ``cameras``: mean of each camera, by name; ``spread``: standard deviation of those means.
    """

    known: int
    mean: float
    deviation: float
    cameras: Mapping[str, float]
    spread: float


@dataclass(frozen=True)
class Difference:
    """One measure on both sides. ``d``: (second mean - first mean) / pooled deviation (Cohen's d),
    infinite between constants that differ, NaN where either side does not know."""

    measure: str
    first: Summary
    second: Summary
    d: float


def summarised(values: np.ndarray, camera: np.ndarray) -> Summary:
    """One measure (N,) float, NaN where unknown, of crops whose cameras (N,) are names."""
    known = ~np.isnan(values)
    if not known.any():
        return Summary(0, np.nan, np.nan, {}, np.nan)
    values, camera = values[known], camera[known]
    names, codes = np.unique(camera, return_inverse=True)
    means = np.bincount(codes, weights=values) / np.bincount(codes)
    return Summary(
        len(values),
        float(values.mean()),
        float(values.std()),
        dict(zip(names.tolist(), means.tolist(), strict=True)),
        float(means.std()),
    )


def differences(
    first: Mapping[str, np.ndarray],
    second: Mapping[str, np.ndarray],
    cameras: tuple[np.ndarray, np.ndarray],
) -> list[Difference]:
    """All measures that both mappings have, the largest standardised difference first, those that
    one side does not know last. Values as in ``summarised``; ``cameras``: of either side."""
    found = [_difference(name, first[name], second[name], cameras) for name in first]
    return sorted(found, key=lambda one: (bool(np.isnan(one.d)), -abs(np.nan_to_num(one.d))))


def _difference(
    name: str, first: np.ndarray, second: np.ndarray, cameras: tuple[np.ndarray, np.ndarray]
) -> Difference:
    a, b = summarised(first, cameras[0]), summarised(second, cameras[1])
    return Difference(name, a, b, _standardised(a, b))


def _standardised(a: Summary, b: Summary) -> float:
    if not (a.known and b.known):
        return np.nan
    gap = b.mean - a.mean
    # ``deviation`` divides by n, so that these are the sums of squares.
    squares = a.known * a.deviation**2 + b.known * b.deviation**2
    pooled = np.sqrt(squares / max(1, a.known + b.known - 2))
    if pooled > 1e-9:
        return float(gap / pooled)
    return float(np.sign(gap) * np.inf) if abs(gap) > 1e-9 else 0.0
