"""Lit images and masks as engines may send them."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image


def encode_lit(pixels: np.ndarray, image_format: str) -> bytes:
    suffix = ".png" if image_format == "png" else ".jpg"
    return cv2.imencode(suffix, pixels)[1].tobytes()


def encode_mask(colours: np.ndarray, kind: str) -> bytes:
    """A (h, w) 0xRRGGBB image as a palette, RGB or RGBA PNG."""
    channels = np.stack([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=2)
    channels = channels.astype(np.uint8)
    stream = io.BytesIO()
    if kind == "palette":
        unique, index = np.unique(colours, return_inverse=True)
        image = Image.fromarray(index.reshape(colours.shape).astype(np.uint8), mode="P")
        palette = np.stack([unique >> 16 & 255, unique >> 8 & 255, unique & 255], axis=1)
        image.putpalette(palette.astype(np.uint8).tobytes())
    elif kind == "rgba":
        opaque = np.full((*colours.shape, 1), 255, np.uint8)
        image = Image.fromarray(np.concatenate([channels, opaque], axis=2))
    else:
        image = Image.fromarray(channels)
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
