"""Draws the pictures of ``sensors.md``: ``python docs/make_sensor_pictures.py``.

The same moments through every sensor, in frames and in crops of people.
"""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np

from manifests.people import PeopleRecipe
from synth_workers.engine.sensor_chains import CHAINS
from synth_workers.people.looks.sampling import sample_people
from synth_workers.stills import Scene, Still

PICTURES = Path(__file__).parent / "pictures" / "sensors"
PEOPLE, CROPS, SHOWN = 24, 9, (256, 96)
EXPOSURES = (0.0, 0.01, 0.02, 0.04)
PLACES = (("street", "day"), ("crossing", "overcast"), ("supermarket", "warm"))


def main() -> None:
    """Two sheets: a row of crops per sensor and one per exposure, the same people in each; prints
    what a frame costs."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    people = sample_people(PeopleRecipe(count=PEOPLE), 7, range(PEOPLE))
    seen: dict[str, list[Still]] = {name: [] for name in CHAINS.names}
    exposed: dict[float, list[Still]] = {seconds: [] for seconds in EXPOSURES}
    sensing, spent = dict.fromkeys(CHAINS.names, 0.0), dict.fromkeys(EXPOSURES, 0.0)
    with Scene(PLACES[0][0], people, width=1024, height=576) as scene:
        for place, light in PLACES:
            scene.enter(place, seed=3)
            for camera in scene.description.cameras[:6]:
                scene.render(camera.name, light)  # drawn once for all sensors
                for name in CHAINS.names:
                    began = time.process_time()
                    seen[name].append(scene.render(camera.name, light, sensor=name))
                    sensing[name] += time.process_time() - began
            for camera in scene.description.cameras[:6]:
                for seconds in EXPOSURES:
                    began = time.process_time()
                    exposed[seconds].append(scene.render(camera.name, exposure=seconds))
                    spent[seconds] += time.process_time() - began
    stills, rows = seen["scene"], []
    for name, each in seen.items():
        cost = 1000 * (sensing[name] - sensing["scene"]) / len(each)
        print(f"{name}: {cost:.1f} CPU-ms more for a frame of 1024x576")
        rows.append(_row(name, [still.lit for still in each], stills))
    _keep("sensors", rows)
    rows = []
    for seconds, each in exposed.items():
        drawn = [still.lit for still in each]
        print(f"{seconds} s open: {1000 * spent[seconds] / len(each):.1f} CPU-ms drawn and read")
        rows.append(_row(f"about {1000 * seconds:.0f} ms", drawn, exposed[0.0]))
    _keep("exposures", rows)


def _keep(name: str, rows: list[np.ndarray]) -> None:
    width = min(row.shape[1] for row in rows)
    sheet = np.concatenate([row[:, :width] for row in rows])[..., ::-1]
    cv2.imwrite(str(PICTURES / f"{name}.jpg"), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88])


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
