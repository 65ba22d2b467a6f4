"""Crops of people who never were: blobs of cloth before a wall, as cameras of several looks have
them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from manifests.crop_looks import CropLook
from tasks.annotate.crop_looks import graded
from tasks.match.probe import ProbeCrops
from training.looks.crops import Crops, Labels

LOOKS = {
    "gate": CropLook(brightness=0.7, warmth=0.15, saturation=0.7, noise=5.0),
    "hall": CropLook(brightness=1.2, contrast=1.3, warmth=-0.15, sharpness=0.8),
}


def person(number: int, height: int = 128, width: int = 56) -> np.ndarray:
    """(height, width, 3) uint8 sRGB: head, coat and trousers before a wall, all by ``number``."""
    rng = np.random.default_rng([number, 5])
    wall = rng.normal(size=(height, width, 3)).astype(np.float32)
    wall = 110 + 20 * cv2.GaussianBlur(wall, (0, 0), 2) / 0.15
    picture = np.clip(wall, 0, 255)
    middle, half = width // 2 + int(rng.integers(-3, 4)), width // 4
    for top, low, wide in ((0.05, 0.2, 0.5), (0.2, 0.55, 1.0), (0.55, 0.97, 0.8)):
        reach = int(half * wide)
        rows = slice(int(top * height), int(low * height))
        cloth = rng.uniform(20, 220, 3)
        body = picture[rows, middle - reach : middle + reach]
        body[:] = 0.25 * body + 0.75 * cloth
    return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)


def under(look: CropLook, picture: np.ndarray, number: int) -> np.ndarray:
    """What a camera makes of a picture, sRGB."""
    rng = np.random.default_rng([number, 9])
    return graded(np.ascontiguousarray(picture[..., ::-1]), look, 110.0, rng)[..., ::-1]


def ours(count: int) -> ProbeCrops:
    """As many crops of a probe, by three cameras, of two lights of the scene street."""
    stored = [person(number, 180, 70) for number in range(count)]
    rows = np.arange(count)
    return ProbeCrops(
        Crops(stored, Labels.unknown(count)),
        np.array([f"street_c{row % 3}" for row in rows]),
        np.full(count, "street"),
        np.array(["day" if row % 2 else "fog" for row in rows]),
        rows % 40,
        np.full(count, 110.0),
    )


def write_folder(folder: Path, each: int = 30, looks: dict[str, CropLook] = LOOKS) -> Path:
    """A folder with a sub-folder of PNGs for each camera."""
    for place, (camera, look) in enumerate(looks.items()):
        (folder / camera).mkdir(parents=True)
        for number in range(each):
            picture = under(look, person(1000 * (place + 1) + number), number)
            encoded = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1]
            (folder / camera / f"{number:03d}.png").write_bytes(encoded.tobytes())
    return folder
