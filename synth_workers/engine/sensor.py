"""From the renderer's ideal picture to what one surveillance camera delivers (on the CPU).

Everything is seeded by (seed, frame): the same frame has the same noise wherever and whenever
it is drawn. Labels (ids, depth) are only ever sampled, never filtered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from synth_workers.scenes.description import CameraLook

_TILE_MARGIN = 256
_GREY = 128
_TILE_STD = 32.0  # grey levels; the tile is scaled to the wanted deviation


PLAIN_LOOK = CameraLook(noise=0.0)
"""The look of a camera nobody configured: a little vignette, no noise."""


@dataclass(frozen=True)
class SensorSettings:
    """A camera's look, the two numbers that seed its noise, and the chain behind it
    (`sensor_chains`), whose draws for the camera ``camera`` seeds; ``exposure``: seconds that its
    shutter is open, roughly (`motion_blur`)."""

    look: CameraLook = PLAIN_LOOK
    jpeg_quality: int | None = None
    seed: int = 0
    frame: int = 0
    chain: str = "scene"
    camera: int = 0
    exposure: float = 0.0


def sample_rows(size: int, rendered: int) -> np.ndarray:
    """(size,) intp: which rendered row (or column) each output row's centre falls into."""
    rows = ((np.arange(size) + 0.5) * (rendered / size)).astype(np.intp)
    return np.minimum(rows, rendered - 1)


def sample_labels(labels: np.ndarray, width: int, height: int) -> np.ndarray:
    """A label image reduced to (height, width) by taking the value at each pixel's centre."""
    if labels.shape[:2] == (height, width):
        return labels
    rows = sample_rows(height, labels.shape[0])
    columns = sample_rows(width, labels.shape[1])
    return labels.take(rows, axis=0).take(columns, axis=1)  # faster than by index


def area_filter(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """(h, w, 3) uint8 reduced to (height, width, 3): every output pixel is the mean it covers."""
    if picture.shape[:2] == (height, width):
        return picture
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


@lru_cache(maxsize=4)
def noise_tile(width: int, height: int) -> np.ndarray:
    """Grey-centred noise, larger than the image so that every frame can start elsewhere.

    Mostly brightness, a little colour, slightly blurred as after demosaicing.
    """
    rng = np.random.default_rng([7, width, height])
    shape = (height + _TILE_MARGIN, width + _TILE_MARGIN)
    grain = 0.8 * rng.standard_normal((*shape, 1), dtype=np.float32)
    grain = grain + 0.6 * rng.standard_normal((*shape, 3), dtype=np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.45)
    grain *= _TILE_STD / grain.std()
    return np.clip(grain + _GREY, 0, 255).astype(np.uint8)


@lru_cache(maxsize=8)
def vignette_map(width: int, height: int, strength: float) -> np.ndarray:
    """(height, width, 3) uint8 factors of 255, ``1 - strength`` in the corners."""
    y = (np.arange(height) + 0.5) / height * 2 - 1
    x = (np.arange(width) + 0.5) / width * 2 - 1
    square = (y[:, None] ** 2 + x[None] ** 2) / 2
    factors = np.clip(255 * (1 - strength * square), 0, 255)
    return np.repeat(factors[..., None], 3, axis=2).astype(np.uint8)


def expose(picture: np.ndarray, settings: SensorSettings, light_noise: float) -> np.ndarray:
    """The (height, width, 3) uint8 picture a camera delivers.

    ``picture``: what came through the lens, of the same size. ``light_noise``: deviation that
    the light adds.
    Exposure and white balance are not applied here but while drawing, in linear light.
    """
    image, look = picture, settings.look
    height, width = picture.shape[:2]
    if look.blur > 0:
        image = cv2.GaussianBlur(image, (0, 0), look.blur)
    if look.vignette > 0:
        image = cv2.multiply(image, vignette_map(width, height, look.vignette), scale=1 / 255)
    deviation = float(np.hypot(look.noise, light_noise)) if look.noise > 0 else 0.0
    if deviation > 0:
        rng = np.random.default_rng([settings.seed, settings.frame])
        y, x = rng.integers(0, _TILE_MARGIN, 2)
        tile = noise_tile(width, height)[y : y + height, x : x + width]
        gain = deviation * 255 / _TILE_STD
        image = cv2.addWeighted(image, 1.0, tile, gain, -_GREY * gain)
    if look.sharpening > 0:  # after the noise, which cameras sharpen too
        around = cv2.GaussianBlur(image, (3, 3), 0)
        image = cv2.addWeighted(image, 1 + look.sharpening, around, -look.sharpening, 0)
    return image
