"""JPEG, PNG, BMP and WebP bytes to uint8 pictures of one size; broken or huge ones are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import cv2
import numpy as np
import simplejpeg

from manifests.errors import CorruptData
from manifests.picture_files import (
    PictureFormat,
    exif_orientation,
    is_cut_off,
    jpeg_exif,
    picture_format,
    truncated,
)
from manifests.pictures import decode_picture, upright

_PORTION = 1024
_LINEAR_SHRINK = 1.5

MAX_PIXELS = 1 << 24
"""Larger pictures are refused before they are decoded."""


def decode_crop(data: bytes | memoryview, name: str) -> np.ndarray:
    """Decode a JPEG, PNG, BMP or WebP, whatever it is called, to (h, w, 3) uint8 sRGB, upright.

    ``CorruptData`` says what is wrong with picture ``name``: of another format, truncated,
    broken or too large. Colours that a JPEG keeps at half resolution are repeated, not
    interpolated: a tenth faster, and on average less than one grey level from decoders that
    interpolate.
    """
    kind = picture_format(data, name)
    if kind is not PictureFormat.jpeg:
        return decode_picture(data, name, MAX_PIXELS).pixels
    try:
        height, width = (int(side) for side in simplejpeg.decode_jpeg_header(data)[:2])
        if height * width > MAX_PIXELS:
            raise CorruptData(f"image {name}: {width}x{height} is above {MAX_PIXELS} pixels")
        pixels = simplejpeg.decode_jpeg(data, colorspace="RGB", fastupsample=True)
    except ValueError as error:
        if is_cut_off(data, kind):
            raise truncated(data, kind, name) from error
        raise CorruptData(f"image {name}: broken JPEG ({error}); get the file again") from error
    return upright(pixels, exif_orientation(jpeg_exif(data)))


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Stretched copy (height, width, 3) of a picture."""
    out = np.empty((height, width, 3), np.uint8)
    resize_into(out, image)
    return out


def resize_into(out: np.ndarray, image: np.ndarray) -> None:
    """Stretch ``image`` to the size of ``out``, averaging areas when it shrinks much.

    Up to ``_LINEAR_SHRINK`` in both directions linear interpolation reads all pixels anyway.
    """
    height, width = out.shape[:2]
    shrinks = max(image.shape[0] / height, image.shape[1] / width) > _LINEAR_SHRINK
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    cv2.resize(image, (width, height), dst=out, interpolation=how)


def decode_into(
    out: np.ndarray,
    images: Iterable[bytes | memoryview],
    names: Sequence[str],
    threads: int = 2,
) -> None:
    """Fill ``out`` (n, height, width, 3) uint8 with the decoded, resized images in order."""

    def fill(item: tuple[int, bytes | memoryview]) -> None:
        position, data = item
        resize_into(out[position], decode_crop(data, names[position]))

    numbered = enumerate(images)
    with ThreadPoolExecutor(threads) as pool:
        # In bounded portions: an executor would otherwise queue every picture's bytes at once.
        while portion := list(islice(numbered, _PORTION)):
            for _ in pool.map(fill, portion):
                pass
