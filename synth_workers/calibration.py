"""Proves at level load that a level's masks can be trusted.

Everybody is shown at once, floating in a grid before a camera: the mask must hold every colour
of the palette exactly and no other, lit and mask must have the asked size and show the same
view. A level that fails is refused by name before any work is spent on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from manifests.errors import BadScene, FrameRejected
from synth_workers.contract import PersonLevel
from synth_workers.coordinates import rotation_axes
from synth_workers.coverage import Pose
from synth_workers.frames import decode_lit, decode_mask
from synth_workers.scenes.description import Camera

_DISTANCES_CM = (700.0, 450.0, 280.0, 1100.0)
_BODY_CENTRE_CM = 90.0
_LEAST_PIXELS = 12
_LEAST_CHANGE = 1.5  # grey levels by which people must change the lit image to be compared


def calibrate(level: PersonLevel, width: int, height: int) -> None:
    """Check palette, sizes and alignment of ``level``; ``BadScene`` says what is wrong."""
    names = tuple(level.cameras)
    level.capture([], [names[0]], 0)  # warms up textures and caches; may still be incomplete
    failure = "no camera"
    for name in names:
        for distance in _DISTANCES_CM:
            poses = floating_grid(level.cameras[name].camera, len(level.names), distance)
            failure = _failure(level, name, poses, width, height)
            if not failure:
                return
            if not failure.startswith("hidden"):
                raise BadScene(f"camera {name} of the level cannot be used: {failure}")
    raise BadScene(f"calibration of the level failed at every camera, last: {failure}")


def floating_grid(camera: Camera, count: int, distance: float) -> list[Pose]:
    """Poses of ``count`` people who hang in rows and columns across a camera's view."""
    forward, right, up = rotation_axes(camera.rotation)
    half_width = distance * math.tan(math.radians(camera.fov) / 2) * 0.8
    half_height = half_width * 0.5
    columns = max(1, math.ceil(math.sqrt(count * half_width / half_height)))
    rows = math.ceil(count / columns)
    poses: list[Pose] = []
    for number in range(count):
        row, column = divmod(number, columns)
        x = half_width * ((column + 0.5) / columns * 2 - 1)
        y = half_height * (1 - (row + 0.5) / rows * 2)
        centre = np.asarray(camera.location) + forward * distance + right * x + up * y
        root = centre - np.array([0.0, 0.0, _BODY_CENTRE_CM])
        position = (float(root[0]), float(root[1]), float(root[2]))
        poses.append(Pose(position, camera.rotation[1] + 180.0, "idle", 0.0))
    return poses


def _failure(
    level: PersonLevel, camera: str, poses: Sequence[Pose], width: int, height: int
) -> str:
    """What is wrong with one test capture, empty if nothing is."""
    frame = level.capture(poses, [camera], 0)[0]
    lit = decode_lit(frame.lit, frame.lit_format)
    if lit.shape[:2] != (height, width):
        return f"lit images are {lit.shape[1]}x{lit.shape[0]} instead of {width}x{height}"
    try:
        mask = decode_mask(frame.mask, level.colours)
    except FrameRejected as error:
        return f"mask colours are not those that were set: {error}"
    if mask.shape != (height, width):
        return f"masks are {mask.shape[1]}x{mask.shape[0]} instead of {width}x{height}"
    pixels = np.bincount(mask.ravel(), minlength=len(level.colours) + 1)[1:]
    missing = [name for name, count in zip(level.names, pixels) if count < _LEAST_PIXELS]
    if missing:
        return f"hidden or absent from the mask: {', '.join(missing)}"
    level.show(False)
    empty = decode_lit(level.capture_lit(camera), level.lit_format)
    level.show(True)
    return _misalignment(lit, empty, mask > 0)


def _misalignment(lit: np.ndarray, empty: np.ndarray, people: np.ndarray) -> str:
    """People change the lit image where the mask says they are, not elsewhere."""
    change = cv2.absdiff(
        cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY), cv2.cvtColor(empty, cv2.COLOR_RGB2GRAY)
    )
    inside, outside = float(change[people].mean()), float(change[~people].mean())
    if inside < _LEAST_CHANGE:
        return ""  # too dark to tell; frames are still checked one by one
    if inside < 2.0 * outside:
        return (
            f"lit and mask show different views (people change lit pixels by {inside:.1f} "
            f"inside the mask and {outside:.1f} outside)"
        )
    return ""
