"""Draws the pictures of docs/engine.md: every scene in every light.

``python docs/make_engine_pictures.py`` writes ``docs/pictures/engine/<scene>_<light>.jpg``: what
the engine draws for a worker, with people of a shipped recipe on the scene's paths. Each light
is seen by another camera.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2

from manifests.recipes_io import load_recipe
from synth_workers.people.looks.sampling import people_of
from synth_workers.scenes.library import scene_names
from synth_workers.stills import Scene

FOLDER = Path(__file__).parent / "pictures" / "engine"
_SEED = 5
_JPEG_QUALITY = 95


def main() -> None:
    """Write ``<scene>_<light>.jpg`` for every scene and light into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--people", type=int, default=45)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    recipe = load_recipe("demo")
    people = people_of(recipe, range(options.people))
    first, *_ = scene_names()
    size = {"width": options.width, "height": options.height}
    with Scene(first, people, seed=_SEED, supersampling=1.5, **size) as drawn:
        for name in scene_names():
            drawn.enter(name, _SEED)
            cameras = drawn.description.cameras
            for i, light in enumerate(drawn.description.lights):
                still = drawn.render(cameras[i % len(cameras)].name, light)
                path = options.folder / f"{name}_{light}.jpg"
                quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
                cv2.imwrite(str(path), still.lit[..., ::-1], quality)
                print(path, flush=True)


if __name__ == "__main__":
    main()
