"""Looks of crops: what `annotation.looks` does to a picture that was cut out of a frame.

Which look a camera has follows from its name: the same in every shard, light and data set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from manifests.crop_looks import CropLook

ROWS = 128
"""Blur and grain have the size that they have in a crop of so many rows."""

_MID_GREY = 110.0
_LUMA = np.array([0.114, 0.587, 0.299], np.float32)  # of BGR
_EVERY = 8
_SHARPENED_OVER = 1.0


@dataclass(frozen=True)
class FrameLook:
    """The look of the crops of one frame. ``brightness``: see ``brightness_of``; ``draw``: gives
    the generator of a person's grain."""

    look: CropLook
    brightness: float
    draw: Callable[[int], np.random.Generator]

    def of(self, crop: np.ndarray, person: int) -> np.ndarray:
        """The pixels (h, w, 3) uint8 BGR of a person's crop under the look."""
        return graded(crop, self.look, self.brightness, self.draw(person))


def look_of_camera(camera: str, looks: Literal["drawn"] | Sequence[CropLook]) -> CropLook | None:
    """The one of ``looks`` that a camera has, or the one that is drawn for it; None if there are
    none."""
    if not looks:
        return None
    number = int.from_bytes(hashlib.sha256(camera.encode()).digest()[:8], "big")
    return _drawn_look(number) if isinstance(looks, str) else looks[number % len(looks)]


def _drawn_look(number: int) -> CropLook:
    """What one camera makes of people: judgement, and fitted to no set of photographs. Pictures of
    cameras have more contrast than what is rendered; everything else goes either way."""
    rng = np.random.default_rng(number)

    def factor(middle: float, spread: float, least: float, most: float) -> float:
        return round(float(np.clip(middle * np.exp(rng.normal(0, spread)), least, most)), 3)

    def offset(spread: float, most: float) -> float:
        return round(float(np.clip(rng.normal(0, spread), -most, most)), 3)

    return CropLook(
        brightness=factor(1.0, 0.22, 0.6, 1.6),
        steadiness=round(float(rng.uniform(0, 0.6)), 3),
        warmth=offset(0.14, 0.35),
        tint=offset(0.06, 0.18),
        contrast=factor(1.16, 0.18, 0.75, 1.7),
        saturation=factor(1.0, 0.3, 0.5, 1.8),
        sharpness=offset(0.6, 1.2),
        noise=abs(offset(3.5, 9.0)),
        jpeg_quality=int(rng.integers(45, 93)),
    )


def brightness_of(frame: np.ndarray) -> float:
    """Mean grey level of a whole frame (h, w, 3) uint8 BGR, as an automatic exposure sees it."""
    return float(frame[::_EVERY, ::_EVERY].reshape(-1, 3).astype(np.float32).mean(0) @ _LUMA)


def graded(
    crop: np.ndarray, look: CropLook, frame_brightness: float, rng: np.random.Generator
) -> np.ndarray:
    """``crop`` (h, w, 3) uint8 BGR under ``look``, a new array of its shape.

    ``frame_brightness``: of the frame it was cut from; ``rng`` draws the grain.
    """
    found = cv2.LUT(crop, _curves(look, frame_brightness))
    if look.saturation != 1.0:
        colours = found.astype(np.float32)
        grey = (colours @ _LUMA)[..., None]
        found = _rounded(grey + look.saturation * (colours - grey))
    scale = crop.shape[0] / ROWS
    if look.sharpness < 0:
        found = cv2.GaussianBlur(found, (0, 0), max(-look.sharpness * scale, 0.05))
    elif look.sharpness > 0:
        around = cv2.GaussianBlur(found, (0, 0), max(_SHARPENED_OVER * scale, 0.3))
        found = cv2.addWeighted(found, 1 + look.sharpness, around, -look.sharpness, 0)
    if look.noise > 0:
        found = _rounded(found.astype(np.float32) + look.noise * _grain(crop.shape[:2], rng))
    return found


def _curves(look: CropLook, frame_brightness: float) -> np.ndarray:
    """(1, 256, 3) uint8: what becomes of every level of blue, green and red."""
    steadied = (_MID_GREY / max(frame_brightness, 4.0)) ** look.steadiness
    balance = np.exp([look.tint / 3 - look.warmth / 2, -2 * look.tint / 3,
                      look.tint / 3 + look.warmth / 2])  # fmt: skip
    levels = np.arange(256)[:, None] * (look.brightness * steadied * balance)
    return _rounded(_MID_GREY + look.contrast * (levels - _MID_GREY))[None]


def _grain(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(h, w, 1) float32 of deviation 1, of a pixel in crops of ``ROWS`` rows and less."""
    height, width = size
    rows = min(height, ROWS)
    across = max(1, round(width * rows / height))
    grain = rng.standard_normal((rows, across), dtype=np.float32)
    if rows != height:
        grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
        grain /= grain.std()  # between its points it is smooth
    return grain[..., None]


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
