"""Which crops of a set are looked at: so many at most, spread evenly over its cameras."""

from __future__ import annotations

import numpy as np


def balanced_sample(camera: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rising rows of at most ``count`` of N crops, taken from their cameras (N,) in turn.

    A camera that runs out leaves its turns to the others; within one, crops are drawn at random
    from ``seed``.
    """
    shuffled = np.random.default_rng(seed).permutation(len(camera))
    _, codes = np.unique(camera, return_inverse=True)
    codes = codes[shuffled]
    by_camera = np.argsort(codes, kind="stable")
    first = np.searchsorted(codes[by_camera], codes[by_camera])
    turn = np.empty(len(camera), np.int64)
    turn[by_camera] = np.arange(len(camera)) - first
    return np.sort(shuffled[np.argsort(turn, kind="stable")[:count]])
