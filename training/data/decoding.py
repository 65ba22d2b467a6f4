"""JPEG bytes to fixed-size uint8 pictures, refusing what is broken or suspiciously large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import cv2
import numpy as np
import simplejpeg

from manifests.errors import CorruptData

_PORTION = 1024

MAX_PIXELS = 1 << 24
"""Larger pictures are refused before they are decoded."""


def decode_crop(data: bytes | memoryview, name: str) -> np.ndarray:
    """Decode one JPEG to (h, w, 3) uint8 sRGB; ``CorruptData`` names the crop if it is broken."""
    try:
        height, width = map(int, simplejpeg.decode_jpeg_header(data)[:2])
        if height * width > MAX_PIXELS:
            raise CorruptData(f"crop {name}: {width}x{height} is above {MAX_PIXELS} pixels")
        return simplejpeg.decode_jpeg(data, colorspace="RGB")
    except ValueError as error:
        raise CorruptData(f"crop {name}: broken JPEG ({error}); run verify on the data") from error


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Stretch to (height, width), averaging areas when the picture shrinks."""
    if image.shape[:2] == (height, width):
        return image
    shrinks = image.shape[0] * image.shape[1] > height * width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=how)


def decode_into(
    out: np.ndarray,
    crops: Iterable[bytes | memoryview],
    names: Sequence[str],
    threads: int = 2,
) -> None:
    """Fill ``out`` (n, height, width, 3) uint8 with the decoded, resized crops in order."""
    height, width = out.shape[1:3]

    def fill(item: tuple[int, bytes | memoryview]) -> None:
        position, data = item
        out[position] = resized(decode_crop(data, names[position]), height, width)

    numbered = enumerate(crops)
    with ThreadPoolExecutor(threads) as pool:
        # In bounded portions: an executor would otherwise queue every picture's bytes at once.
        while portion := list(islice(numbered, _PORTION)):
            for _ in pool.map(fill, portion):
                pass
