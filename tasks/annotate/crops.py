"""Lit frames to crops: cutting, encoding, image statistics."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg


@dataclass(frozen=True)
class Crop:
    """One encoded crop: JPEG bytes, mean grey level 0..255, variance of the Laplacian."""

    jpeg: bytes
    luminance: float
    sharpness: float


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
