"""Draws the pictures of ``people.md``: ``python docs/make_people_pictures.py``."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people_gallery import FRONT, Studio, people_sheet, write_gallery

PICTURES = Path(__file__).parent / "pictures" / "people"
SEED, PEOPLE, QUALITY = 7, 30, 76
OF_A_DRESS = 10


def main() -> None:
    """Draw people, garments, look-alikes and profiles of dress; keep them as JPEG."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        recipe = PeopleRecipe(count=PEOPLE, look_alikes=0.35)
        for path in write_gallery(Path(folder), recipe, SEED, PEOPLE):
            _keep(path.stem, np.asarray(cv2.imread(str(path))))
    _keep("dresses", _dresses()[..., ::-1])


def _dresses() -> np.ndarray:
    """A row of people for every profile of dress, the same bodies in all."""
    cache, studio, rows = PeopleCache(), Studio(), []
    for dress in DRESSES:
        recipe = PeopleRecipe(count=OF_A_DRESS, dress=dress, look_alikes=0.0)
        specs = sample_people(recipe, SEED, range(OF_A_DRESS))
        cache.ensure(specs)
        people = [(dress, cache.load(spec.digest())) for spec in specs]
        rows.append(people_sheet(people, studio, columns=OF_A_DRESS, headings=(FRONT,)))
    return np.concatenate(rows)


def _keep(name: str, picture: np.ndarray) -> None:
    target = PICTURES / f"{name}.jpg"
    cv2.imwrite(str(target), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


if __name__ == "__main__":
    main()
