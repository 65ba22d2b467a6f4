"""One person of a recipe from every side: python examples/one_person.py FOLDER."""

import sys
from pathlib import Path

import cv2
import numpy as np

import unrealperson as up


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    recipe = up.load_recipe("demo", overrides={"seed": 7})
    (person,) = up.people_of(recipe, [3])
    views = up.turntable(person, views=8)
    cv2.imwrite(str(folder / "person.png"), np.concatenate(views, axis=1)[..., ::-1])
    print(person.person_id, "wears", ", ".join(garment.name for garment in person.garments))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/one_person"))
