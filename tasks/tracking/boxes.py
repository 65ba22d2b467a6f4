"""Boxes of a detector in a sequence, and the people in them, cut out of its frames."""

from __future__ import annotations

import cv2
import numpy as np
import pandas as pd

from manifests.errors import CorruptData, NotFound
from tasks.tracking.sequences import MotSequence

BOX = ("left", "top", "width", "height")
_COLUMNS = ["frame", "person", *BOX]


def detections(sequence: MotSequence) -> pd.DataFrame:
    """Boxes without identities, by tick; ``NotFound`` without ``det/det.txt``, ``CorruptData`` for
    one that is no such list."""
    path = sequence.folder / "det" / "det.txt"
    if not path.is_file():
        raise NotFound(f"{path}: no detections; run a detector, or export the data set again")
    if not path.stat().st_size:
        return pd.DataFrame(columns=_COLUMNS)
    try:
        found = pd.read_csv(path, header=None, usecols=range(6), names=_COLUMNS, dtype=float)
        if not np.isfinite(found).all(axis=None):
            raise ValueError("numbers are missing")
    except ValueError as error:
        raise CorruptData(f"{path}: no detections as MOTChallenge has them ({error})") from None
    return found.astype({"frame": int}).sort_values("frame", kind="stable")


def frame_of(sequence: MotSequence, tick: int) -> np.ndarray:
    """The picture (H, W, 3) uint8 BGR of a tick; ``NotFound`` if there is none that can be read."""
    path = sequence.pictures / f"{tick:06d}{sequence.suffix}"
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise NotFound(f"{path}: no picture of this tick, or a damaged one")
    return picture


def cut(picture: np.ndarray, box: np.ndarray) -> np.ndarray:
    """What is in a box (left, top, width, height) from 1: (h, w, 3) uint8 sRGB, never empty."""
    height, width = picture.shape[:2]
    x0, y0 = np.clip(np.floor(box[:2] - 1), 0, (width - 1, height - 1)).astype(int)
    x1, y1 = np.clip(np.ceil(box[:2] - 1 + box[2:]), (x0 + 1, y0 + 1), (width, height)).astype(int)
    return np.ascontiguousarray(picture[y0:y1, x0:x1, ::-1])
