"""Radial lens distortion: where a real lens puts what an ideal one would put elsewhere.

The model is OpenCV's with its first two coefficients: an ideal image point at distance r from
the principal point (the picture's centre), in units of tangent, moves to ``r * (1 + k1 r^2 +
k2 r^4)``. Beyond twice the picture's corner, or where the polynomial would begin to fold the
image over, the last factor stays, so that whatever is far outside stays outside. Pure.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

Distortion = tuple[float, float]
"""OpenCV's ``k1`` and ``k2``."""

IDEAL: Distortion = (0.0, 0.0)

SHARE_STEP = 0.0025
"""Between the shares (``edge_distortion``) of lenses that are drawn: an installation has few
models of cameras, and engines keep one table for each."""

_LEAST_SLOPE = 0.25  # of the distorted over the ideal radius, up to which the polynomial holds
_SAMPLES = 4097


def edge_distortion(share: float, fov: float) -> Distortion:
    """Coefficients that move points at the left and right edge by ``share`` of half the width.

    ``fov``: horizontal, degrees. Rounded to nine decimals, as they travel in commands.
    """
    return (round(share / float(np.tan(np.radians(fov) / 2)) ** 2, 9), 0.0)


@lru_cache(maxsize=64)
def valid_square(distortion: Distortion, corner_square: float) -> float:
    """Squared ideal radius up to which the polynomial is used; ``corner_square``: that of the
    picture's corner."""
    k1, k2 = distortion
    roots = np.roots([5 * k2, 3 * k1, 1 - _LEAST_SLOPE])
    folds = [float(root.real) for root in roots if abs(root.imag) < 1e-12 and root.real > 0]
    return min([4 * corner_square, *folds])


def distortion_factor(square: np.ndarray, distortion: Distortion, limit: float) -> np.ndarray:
    """Distorted over ideal radius at squared ideal radii; ``limit`` from ``valid_square``."""
    k1, k2 = distortion
    held = np.minimum(square, limit)
    return 1 + held * (k1 + held * k2)


def correction_factor(square: np.ndarray, distortion: Distortion, limit: float) -> np.ndarray:
    """Ideal over distorted radius at squared distorted radii: the inverse of the above."""
    return np.interp(square, *_correction_samples(distortion, limit))


@lru_cache(maxsize=64)
def _correction_samples(distortion: Distortion, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Squared distorted radii and the correction there, close enough to interpolate between."""
    squares = np.linspace(0.0, limit, _SAMPLES)
    factor = distortion_factor(squares, distortion, limit)
    return squares * factor**2, 1 / factor
