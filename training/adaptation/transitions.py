"""When people who leave one camera appear in another: JVTC's spatio-temporal model.

Li and Zhang, "Joint Visual and Temporal Consistency for Unsupervised Domain Adaptive Person
Re-Identification", ECCV 2020, section 3.4: a histogram of time differences for every ordered
pair of cameras, from clusters of images that are taken for one person each. numpy and scipy
only; how it enters a distance is ``training.adaptation.joint_distance``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d

from training.adaptation.time_bins import TimeBins

_EPSILON = 1e-7
_REACH = 3
"""The smoothing kernel ends after so many standard deviations."""


@dataclass(frozen=True)
class Sightings:
    """Where and when N images were taken.

    ``camera`` (N,) int64 codes from 0; ``time`` (N,) float64, in frames or seconds;
    ``session`` (N,) int64: images of different sessions (recordings whose clocks are not
    comparable) say nothing about each other's time.
    """

    camera: np.ndarray
    time: np.ndarray
    session: np.ndarray

    def __post_init__(self) -> None:
        if not len(self.camera) == len(self.time) == len(self.session):
            raise ValueError("camera, time and session must describe the same images")

    def __len__(self) -> int:
        return len(self.camera)

    def rows(self, chosen: np.ndarray | tuple[slice | None, ...]) -> Sightings:
        """A part of the images, by mask, row numbers or slices."""
        return Sightings(self.camera[chosen], self.time[chosen], self.session[chosen])


@dataclass(frozen=True)
class Transitions:
    """How likely each time difference is between two cameras.

    ``table`` (C, C, bins) float64: entry [later, earlier, b] is the probability that somebody
    seen by camera ``later`` was seen by camera ``earlier`` b to b + 1 bins before. A pair that
    nobody was seen to pass has zeros.
    """

    table: np.ndarray
    bins: TimeBins

    @property
    def cameras(self) -> int:
        """How many cameras the model knows."""
        return len(self.table)

    def typical(self, earlier: int, later: int) -> float | None:
        """The most likely time from one camera to another, None if nobody was seen to do it."""
        histogram = self.table[later, earlier]
        if not histogram.any():
            return None
        return (int(histogram.argmax()) + 0.5) * self.bins.width


def estimate_transitions(
    labels: np.ndarray, sightings: Sightings, cameras: int, bins: TimeBins
) -> Transitions:
    """Count and smooth time differences within clusters.

    ``labels`` (N,) int64: cluster of each image. Between two cameras one cluster counts once,
    with the difference of its mean times there; within a camera each of its images counts as
    often as the cluster has images there, with the time since the first of them. Differences
    beyond the last bin are left out, where the published code fails.
    """
    keys = np.stack([labels, sightings.session], axis=1)
    group = np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
    size = cameras * cameras * bins.count
    counts = np.zeros(size)
    groups = int(group.max()) + 1
    cell = group * cameras + sightings.camera
    number = np.bincount(cell, minlength=groups * cameras).reshape(groups, cameras)
    total = np.bincount(cell, weights=sightings.time, minlength=groups * cameras)
    mean = total.reshape(groups, cameras) / (number + _EPSILON)
    for one in range(cameras - 1):
        for other in range(one + 1, cameras):
            both = (number[:, one] > 0) & (number[:, other] > 0)
            difference = mean[both, one] - mean[both, other]
            ahead = difference > 0
            later = np.where(ahead, one, other)
            earlier = np.where(ahead, other, one)
            _count(counts, later * cameras + earlier, np.abs(difference), bins)
    first = np.full(groups * cameras, np.inf)
    np.minimum.at(first, cell, sightings.time)
    several = number.reshape(-1)[cell] > 1
    camera = sightings.camera[several]
    _count(
        counts,
        camera * cameras + camera,
        sightings.time[several] - first[cell[several]],
        bins,
        weights=number.reshape(-1)[cell[several]],
    )
    table = counts.reshape(cameras * cameras, bins.count)
    used = np.flatnonzero(table.any(axis=1))
    table[used] = convolve1d(table[used], _kernel(bins.smoothing), mode="constant")
    table /= table.sum(axis=1, keepdims=True) + _EPSILON
    return Transitions(table.reshape(cameras, cameras, bins.count), bins)


def _count(
    counts: np.ndarray,
    pair: np.ndarray,
    difference: np.ndarray,
    bins: TimeBins,
    weights: np.ndarray | None = None,
) -> None:
    """Add time differences (D,) of camera pairs (D,) to the flat histogram, in place."""
    place = (difference / bins.width).astype(np.int64)
    inside = place < bins.count
    flat = pair[inside] * bins.count + place[inside]
    shares = None if weights is None else weights[inside]
    counts += np.bincount(flat, weights=shares, minlength=len(counts))


def _kernel(deviation: float) -> np.ndarray:
    """A Gaussian cut off at ``_REACH`` deviations, not normalised, as published."""
    offsets = np.arange(-int(_REACH * deviation), int(_REACH * deviation) + 1)
    return np.exp(-(offsets**2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))
