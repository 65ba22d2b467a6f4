"""How bright the clothes of a data set's people are, from the labels of its crops."""

from __future__ import annotations

import numpy as np
import pandas as pd


def brightest_channel(rows: pd.DataFrame) -> np.ndarray:
    """Value (of hue, saturation, value) of every garment of every crop, 0 to 255; shape (n,)."""
    colours = np.concatenate(rows["garment_colours"].to_list()).astype(np.int64)
    return np.max([colours >> 16 & 255, colours >> 8 & 255, colours & 255], axis=0)
