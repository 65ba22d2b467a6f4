"""Which drawn pixel, or which place between drawn pixels, each pixel of a picture comes from.

One table moves lit, ids, depth and normals of a camera with a distorting lens: labels take the
drawn pixel under each pixel's centre, colour is read between drawn pixels. Without distortion
pictures are only reduced (`sensor`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from synth_workers.engine.sensor import area_filter, sample_labels
from synth_workers.engine.view import View
from synth_workers.lens import IDEAL, correction_factor

_COLOUR_SCALE = 1.5
"""Drawn pixels per pixel from which on an area filter has to precede reading between them."""

_KEPT_TABLES = 8
_ROWS_AT_ONCE = 64

Size = tuple[int, int]


@dataclass(frozen=True)
class LensTable:
    """``labels``: (height, width, 2) int16 column and row of the drawn pixel; ``places`` and
    ``between``: the same for colour, as OpenCV's fixed-point maps; ``colour_size``: width and
    height of the image those refer to."""

    labels: np.ndarray
    places: np.ndarray
    between: np.ndarray
    colour_size: Size


@dataclass(frozen=True)
class _Lens:
    """A lens in pixels of the picture, by which tables are shared between fields of view."""

    size: Size
    k1: float  # per squared pixel
    k2: float
    valid_square: float
    overscan: float

    @classmethod
    def of(cls, view: View) -> _Lens:
        square = view.focal**2
        k1, k2 = view.distortion
        exact = (k1 / square, k2 / square**2, view.valid_square * square)
        k1, k2, limit = (float(f"{value:.6e}") for value in exact)
        return cls((view.width, view.height), k1, k2, limit, view.overscan)


def reduce_colour(drawn: np.ndarray, view: View) -> np.ndarray:
    """(h, w, 3) uint8 as drawn -> (height, width, 3) as the camera's lens shows it."""
    if view.distortion == IDEAL:
        return area_filter(drawn, view.width, view.height)
    table = _table(_Lens.of(view), _size(drawn))
    drawn = area_filter(drawn, *table.colour_size)
    return cv2.remap(
        drawn, table.places, table.between, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def reduce_labels(drawn: np.ndarray, view: View) -> np.ndarray:
    """(h, w[, c]) as drawn -> (height, width[, c]); values are taken, never mixed."""
    if view.distortion == IDEAL:
        return sample_labels(drawn, view.width, view.height)
    labels = _table(_Lens.of(view), _size(drawn)).labels
    return cv2.remap(drawn, labels, None, cv2.INTER_NEAREST)  # type: ignore[call-overload]


def label_places(view: View, drawn: Size, x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """(y1 - y0, x1 - x0, 2) int32: the drawn pixel (column, row) of each pixel of a window.

    The window may leave the picture, and the places then leave the drawn image; inside they are
    those that ``reduce_labels`` takes.
    """
    if view.distortion == IDEAL:
        columns = (np.arange(x0, x1) + 0.5) * (drawn[0] / view.width)
        rows = (np.arange(y0, y1) + 0.5) * (drawn[1] / view.height)
        places = np.empty((y1 - y0, x1 - x0, 2))
        places[..., 0], places[..., 1] = columns, rows[:, None]
        return np.floor(places).astype(np.int32)
    lens = _Lens.of(view)
    if x0 >= 0 and y0 >= 0 and x1 <= view.width and y1 <= view.height:
        return _table(lens, drawn).labels[y0:y1, x0:x1].astype(np.int32)
    return np.floor(_places(lens, drawn, x0, y0, x1, y1)).astype(np.int32)


def ideal_slant(view: View) -> np.ndarray:
    """(height, width): Euclidean over planar depth of each pixel."""
    x = np.arange(view.width) + 0.5 - view.width / 2
    y = np.arange(view.height) + 0.5 - view.height / 2
    square = (x * x + (y * y)[:, None]) / view.focal**2
    if view.distortion != IDEAL:
        square *= correction_factor(square, view.distortion, view.valid_square) ** 2
    return np.sqrt(1 + square)


def _size(image: np.ndarray) -> Size:
    return image.shape[1], image.shape[0]


def _places(lens: _Lens, drawn: Size, x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """(y1 - y0, x1 - x0, 2) float64 place of each pixel's centre in the drawn image, whose
    first pixel covers [0, 1) x [0, 1)."""
    width, height = lens.size
    x = np.arange(x0, x1) + 0.5 - width / 2
    y = np.arange(y0, y1) + 0.5 - height / 2
    factor = correction_factor(x * x + (y * y)[:, None], (lens.k1, lens.k2), lens.valid_square)
    places = np.empty((*factor.shape, 2))
    places[..., 0] = (x * factor / (width * lens.overscan) + 0.5) * drawn[0]
    places[..., 1] = (y[:, None] * factor / (height * lens.overscan) + 0.5) * drawn[1]
    return places


@lru_cache(maxsize=_KEPT_TABLES)
def _table(lens: _Lens, drawn: Size) -> LensTable:
    width, height = lens.size
    wide, high = width * lens.overscan, height * lens.overscan
    colour_size = drawn
    if drawn[0] > wide * _COLOUR_SCALE:
        colour_size = (round(wide * _COLOUR_SCALE), round(high * _COLOUR_SCALE))
    labels = np.empty((height, width, 2), np.int16)
    places = np.empty((height, width, 2), np.int16)
    between = np.empty((height, width), np.uint16)
    last = np.array(drawn) - 1
    for start in range(0, height, _ROWS_AT_ONCE):  # doubles of a whole picture are large
        rows = slice(start, min(start + _ROWS_AT_ONCE, height))
        exact = _places(lens, drawn, 0, rows.start, width, rows.stop)
        labels[rows] = np.clip(np.floor(exact), 0, last)
        exact = (exact * (np.array(colour_size) / drawn) - 0.5).astype(np.float32)
        places[rows], between[rows] = cv2.convertMaps(exact[..., 0], exact[..., 1], cv2.CV_16SC2)
    return LensTable(labels, places, between, colour_size)
