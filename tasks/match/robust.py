"""Medians and robust deviations of measures, camera by camera."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

_NORMAL = 1.4826
"""Deviation of a normal distribution / median distance from its median."""


def middle(values: np.ndarray) -> float:
    """Median of what is known of (N,) numbers; NaN if nothing is."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else float("nan")


def deviation(values: np.ndarray) -> float:
    """Robust deviation of what is known of (N,) numbers, from their median; NaN if nothing is."""
    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan")
    return float(_NORMAL * np.median(np.abs(known - np.median(known))))


def by_camera(
    measures: Mapping[str, np.ndarray], camera: np.ndarray
) -> dict[str, dict[str, tuple[float, float]]]:
    """Median and robust deviation of each measure (N,) by name, for each of the cameras (N,)."""
    return {
        str(name): {
            measure: (middle(values[camera == name]), deviation(values[camera == name]))
            for measure, values in measures.items()
        }
        for name in np.unique(camera)
    }
