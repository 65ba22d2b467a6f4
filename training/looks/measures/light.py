"""Luminance, contrast and colour cast of the whole crop."""

from __future__ import annotations

import numpy as np

from training.looks.crops import Crops
from training.looks.registry import measure


@measure("luminance", "0 to 255", "mean grey level")
def luminance(crops: Crops) -> np.ndarray:
    return crops.grey.mean((1, 2))


@measure("contrast", "grey levels", "standard deviation of the grey levels")
def contrast(crops: Crops) -> np.ndarray:
    return crops.grey.std((1, 2))


@measure("saturation", "0 to 255", "mean saturation (HSV)")
def saturation(crops: Crops) -> np.ndarray:
    return crops.hsv[..., 1].mean((1, 2))


@measure("cast green to red", "Lab a, 8-bit steps", "mean of a: below 0 greenish, above reddish")
def green_red(crops: Crops) -> np.ndarray:
    return crops.lab[..., 1].mean((1, 2))


@measure("cast blue to yellow", "Lab b, 8-bit steps", "mean of b: below 0 bluish, above yellowish")
def blue_yellow(crops: Crops) -> np.ndarray:
    return crops.lab[..., 2].mean((1, 2))


@measure("lightness", "Lab L, 0 to 255", "mean of L: luminance as the eye takes it")
def lightness(crops: Crops) -> np.ndarray:
    return crops.lab[..., 0].mean((1, 2))
