"""Colours of what is worn above and below, from the regions where an upright person wears it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from training.looks.colour_names import NAMES, main_colour
from training.looks.crops import Crops
from training.looks.registry import measure

# Rows and columns at 128x64. The same on both sides, whatever labels one of them has: otherwise
# the regions would differ, not the clothes.
_COLUMNS = slice(19, 45)
REGIONS = {"upper": (slice(26, 58), _COLUMNS), "lower": (slice(70, 109), _COLUMNS)}
"""Rows and columns of the two regions."""

_DARK, _LIGHT = 64, 160


def _value(region: str, crops: Crops) -> np.ndarray:
    return crops.hsv[:, *REGIONS[region], 2].mean((1, 2))


def _chroma(region: str, crops: Crops) -> np.ndarray:
    return np.linalg.norm(crops.lab[:, *REGIONS[region], 1:], axis=3).mean((1, 2))


def _dark(region: str, crops: Crops) -> np.ndarray:
    return _value(region, crops) < _DARK


def _light(region: str, crops: Crops) -> np.ndarray:
    return _value(region, crops) >= _LIGHT


def _called(name: str, region: str, crops: Crops) -> np.ndarray:
    rows, columns = REGIONS[region]
    return main_colour(crops.hsv[:, rows, columns]) == NAMES.index(name)


def _register(region: str, what: str, of: Callable[[str, Crops], np.ndarray], about: str) -> None:
    measure(f"{region} {what}", "", f"{about} of the {region} body", share=True)(
        partial(of, region)
    )


for _region in REGIONS:
    measure(f"{_region} value", "0 to 255", f"mean value (HSV) of the {_region} body")(
        partial(_value, _region)
    )
    measure(f"{_region} chroma", "Lab, 8-bit steps", f"mean chroma of the {_region} body")(
        partial(_chroma, _region)
    )
    _register(_region, "dark", _dark, f"value below {_DARK}")
    _register(_region, "light", _light, f"value of {_LIGHT} or more")
    for _name in NAMES:
        _register(_region, _name, partial(_called, _name), "main colour")
