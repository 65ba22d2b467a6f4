"""Proves at level load that a level's masks can be trusted.

People are shown at once, floating in a grid before a camera: masks must hold every colour
of the palette exactly and no other (or colours that are learnt to stand for them), lit and mask
must have the asked size and show the same view. A level that fails is refused by name before
any work is spent on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from manifests.errors import BadScene, FrameRefused
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.coordinates import rotation_axes
from synth_workers.images import decode_lit, decode_mask
from synth_workers.planning.coverage import Pose
from synth_workers.scenes.description import Camera
from synth_workers.worker.frames import RawFrame
from synth_workers.worker.palette import Colour, least_separation, packed

_DISTANCES_CM = (700.0, 450.0, 280.0, 1100.0)
_BODY_CENTRE_CM = 90.0
_GOLDEN = 0.6180339887
_LEAST_PIXELS = 12
_LEAST_SHARE = 0.25  # of all people, to compare mask and lit image
_MOST_NAMED = 5
_LEAST_SEPARATION = 8  # between colours as masks show them, and from black
_MOST_OFFSET = 2  # pixels
_LEAST_CHANGE = 1.5  # grey levels by which people must change the lit image to be compared


def calibrate(level: PersonLevel, width: int, height: int) -> None:
    """Check palette, sizes and alignment of ``level``; ``BadScene`` says what is wrong.

    Scenery may stand before some people in every picture: whoever was not seen takes another place
    in the next one.
    """
    names = tuple(level.cameras)
    level.capture([], [names[0]], 0)  # warms up textures and caches; may still be incomplete
    count = len(level.names)
    unseen, fits, misfit, tried = np.ones(count, bool), False, "", 0
    for name in names:
        for distance in _DISTANCES_CM:
            poses = floating_grid(level.cameras[name].camera, count, distance)
            moved = round(tried * _GOLDEN * count) % count
            frame = learn_colours(level, name, poses[moved:] + poses[:moved])
            tried += 1
            if frame is None:
                continue
            seen, offset = _judged(level, name, frame, (width, height))
            if offset is not None and offset != (0, 0):
                misfit = (
                    f"camera {name} of the level cannot be used: lit and mask show different "
                    f"views, {offset[0]} and {offset[1]} pixels apart"
                )
                # Where some are hidden it may be their shadows that do not fit.
                if seen.all():
                    raise BadScene(misfit)
            fits |= offset == (0, 0)
            unseen &= ~seen
            if fits and not unseen.any():
                return
    missing = [who for who, never in zip(level.names, unseen) if never]
    if not missing and misfit:
        raise BadScene(misfit)
    if len(missing) == count:
        why = "nobody is in the mask"
    else:
        some = ", ".join(missing[:_MOST_NAMED]) + (", ..." if len(missing) > _MOST_NAMED else "")
        why = f"{len(missing)} of {count} people are hidden or absent from the mask: {some}"
    raise BadScene(f"calibration of the level failed in {tried} pictures of all cameras: {why}")


def floating_grid(camera: Camera, count: int, distance: float) -> list[Pose]:
    """Poses of ``count`` people who hang in uneven rows and columns across a camera's view.

    Uneven, so that no view but the right one fits the mask.
    """
    forward, right, up = rotation_axes(camera.rotation)
    half_width = distance * math.tan(math.radians(camera.fov) / 2) * 0.8
    half_height = half_width * 0.5
    columns = max(1, math.ceil(math.sqrt(count * half_width / half_height)))
    rows = math.ceil(count / columns)
    poses: list[Pose] = []
    for number in range(count):
        row, column = divmod(number, columns)
        aside, aloft = number * _GOLDEN % 1.0, number * _GOLDEN**2 % 1.0
        x = half_width * ((column + 0.2 + 0.6 * aside) / columns * 2 - 1)
        y = half_height * (1 - (row + 0.2 + 0.6 * aloft) / rows * 2)
        centre = np.asarray(camera.location) + forward * distance + right * x + up * y
        root = centre - np.array([0.0, 0.0, _BODY_CENTRE_CM])
        position = (float(root[0]), float(root[1]), float(root[2]))
        poses.append(Pose(position, camera.rotation[1] + 180.0, "idle", 0.0))
    return poses


def learn_colours(level: PersonLevel, camera: str, poses: Sequence[Pose]) -> RawFrame | None:
    """Make ``level`` know its colours as masks show them; a frame with them, None if nobody is in
    the mask.

    If the first mask holds colours nobody was given, everybody is painted in one colour after
    the other to see what becomes of each. ``BadScene`` if they come out too close to be told
    apart, or mixed.
    """
    level.shown_colours = level.colours
    frame = _captured(level, camera, poses)
    found = decode_mask(frame.mask).shown()
    if found <= set(level.colours):
        return frame if found else None
    shown: list[Colour] = []
    for colour in level.colours:
        level.paint([colour] * len(level.names))
        alone = decode_mask(_captured(level, camera, poses).mask).shown()
        if len(alone) != 1:
            raise BadScene(
                f"mask colours cannot be learnt: people in {colour} come out in {len(alone)} "
                "colours; masks must be drawn without anti-aliasing, fog or post-processing"
            )
        shown.append(alone.pop())
    level.paint(level.colours)
    separation = least_separation(shown)
    if separation < _LEAST_SEPARATION:
        raise BadScene(
            f"mask colours are altered so that two of them are only {separation} apart; "
            "switch off post-processing and gamma for the level's masks"
        )
    level.shown_colours = tuple(shown)
    return _captured(level, camera, poses)


def _captured(level: PersonLevel, camera: str, poses: Sequence[Pose]) -> RawFrame:
    # Without the engine's measurements, which cost more than the picture of so large a crowd.
    return level.capture(poses, [camera], 0, measured=False)[0]


def _judged(
    level: PersonLevel, camera: str, frame: RawFrame, size: tuple[int, int]
) -> tuple[np.ndarray, tuple[int, int] | None]:
    """(people,) whom a test capture shows, and by how many columns and rows its mask is off.

    (0, 0) if it fits; None if it shows too few people to say. ``BadScene`` if it is no picture of
    the asked size in the colours that people have.
    """
    try:
        lit = decode_lit(frame.lit, frame.lit_format, size)
        mask = decode_mask(frame.mask, size)
        labels = mask.labels([packed(colour) for colour in level.shown_colours])
    except FrameRefused as error:
        raise BadScene(f"camera {camera} of the level cannot be used: {error}") from None
    seen = mask.pixels_of(labels, len(level.shown_colours)) >= _LEAST_PIXELS
    if seen.mean() < _LEAST_SHARE:
        return seen, None
    level.show(False)
    empty = decode_lit(level.capture_lit(camera), level.lit_format)
    level.show(True)
    return seen, _misalignment(lit, empty, labels[mask.indices] >= 0)


def _misalignment(lit: np.ndarray, empty: np.ndarray, people: np.ndarray) -> tuple[int, int]:
    """Columns and rows between the people of the mask and what people change in the lit image."""
    change = cv2.absdiff(
        cv2.cvtColor(lit, cv2.COLOR_BGR2GRAY), cv2.cvtColor(empty, cv2.COLOR_BGR2GRAY)
    )
    inside = float(change[people].mean())
    if inside < _LEAST_CHANGE:
        return 0, 0  # too dark to tell; frames are still checked one by one
    across, down = _offset(people.astype(np.float32), (change > inside / 2).astype(np.float32))
    return (across, down) if max(abs(across), abs(down)) > _MOST_OFFSET else (0, 0)


def _offset(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """Columns and rows by which ``second`` lies right of and below where ``first`` fits best."""
    spectrum = np.fft.rfft2(second - second.mean()) * np.conj(np.fft.rfft2(first - first.mean()))
    match = np.fft.irfft2(spectrum, s=first.shape)
    row, column = np.unravel_index(int(match.argmax()), match.shape)
    height, width = first.shape
    return (
        int(column - width if column > width // 2 else column),
        int(row - height if row > height // 2 else row),
    )
