"""What cameras of worlds deliver: pictures in which people could be told apart, in any light.

``WORLDS_TESTED=4 pytest -n0 tests/synth_workers/scenes/test_world_pictures.py`` tries every family.
"""

import itertools
import os
from collections.abc import Iterator

import numpy as np
import pytest

from synth_workers.scenes.families.registry import FAMILIES
from synth_workers.stills import Scene

COUNT = int(os.environ.get("WORLDS_TESTED", "0"))
WORLDS = [f"{family}-{number}" for family in FAMILIES.names for number in range(COUNT)] or [
    "car_park-31", "street-1", "corridor-2",
]  # fmt: skip

DARKEST, BRIGHTEST = 20.0, 205.0
"""Mean grey levels of a picture: night beside a lamp, snow-white stones at noon."""

MOST_BLACK, MOST_CLIPPED = 0.3, 0.08
"""Shares of pixels below 10 and above 249, in which nothing can be seen."""


@pytest.fixture(scope="module")
def drawn() -> Iterator[Scene]:
    with Scene(WORLDS[0], width=192, height=108, supersampling=1.0) as scene:
        yield scene


@pytest.mark.parametrize("name", WORLDS)
def test_pictures_are_neither_black_nor_burnt_out_in_any_light(drawn: Scene, name: str) -> None:
    drawn.enter(name)
    cameras = itertools.cycle(camera.name for camera in drawn.description.cameras)
    for light, camera in zip(drawn.description.lights, cameras, strict=False):
        grey = drawn.render(camera, light).lit @ np.array([0.299, 0.587, 0.114])
        told = (camera, light, grey.mean(), (grey < 10).mean(), (grey > 249).mean())
        assert DARKEST < grey.mean() < BRIGHTEST, told
        assert (grey < 10).mean() < MOST_BLACK and (grey > 249).mean() < MOST_CLIPPED, told
        assert grey.std() > 6, told
