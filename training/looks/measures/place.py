"""Where the person is in the crop: by the labels of data sets that have them, else by the detail
that the picture itself shows."""

from __future__ import annotations

import numpy as np

from training.looks.crops import HEIGHT, WIDTH, Crops
from training.looks.registry import measure


@measure("detail across", "share of the width", "centre of the Laplacian's absolute value")
def detail_across(crops: Crops) -> np.ndarray:
    return _centre(crops, 1, WIDTH)


@measure("detail down", "share of the height", "centre of the Laplacian's absolute value")
def detail_down(crops: Crops) -> np.ndarray:
    return _centre(crops, 2, HEIGHT)


def _centre(crops: Crops, summed: int, length: int) -> np.ndarray:
    detail = np.abs(crops.laplacian).sum(summed)
    total = detail.sum(1)
    place = (np.arange(length) + 0.5) / length
    return np.where(total > 0, detail @ place / np.maximum(total, 1e-9), np.nan)


@measure("margin beside", "share of the width", "left and right of the person, by labels")
def beside(crops: Crops) -> np.ndarray:
    x0, _, x1, _ = crops.labels.box.T
    return 1 - (x1 - x0)


@measure("margin above", "share of the height", "above the person, by labels")
def above(crops: Crops) -> np.ndarray:
    return crops.labels.box[:, 1]


@measure("margin below", "share of the height", "below the person, by labels")
def below(crops: Crops) -> np.ndarray:
    return 1 - crops.labels.box[:, 3]


@measure(
    "off centre", "share of the width", "middle of the person from that of the crop, by labels"
)
def off_centre(crops: Crops) -> np.ndarray:
    x0, _, x1, _ = crops.labels.box.T
    return np.abs((x0 + x1) / 2 - 0.5)


@measure("filled", "share of the crop", "pixels that are the person's, by labels")
def filled(crops: Crops) -> np.ndarray:
    return crops.labels.filled


@measure("visibility", "share of the body", "what nothing hides, by labels")
def visibility(crops: Crops) -> np.ndarray:
    return crops.labels.visibility


@measure("truncation", "share of the full box", "what lies outside the frame, by labels")
def truncation(crops: Crops) -> np.ndarray:
    return crops.labels.truncation


@measure("other people", "", "crops that show somebody else, too, by labels", share=True)
def other_people(crops: Crops) -> np.ndarray:
    return crops.labels.others
