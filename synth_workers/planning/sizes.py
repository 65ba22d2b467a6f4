"""How large people are to be in the pictures of one shard: crops by classes of height.

Each camera is to deliver so many crops of each class, as near to the shares that were asked for as
cameras can come: what one cannot show, because it hangs too high or its ways are too near, others
show more of. Every take gathers people where the camera sees them in the size that it lacks most;
a size of which there are too few in that take is given up there, and others take its place. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from manifests.crop_sizes import SIZES, SizeClass, shares_of, size_class, window
from synth_workers.planning.visibility import Scenery
from synth_workers.planning.walk_net import WalkNet, segment_values
from synth_workers.scenes.description import Camera

_LEAST_VALUE = 0.05
"""Of the best place, so that a camera can be said to show people of some size."""

_ROUNDS = 30
_PATIENCE = 0.5
"""Share of the most takes after which a camera is no longer particular."""


class Sizes:
    """What is left of every class before every camera.

    ``values``: (3, cameras, segments) how good segments are to be seen by each camera in each size.
    """

    def __init__(
        self, asked: Mapping[SizeClass, float], net: WalkNet, cameras: Sequence[Camera],
        sight: Sequence[Scenery], size: tuple[int, int], heights: tuple[float, float],
        wanted: np.ndarray,
    ) -> None:  # fmt: skip
        self.shares = shares = shares_of(asked)
        self.values = np.zeros((len(SIZES), len(cameras), len(net.segments)))
        for number in np.flatnonzero(shares).tolist():
            low, high = window(number, *heights)
            if low < high:
                values = np.array(
                    [
                        segment_values(net, camera, *size, scenery, low, high)
                        for camera, scenery in zip(cameras, sight, strict=True)
                    ]
                )
                # Within a class larger is no better.
                best = values.max(axis=1, keepdims=True)
                self.values[number] = (
                    np.where(best > _LEAST_VALUE, values / np.maximum(best, 1e-9), 0.0) ** 0.5
                )
        self.left = apportioned(wanted, shares, np.any(self.values, axis=2).T)
        self.particular = np.ones(len(cameras), bool)
        self._aim, self._lacked = 0, 0.0

    def aimed_at(self, camera: int) -> np.ndarray:
        """(segments,) how good places are to be seen in the size that ``camera`` lacks most, at
        which the next take aims."""
        self._aim = int(self.left[camera].argmax())
        self._lacked = float(self.left[camera, self._aim])
        return self.values[self._aim, camera]

    def open(self, cameras: np.ndarray, heights: np.ndarray) -> np.ndarray:
        """Whether crops of such heights are still wanted; arrays of one shape."""
        lacks = (self.left > 0.0) | ~self.particular[:, None]
        return lacks[cameras, size_class(heights)]

    def count(self, camera: int, heights: np.ndarray, crops: np.ndarray) -> None:
        """Count (k,) ``crops`` of people of these heights as planned."""
        np.subtract.at(self.left[camera], size_class(heights), crops)

    def had(self, camera: int, takes: int, most: int) -> None:
        """Judge the take that a camera has just had, the last of ``takes`` of the ``most``."""
        left = self.left[camera]
        if (self._lacked - left[self._aim]) * most < self._lacked:
            given_up, left[self._aim] = left[self._aim], 0.0
            rest = self.shares * self.values[:, camera].any(axis=1)
            rest[self._aim] = 0.0
            if rest.any():
                left += given_up * rest / rest.sum()
            self.values[self._aim, camera] = 0.0
        self.particular[camera] &= bool((left > 0.0).any()) and takes < _PATIENCE * most


def apportioned(wanted: np.ndarray, shares: np.ndarray, able: np.ndarray) -> np.ndarray:
    """(cameras, 3) of the ``wanted`` (cameras,) crops, so that classes have their ``shares`` (3,)
    where cameras are ``able`` (cameras, 3) to show them."""
    left = able * shares
    # Who can show nothing that was asked for is not particular.
    some = left.any(axis=1)
    left[~some] = (wanted[~some] / len(shares))[:, None]
    goal = wanted[some].sum() * shares
    for _ in range(_ROUNDS):
        totals = left[some].sum(axis=0)
        left[some] *= np.where(totals > 0.0, goal / np.maximum(totals, 1e-9), 1.0)
        left[some] *= (wanted[some] / np.maximum(left[some].sum(axis=1), 1e-9))[:, None]
    return left
