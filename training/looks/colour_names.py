"""Pixels by the name of their colour, in the categories that attribute data sets label clothes
with (black, white, grey, …)."""

from __future__ import annotations

import numpy as np

NAMES = (
    "black",
    "white",
    "grey",
    "brown",
    "red",
    "orange",
    "yellow",
    "green",
    "blue",
    "purple",
    "pink",
)
"""In the order of the codes."""

_BLACK_BELOW = 60
_WHITE_FROM = 165
_COLOURLESS = 0.22
"""Share of the value below which differences of the channels are no colour."""

# First hue (of 180) of each sector, and what colours are called there when they are light and
# when they are dark.
_SECTORS = (
    (0, "red", "red"),
    (6, "orange", "brown"),
    (19, "yellow", "brown"),
    (34, "green", "green"),
    (88, "blue", "blue"),
    (129, "purple", "purple"),
    (160, "pink", "red"),
    (173, "red", "red"),
)
_BROWN_BELOW = 150
_PALE = 0.5
"""A light red less saturated than this is pink."""


def _table() -> np.ndarray:
    """(180, 256, 256) uint8: code of each hue, saturation and value."""
    starts = np.array([start for start, _, _ in _SECTORS])
    sector = np.searchsorted(starts, np.arange(180), side="right") - 1
    light, dark = (
        np.array([NAMES.index(names[place]) for names in _SECTORS], np.uint8)[sector]
        for place in (1, 2)
    )
    saturation, value = np.arange(256)[:, None] / 255, np.arange(256)[None, :]
    bright = value >= _BROWN_BELOW
    codes = np.empty((180, 256, 256), np.uint8)
    codes[:] = np.where(bright, light[:, None, None], dark[:, None, None])
    codes[(codes == NAMES.index("red")) & bright & (saturation < _PALE)] = NAMES.index("pink")
    colourless = np.broadcast_to(saturation < _COLOURLESS, codes.shape[1:])
    codes[:, colourless] = NAMES.index("grey")
    codes[:, colourless & (value >= _WHITE_FROM)] = NAMES.index("white")
    codes[:, :, :_BLACK_BELOW] = NAMES.index("black")
    return codes


_CODES = _table()


def main_colour(hsv: np.ndarray) -> np.ndarray:
    """The most frequent colour of each of N regions, as positions in ``NAMES``.

    ``hsv`` (N, h, w, 3) uint8: hue 0 to 179, saturation and value 0 to 255. Of equally frequent
    ones the first in ``NAMES``.
    """
    codes = _CODES[hsv[..., 0], hsv[..., 1], hsv[..., 2]].reshape(len(hsv), -1)
    counts = np.stack([(codes == code).sum(1) for code in range(len(NAMES))], axis=1)
    return counts.argmax(1)
