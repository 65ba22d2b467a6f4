"""Draws the picture of drawn lights in ``scenes.md``: ``python docs/make_light_pictures.py``.

A row for each of two scenes, the same moment under every light that is drawn for it.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.people.looks.sampling import sample_people
from synth_workers.stills import Scene

PICTURE = Path(__file__).parent / "pictures" / "lights.jpg"
PEOPLE, SIZE = 12, {"width": 400, "height": 226}
PLACES = (("street", "street_c01"), ("supermarket", "supermarket_c01"))


def main() -> None:
    """Write the sheet."""
    people = sample_people(PeopleRecipe(count=PEOPLE), 7, range(PEOPLE))
    rows: list[np.ndarray] = []
    with Scene(PLACES[0][0], people, supersampling=1.5, **SIZE) as scene:
        for name, camera in PLACES:
            scene.enter(name, seed=3)
            lights = scene.description.drawn_lights
            rows.append(np.concatenate([scene.render(camera, each).lit for each in lights], axis=1))
    sheet = np.concatenate(rows)[..., ::-1]
    cv2.imwrite(str(PICTURE), sheet, [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main()
