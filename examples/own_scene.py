"""A scene of one's own, drawn and asked for in a recipe: python examples/own_scene.py FOLDER."""

import sys
from pathlib import Path

import cv2

import unrealperson as up

YARD = """
name: yard
version: 1
indoor: false
seed: 3
shadow_area: [0, 0, 15]
pieces:
  - {piece: floor, with: {rect: [-10, -10, 10, 10], material: setts}}
  - {piece: terrace, at: [[-10, 12]], heading: -90, with: {length: 20, styles: [brick]}}
  - {piece: tree, at: [[-4, 0], [4, 0]], vary: {height: [5, 6]}}
cameras:
  - {name: yard_c01, at: [0, -16, 4], look_at: [0, 0, 0.8], fov: 55}
walk: {nodes: {west: [-8, -3], east: [8, -3]}, paths: [{through: [west, east], width: 2}]}
lights: {day: {sky: day, azimuth: 30, elevation: 45}, night: {sky: night}}
"""


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "yard.yaml").write_text(YARD)
    up.add_scenes(folder)
    recipe = up.load_recipe("tiny", overrides={"scenes": [{"name": "yard"}]})
    with up.Scene("yard", up.people_of(recipe), seed=1) as scene:
        cv2.imwrite(str(folder / "yard.png"), scene.render(light="day").lit[..., ::-1])
    print("up.build(recipe) would now render", recipe.people.count, "people in", recipe.scenes)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/own_scene"))
