"""Lit frames to crops: decoding with checks, cutting, encoding, image statistics."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from manifests.errors import FrameRefused
from tasks.annotate.masks import png_size

_MIN_MEAN = 1.5
"""Mean grey level below which a frame is called black; night frames are far above it."""

_MIN_DEVIATION = 1.5
"""Standard deviation of grey levels below which a frame is called flat."""


@dataclass(frozen=True)
class Crop:
    """One encoded crop: JPEG bytes, mean grey level 0..255, variance of the Laplacian."""

    jpeg: bytes
    luminance: float
    sharpness: float


def decode_lit(data: bytes, image_format: str, width: int, height: int) -> np.ndarray:
    """Decode a lit frame to (h, w, 3) uint8, blue green red.

    The size is checked before pixels are decoded. Raises ``FrameRefused`` with reason
    ``size-mismatch``, ``lit-format``, ``corrupt``, ``black`` or ``flat``.
    """
    if image_format in ("jpg", "jpeg"):
        pixels = _decode_jpeg(data, width, height)
    elif image_format == "png":
        _check_size(png_size(data)[:2], width, height)
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if decoded is None:
            raise FrameRefused(
                "the lit PNG cannot be decoded; capture the frame again", reason="corrupt"
            )
        pixels = decoded
    else:
        raise FrameRefused(
            f"lit images of format {image_format!r} are not known; use jpg or png",
            reason="lit-format",
        )
    _check_content(pixels)
    return pixels


def _decode_jpeg(data: bytes, width: int, height: int) -> np.ndarray:
    try:
        found_height, found_width, *_ = simplejpeg.decode_jpeg_header(data)
        _check_size((int(found_width), int(found_height)), width, height)
        return simplejpeg.decode_jpeg(data, colorspace="BGR")
    except ValueError as error:
        raise FrameRefused(
            f"the lit JPEG cannot be decoded ({error}); capture the frame again", reason="corrupt"
        ) from error


def _check_size(found: tuple[int, int], width: int, height: int) -> None:
    if found != (width, height):
        raise FrameRefused(
            f"the lit image is {found[0]}x{found[1]} but its frame is {width}x{height}; "
            "capture lit and mask at one resolution",
            reason="size-mismatch",
        )


def _check_content(pixels: np.ndarray) -> None:
    sample = pixels[::8, ::8]
    mean, deviation = float(sample.mean()), float(sample.std())
    if mean < _MIN_MEAN:
        raise FrameRefused(
            f"the frame is black (mean level {mean:.2f}); check the engine's lights and context",
            reason="black",
        )
    if deviation < _MIN_DEVIATION:
        raise FrameRefused(
            f"the frame is flat (deviation {deviation:.2f}); check that the scene was drawn",
            reason="flat",
        )


def cut(pixels: np.ndarray, box: np.ndarray, jpeg_quality: int) -> Crop:
    """Cut ``box`` (x0, y0, x1, y1, half-open pixels) out of a BGR image and encode it."""
    x0, y0, x1, y1 = (int(value) for value in box)
    crop = np.ascontiguousarray(pixels[y0:y1, x0:x1])
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S, ksize=1))
    jpeg = simplejpeg.encode_jpeg(
        crop, quality=jpeg_quality, colorspace="BGR", colorsubsampling="420"
    )
    return Crop(jpeg, float(cv2.mean(grey)[0]), float(deviation[0, 0]) ** 2)
