"""Random changes of training pictures, on whole uint8 batches.

Flip and pad-crop as in UnrealPerson, CVPR 2021, section 4; random erasing (Zhong et al., AAAI
2020), colour changes and blur are options. Every draw comes from the generator that is passed
in, in an order that does not depend on the pictures. ``Share`` draws for a whole batch and gives
one process what concerns its own pictures: then several change theirs as one would.
"""

from __future__ import annotations

import cv2
import numpy as np

from training.config import AugmentationSettings

Shape = int | tuple[int, ...]

_GREY = np.array([0.299, 0.587, 0.114], np.float32)
_ERASE_ASPECT = (0.3, 1 / 0.3)


class Share:
    """Draws as ``rng`` makes them for ``whole`` pictures, of which ``own`` (B,) are asked for.

    Every shape that is asked for begins with B.
    """

    def __init__(self, rng: np.random.Generator, whole: int, own: np.ndarray) -> None:
        self._rng, self._whole, self._own = rng, whole, own

    def random(self, size: Shape) -> np.ndarray:
        """From 0 to 1."""
        return self._rng.random(self._of_all(size))[self._own]

    def uniform(self, low: float, high: float, size: Shape) -> np.ndarray:
        """From ``low`` to ``high``."""
        return self._rng.uniform(low, high, self._of_all(size))[self._own]

    def integers(self, low: int, high: int, size: Shape) -> np.ndarray:
        """From ``low`` to below ``high``."""
        return self._rng.integers(low, high, self._of_all(size))[self._own]

    def _of_all(self, size: Shape) -> tuple[int, ...]:
        return (self._whole, *(() if isinstance(size, int) else size[1:]))


def augment(
    images: np.ndarray,
    settings: AugmentationSettings,
    rng: np.random.Generator | Share,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Randomly changed copies of ``images`` (N, H, W, 3) uint8, of ``rows`` (B,) if given."""
    out = flip_and_crop(images, settings.flip, settings.pad, rng, rows)
    if settings.jitter:
        change_colours(out, settings, rng)
    if settings.blur:
        blur(out, settings.blur, rng)
    if settings.erase:
        erase(out, settings.erase, settings.erase_area, rng)
    return out


def flip_and_crop(
    images: np.ndarray,
    probability: float,
    pad: int,
    rng: np.random.Generator | Share,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Mirror with ``probability``, then move by up to ``pad`` pixels each way, black outside."""
    total, height, width, _ = images.shape
    chosen = range(total) if rows is None else rows.tolist()
    count = len(chosen)
    flipped = (rng.random(count) < probability).tolist()
    moves = (rng.integers(0, 2 * pad + 1, size=(count, 2)) - pad).tolist()
    out = np.empty((count, height, width, 3), np.uint8)
    mirrored = np.empty((height, width, 3), np.uint8)
    # OpenCV's mirroring is thirty times faster than copying a reversed numpy view.
    for row, target, mirrors, (dy, dx) in zip(chosen, out, flipped, moves, strict=True):
        source = cv2.flip(images[row], 1, dst=mirrored) if mirrors else images[row]
        above, left, below, right = max(dy, 0), max(dx, 0), max(-dy, 0), max(-dx, 0)
        kept = source[below : height - above, right : width - left]
        cv2.copyMakeBorder(kept, above, below, left, right, cv2.BORDER_CONSTANT, dst=target)
    return out


def change_colours(
    images: np.ndarray, settings: AugmentationSettings, rng: np.random.Generator | Share
) -> None:
    """Change brightness, contrast, saturation and white balance in place, as one matrix."""
    count = len(images)
    chosen = rng.random(count) < settings.jitter

    def factors(spread: float, *shape: int) -> np.ndarray:
        return rng.uniform(1 - spread, 1 + spread, size=(count, *shape)).astype(np.float32)

    brightness = factors(settings.brightness)
    contrast = factors(settings.contrast)
    saturation = factors(settings.saturation)
    balance = factors(settings.white_balance, 3)
    for i in np.flatnonzero(chosen):
        mix = saturation[i] * np.eye(3, dtype=np.float32) + (1 - saturation[i]) * _GREY
        matrix = brightness[i] * contrast[i] * balance[i][:, None] * mix
        grey = float(_GREY @ np.asarray(cv2.mean(images[i])[:3], np.float32))
        offset = brightness[i] * (1 - contrast[i]) * grey
        affine = np.column_stack([matrix, np.full(3, offset, np.float32)])
        images[i] = cv2.transform(images[i], affine)


def blur(images: np.ndarray, probability: float, rng: np.random.Generator | Share) -> None:
    """Blur in place with a Gaussian of 0.3 to 1.5 pixels."""
    chosen = rng.random(len(images)) < probability
    sigmas = rng.uniform(0.3, 1.5, size=len(images))
    for i in np.flatnonzero(chosen):
        images[i] = cv2.GaussianBlur(images[i], (0, 0), float(sigmas[i]))


def erase(
    images: np.ndarray,
    probability: float,
    area: tuple[float, float],
    rng: np.random.Generator | Share,
) -> None:
    """Overwrite one rectangle per chosen picture, in place, with the picture's mean colour."""
    count, height, width, _ = images.shape
    chosen = rng.random(count) < probability
    share = rng.uniform(*area, size=count)
    aspect = np.exp(rng.uniform(*np.log(_ERASE_ASPECT), size=count))
    corner = rng.random((count, 2))
    tall = np.minimum(np.sqrt(share * height * width * aspect), height - 1).astype(int)
    wide = np.minimum(np.sqrt(share * height * width / aspect), width - 1).astype(int)
    for i in np.flatnonzero(chosen):
        y, x = int(corner[i, 0] * (height - tall[i])), int(corner[i, 1] * (width - wide[i]))
        images[i, y : y + tall[i], x : x + wide[i]] = np.rint(cv2.mean(images[i])[:3])
