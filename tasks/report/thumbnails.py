"""Crops as small JPEG data URIs, so that a report needs no other file."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

Images = Callable[[Iterable[str]], dict[str, bytes]]
"""Crop keys -> JPEG bytes of each."""


@dataclass(frozen=True)
class Thumbnail:
    """An inlined crop: ``uri`` is a data URI; ``width`` and ``height`` in pixels."""

    uri: str
    width: int
    height: int


def thumbnail(jpeg: bytes, height: int) -> Thumbnail:
    """Shrink a JPEG to at most ``height`` pixels, keeping its proportions."""
    pixels = simplejpeg.decode_jpeg(jpeg, colorspace="BGR")
    scale = min(1.0, height / pixels.shape[0])
    if scale < 1.0:
        size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    small = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=82, colorspace="BGR", colorsubsampling="420"
    )
    uri = "data:image/jpeg;base64," + base64.b64encode(small).decode()
    return Thumbnail(uri, pixels.shape[1], pixels.shape[0])
