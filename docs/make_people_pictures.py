"""Draws the pictures of ``people.md``: ``python docs/make_people_pictures.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people_gallery import write_gallery

PICTURES = Path(__file__).parent / "pictures" / "people"
SEED, PEOPLE, QUALITY = 7, 30, 76


def main() -> None:
    """Draw people, garments and look-alikes; keep them as JPEG."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        recipe = PeopleRecipe(count=PEOPLE, look_alikes=0.35)
        for path in write_gallery(Path(folder), recipe, SEED, PEOPLE):
            picture = np.asarray(cv2.imread(str(path)))
            target = PICTURES / f"{path.stem}.jpg"
            cv2.imwrite(str(target), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
