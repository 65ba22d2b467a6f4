"""What the outer columns show, where the person seldom is."""

from __future__ import annotations

import numpy as np

from training.looks.crops import Crops
from training.looks.registry import measure

_COLUMNS = 8
_OUTER = np.r_[:_COLUMNS, -_COLUMNS:0]
_MIDDLE = slice(24, 40)


@measure(
    "background edges",
    "grey levels",
    "how much a pixel of the 8 outer columns on each side differs from those above and below, "
    "summed",
)
def edges(crops: Crops) -> np.ndarray:
    # Upright differences would count the outline of the person, too.
    outer = crops.grey[:, :, _OUTER].astype(np.int16)
    return 2 * np.abs(np.diff(outer, axis=1)).mean((1, 2))


@measure(
    "background contrast",
    "Lab, 8-bit steps",
    "distance of the mean colours of the middle quarter of the columns and of the outer ones",
)
def apart(crops: Crops) -> np.ndarray:
    middle, outer = crops.lab[:, :, _MIDDLE].mean((1, 2)), crops.lab[:, :, _OUTER].mean((1, 2))
    return np.linalg.norm(middle - outer, axis=1)
