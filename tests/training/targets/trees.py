"""Tiny data sets on disk, named exactly like the official ones."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import cv2
import numpy as np


def write_images(root: Path, names: Iterable[str]) -> None:
    """One small picture per name; the extension decides the format."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_picture(path.suffix))


@cache
def _picture(suffix: str) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 12, 3), dtype=np.uint8)
    return cv2.imencode(suffix, pixels)[1].tobytes()
