"""One picture of a scene, with mask, depth and boxes: python examples/one_frame.py FOLDER."""

import sys
from pathlib import Path

import cv2
import numpy as np

import unrealperson as up


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    people = up.people_of(up.load_recipe("demo"), range(12))
    with up.Scene("street", people, seed=2) as scene:
        still = scene.render(scene.description.cameras[1].name, light="overcast")

    cv2.imwrite(str(folder / "lit.png"), still.lit[..., ::-1])
    cv2.imwrite(str(folder / "mask.png"), still.mask * 20)
    cv2.imwrite(str(folder / "depth.png"), np.clip(still.depth / 20, 0, 255).astype(np.uint8))
    boxes = still.lit[..., ::-1].copy()
    for person in still.people:
        x0, y0, x1, y1 = person.box
        cv2.rectangle(boxes, (x0, y0), (x1, y1), (0, 220, 255), 2)
        print(f"{person.person_id}: box {person.box}, {person.visibility:.0%} visible")
    cv2.imwrite(str(folder / "boxes.png"), boxes)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/one_frame"))
