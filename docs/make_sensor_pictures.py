"""Draws the pictures of ``sensors.md``: ``python docs/make_sensor_pictures.py``.

The same moments through every sensor, in frames and in crops of people.
"""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.engine.sensor import SensorSettings
from synth_workers.engine.sensor_chains import CHAINS, through_chain
from synth_workers.people.looks.sampling import sample_people
from synth_workers.stills import Scene, Still

PICTURES = Path(__file__).parent / "pictures" / "sensors"
PEOPLE, CROPS, SHOWN = 24, 9, (256, 96)
PLACES = (("street", "day"), ("crossing", "overcast"), ("supermarket", "warm"))


def main() -> None:
    """One sheet: a row of crops per sensor, the same people in all; prints what a frame costs."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    people = sample_people(PeopleRecipe(count=PEOPLE), 7, range(PEOPLE))
    stills: list[Still] = []
    with Scene(PLACES[0][0], people, width=1024, height=576) as scene:
        for name, light in PLACES:
            scene.enter(name, seed=3)
            stills += [scene.render(each.name, light) for each in scene.description.cameras[:6]]
    rows = []
    for name in CHAINS.names:
        began = time.process_time()
        pictures = [_delivered(still, name, number) for number, still in enumerate(stills)]
        cost = 1000 * (time.process_time() - began) / len(stills)
        print(f"{name}: {cost:.1f} CPU-ms a frame of 1024x576")
        rows.append(_row(name, pictures, stills))
    sheet = np.concatenate(rows)[..., ::-1]
    cv2.imwrite(str(PICTURES / "sensors.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])


def _delivered(still: Still, name: str, number: int) -> np.ndarray:
    settings = SensorSettings(chain=name, camera=100 + number)
    return through_chain(still.lit, settings, lambda: still.depth)


def _row(name: str, pictures: list[np.ndarray], stills: list[Still]) -> np.ndarray:
    height, width = SHOWN
    crops = []
    for picture, still in zip(pictures, stills):
        large = [person for person in still.people if person.visibility > 0.9]
        large = sorted(large, key=lambda person: person.box[1] - person.box[3])[:1]
        for x0, y0, x1, y1 in (person.box for person in large):
            crop = cv2.resize(picture[y0:y1, x0:x1], (width, height), interpolation=cv2.INTER_AREA)
            crops.append(crop)
    row = np.concatenate(crops[:CROPS], axis=1)
    title = np.full((26, row.shape[1], 3), 255, np.uint8)
    cv2.putText(title, name, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([title, row])


if __name__ == "__main__":
    main()
