"""Whether a picture can be a crop of one upright person: by its size, its shape and how plain it
is. Nobody is looked for in it."""

from __future__ import annotations

import cv2
import numpy as np

_LEAST_HEIGHT, _LEAST_WIDTH = 32, 12
_LEAST_ASPECT, _MOST_ASPECT = 1.2, 6.0
_PLAIN_DEVIATION = 4.0
_DRAWN_SHARE = 0.6
_SEEN_AT = 256


def why_no_person(picture: np.ndarray) -> str | None:
    """Why (h, w, 3) uint8 sRGB is no usable crop, None if it may be one.

    Screenshots and drawings are known by pixels that equal their neighbours exactly, which those
    of cameras seldom do.
    """
    height, width = picture.shape[:2]
    if height < _LEAST_HEIGHT or width < _LEAST_WIDTH:
        return f"smaller than {_LEAST_WIDTH}x{_LEAST_HEIGHT} pixels"
    if height < _LEAST_ASPECT * width:
        return "not upright"
    if height > _MOST_ASPECT * width:
        return "narrower than people are"
    if cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).std() < _PLAIN_DEVIATION:
        return "of one colour"
    shown = picture[:: max(1, height // _SEEN_AT)].astype(np.int16)
    if (np.abs(np.diff(shown, axis=1)).max(axis=2) == 0).mean() > _DRAWN_SHARE:
        return "drawn or a screenshot"
    return None
