"""Tiny data sets on disk, named exactly like the official ones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np


def write_images(root: Path, names: Iterable[str]) -> None:
    """One small picture per name; the extension decides the format."""
    picture = np.random.default_rng(0).integers(0, 256, (24, 12, 3), dtype=np.uint8)
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(path.suffix, picture)
        path.write_bytes(data.tobytes())
