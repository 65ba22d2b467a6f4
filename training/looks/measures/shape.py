"""Size and proportions of the stored crop."""

from __future__ import annotations

import numpy as np

from training.looks.crops import Crops
from training.looks.registry import measure


@measure("height", "px", "height of the stored picture")
def height(crops: Crops) -> np.ndarray:
    return np.array([picture.shape[0] for picture in crops.stored])


@measure("width", "px", "width of the stored picture")
def width(crops: Crops) -> np.ndarray:
    return np.array([picture.shape[1] for picture in crops.stored])


@measure("aspect", "height / width", "proportions of the stored picture")
def aspect(crops: Crops) -> np.ndarray:
    return height(crops) / width(crops)
