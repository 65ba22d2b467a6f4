"""Sheets of pictures of scenes for people who look: a row for each scene, a picture from each of
its cameras, drawn by the embedded engine as it would draw them for a worker. Needs OpenGL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from manifests.errors import BadScene
from manifests.whole_files import write_whole
from synth_workers.people.spec import PersonSpec
from synth_workers.stills import Scene

ANY_LIGHT = "any"
"""Asks for another of the scene's lights in each picture."""

_SUPERSAMPLING = 1.5
_MOST_ROWS = 200
_JPEG_QUALITY = 82


def draw_sheet(
    scenes: Sequence[str],
    people: Sequence[PersonSpec] = (),
    *,
    light: str = "day",
    cameras: int = 6,
    size: tuple[int, int] = (320, 180),
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> np.ndarray:
    """(rows * height, cameras * width, 3) uint8 RGB; black where a scene has no camera left.

    ``light``: a light that all of them have, or ``any``. ``people`` walk where ``seed`` says.
    ``size``: width and height of one picture, pixels. Raises ``BadScene`` for an unknown scene.
    """
    if not 0 < len(scenes) <= _MOST_ROWS:
        raise BadScene(f"a sheet shows 1 to {_MOST_ROWS} scenes, asked for {len(scenes)}")
    width, height = size
    sheet = np.zeros((len(scenes) * height, cameras * width, 3), np.uint8)
    how = {"width": width, "height": height, "supersampling": _SUPERSAMPLING}
    with Scene(scenes[0], people, seed=seed, **how) as drawn:
        for row, name in enumerate(scenes):
            if row:
                drawn.enter(name, seed)
            lights = drawn.description.lights
            for column, camera in enumerate(drawn.description.cameras[:cameras]):
                lit = lights[(row + column) % len(lights)] if light == ANY_LIGHT else light
                still = drawn.render(camera.name, lit)
                top, left = row * height, column * width
                sheet[top : top + height, left : left + width] = still.lit
            progress(row + 1, len(scenes))
    return sheet


def expect_picture(path: Path) -> None:
    """Raises ``BadScene`` for a suffix other than .png and .jpg."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise BadScene(f"{path}: a sheet is a picture; call it .png or .jpg")


def write_sheet(path: Path, sheet: np.ndarray) -> None:
    """Write an RGB picture; its suffix says in which format, see ``expect_picture``."""
    expect_picture(path)
    form = path.suffix.lower()
    how = [] if form == ".png" else [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    coded, data = cv2.imencode(form, sheet[..., ::-1], how)
    assert coded
    write_whole(path, data.tobytes())
