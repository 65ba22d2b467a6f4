"""How far two sets of features lie apart: the Fréchet and the kernel distance.

Both compare distributions, not pictures: they describe how different two sets look to the network
that made the features, and do not judge which of them teaches more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COMPONENTS = 128
_SUBSETS, _SUBSET = 20, 500


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard deviation over subsets."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Distances:
    """Two sets A and B in the features of one network.

    ``frechet`` in ``components`` principal components of both sets together; ``within``: the same
    distance between two random halves of A, and of B, which is what one set is away from itself at
    half the number of crops. ``kernel``: the unbiased kernel distance in all features.
    """

    frechet: float
    within: tuple[float, float]
    components: int
    kernel: Estimate


def distances(a: np.ndarray, b: np.ndarray, seed: int = 0) -> Distances | None:
    """Of features (N, D) and (M, D) float; None if either set has fewer than four crops.

    Halves and subsets are drawn from ``seed``.
    """
    if min(len(a), len(b)) < 4:
        return None
    rng = np.random.default_rng(seed)
    components = min(COMPONENTS, a.shape[1], len(a) + len(b) - 1)
    reduced = principal_components(np.concatenate([a, b]), components)
    of_a, of_b = reduced[: len(a)], reduced[len(a) :]
    within = tuple(_frechet_of_halves(one, rng) for one in (of_a, of_b))
    return Distances(
        frechet(of_a, of_b), (within[0], within[1]), components, kernel_distance(a, b, rng)
    )


def principal_components(features: np.ndarray, count: int) -> np.ndarray:
    """(N, count) float64: centred features (N, D) along the axes of their largest variances."""
    centred = features.astype(np.float64) - features.mean(0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return centred @ axes[:, ::-1][:, :count]


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """The Fréchet distance of the normal distributions with the moments of (N, D) and (M, D).

    Squared distance of the means + trace(A + B - 2 (A B)^1/2) of the covariances (Dowson and
    Landau, 1982), in squared units of the features; from too few crops it is too large.
    """
    mean = ((a.mean(0) - b.mean(0)) ** 2).sum()
    of_a, of_b = (np.atleast_2d(np.cov(one, rowvar=False)) for one in (a, b))
    root = _square_root(of_a)
    # A B and A^1/2 B A^1/2 have the same eigenvalues; the latter is symmetric.
    shared = np.sqrt(np.clip(np.linalg.eigvalsh(root @ of_b @ root), 0, None)).sum()
    return float(max(0.0, mean + np.trace(of_a) + np.trace(of_b) - 2 * shared))


def kernel_distance(a: np.ndarray, b: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Squared maximum mean discrepancy of the kernel (x y / D + 1)^3, unbiased (Bińkowski et al.,
    ICLR 2018): mean and deviation over 20 random subsets of at most 500 of each set."""
    size = min(_SUBSET, len(a), len(b))
    found = [
        _discrepancy(*(one[rng.choice(len(one), size, replace=False)] for one in (a, b)))
        for _ in range(_SUBSETS)
    ]
    return Estimate(float(np.mean(found)), float(np.std(found)))


def _discrepancy(a: np.ndarray, b: np.ndarray) -> float:
    n, both = len(a), np.concatenate([a, b]).astype(np.float32)
    product = (both @ both.T).astype(np.float64) / both.shape[1] + 1
    kernel = product * product * product
    aa, bb, ab = kernel[:n, :n], kernel[n:, n:], kernel[:n, n:]
    same = sum(one.sum() - np.trace(one) for one in (aa, bb))
    return float(same / (n * (n - 1)) - 2 * ab.mean())


def _frechet_of_halves(features: np.ndarray, rng: np.random.Generator) -> float:
    order = rng.permutation(len(features))
    half = len(order) // 2
    return frechet(features[order[:half]], features[order[half:]])


def _square_root(symmetric: np.ndarray) -> np.ndarray:
    values, axes = np.linalg.eigh(symmetric)
    return (axes * np.sqrt(np.clip(values, 0, None))) @ axes.T
