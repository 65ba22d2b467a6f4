"""Pictures of anything, drawn: the clothes of the paper's `random` mode, without photographs.

The paper cuts random clothes out of ImageNet and COCO. Who has photographs names their folder;
these stand in for them: shapes of any colour over a cloud of 1/f noise, as photographs have.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from manifests.errors import StoreUnavailable
from manifests.whole_files import write_whole

COUNT = 60
_SIDE = 192
_SHAPES = (6, 18)


def drawn_pictures(folder: Path) -> Path:
    """The folder, filled with ``COUNT`` pictures unless it holds them already."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(COUNT):
        path = folder / f"{number:03d}.png"
        if path.is_file():
            continue
        encoded = cv2.imencode(".png", draw_picture(number))[1]
        try:
            write_whole(path, encoded.tobytes())
        except OSError as error:
            raise StoreUnavailable(f"{path}: cannot be written: {error.strerror}") from error
    return folder


def draw_picture(number: int) -> np.ndarray:
    """Picture ``number``: (192, 192, 3) uint8, the same on every machine."""
    rng = np.random.default_rng([2021, number])
    waves = np.fft.rfftfreq(_SIDE)[None, :] ** 2 + np.fft.fftfreq(_SIDE)[:, None] ** 2
    falling = 1 / np.sqrt(np.maximum(waves, 1 / _SIDE**2))
    cloud = np.stack(
        [
            np.fft.irfft2(falling * np.exp(2j * np.pi * rng.random(falling.shape)), (_SIDE, _SIDE))
            for _ in range(3)
        ],
        axis=2,
    )
    cloud /= cloud.std(axis=(0, 1))
    picture = np.clip(rng.uniform(40, 215, 3) + rng.uniform(15, 45) * cloud, 0, 255)
    picture = np.ascontiguousarray(picture.astype(np.uint8))
    for _ in range(int(rng.integers(*_SHAPES))):
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        x, y = (int(v) for v in rng.integers(0, _SIDE, 2))
        size = int(rng.integers(8, _SIDE // 3))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), size // 2, colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, (x, y), (x + size, y + int(rng.integers(6, 60))), colour, -1)
    return picture
