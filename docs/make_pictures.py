"""Draws the README's pictures from a published data set.

``python docs/make_pictures.py <store> <dataset>`` writes ``docs/pictures/gallery.jpg``: people in
rows, cameras in columns.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from manifests.dataset import Dataset
from manifests.reader import SnapshotReader, open_snapshot
from manifests.stores import open_store
from tasks.report.gallery import plan_gallery

FOLDER = Path(__file__).parent / "pictures"
CROP = (96, 192)
PEOPLE, CAMERAS, PER_CELL = 6, 6, 2


def draw_gallery(reader: SnapshotReader) -> np.ndarray:
    """(PEOPLE * 192, CAMERAS * PER_CELL * 96, 3) uint8 BGR."""
    table, jpegs = reader.crops()
    rows = table.to_pandas()
    images = dict(zip(rows["crop_key"], jpegs))
    plan = plan_gallery(rows, PEOPLE, CAMERAS, PER_CELL)
    strips = []
    for cells in plan.cells:
        strip = []
        for keys in cells:
            crops = [_crop(images[key]) for key in keys]
            crops += [np.full((CROP[1], CROP[0], 3), 255, np.uint8)] * (PER_CELL - len(crops))
            strip += crops
        strips.append(np.concatenate(strip, axis=1))
    return np.concatenate(strips)


def _crop(jpeg: bytes) -> np.ndarray:
    """A whole crop at its own proportions, centred in its cell on white."""
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    scale = min(CROP[0] / image.shape[1], CROP[1] / image.shape[0])
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = image.shape[:2]
    cell = np.full((CROP[1], CROP[0], 3), 255, np.uint8)
    x, y = (CROP[0] - width) // 2, (CROP[1] - height) // 2
    cell[y : y + height, x : x + width] = image
    return cell


def main() -> None:
    """Write every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("dataset")
    arguments = parser.parse_args()
    reader = open_snapshot(Dataset(arguments.dataset, open_store(arguments.store)))
    FOLDER.mkdir(exist_ok=True)
    cv2.imwrite(str(FOLDER / "gallery.jpg"), draw_gallery(reader), [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
