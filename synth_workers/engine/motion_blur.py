"""Motion blur of people in one drawn picture, from where their joints are as the shutter opens and
closes. Scenery stands still, and so does the camera.

A cheap stand-in for averaging several drawings: each pixel of a person is smeared along the motion
of the joints near it. What stands still in front of a person may be smeared over by a few pixels;
people in front are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LEAST = 0.6
"""Pixels that a joint must move for its person to be worth smearing."""

_GRID = 8
_MOST_TAPS = 9
_REACH = 0.04  # share of a person's height within which the nearest joint decides alone


@dataclass(frozen=True)
class Moving:
    """One person in a picture: the ``label`` in its ids, ``distance`` from the camera, and where
    the joints are when the shutter opens and closes, each (j, 2) pixels."""

    label: int
    distance: float
    opening: np.ndarray
    closing: np.ndarray


def exposure_time(asked: float, camera: int, picture: np.ndarray) -> float:
    """Seconds that a camera's shutter is open: its own, half to twice as ``asked``, and up to
    thrice as long where the picture is dark."""
    own = 2.0 ** np.random.default_rng([camera, 13]).uniform(-1.0, 1.0)
    brightness = float(np.mean(picture[::8, ::8])) / 255
    return asked * own * float(np.clip(0.45 / max(brightness, 0.1), 0.6, 3.0))


def smear(
    picture: np.ndarray, ids: np.ndarray, people: Sequence[Moving],
    span: tuple[float, float] = (-0.5, 0.5),
) -> np.ndarray:  # fmt: skip
    """(h, w, 3) uint8 ``picture`` with its people smeared; ``ids``: (h, w) uint8 labels.

    ``span``: for which part of the motion, -0.5 to 0.5 being all of it, the shutter is open; the
    picture is that of 0. Where both are equal people are somewhere else and sharp.
    """
    people = sorted(people, key=lambda person: -person.distance)
    blurred = picture.copy()
    for number, person in enumerate(people):
        moved = np.linalg.norm(person.closing - person.opening, axis=1)
        # Somebody right before the lens would be smeared all over the picture.
        if not LEAST <= moved.max() <= 0.25 * len(picture):
            continue
        nearer = np.zeros(256, np.uint8)
        nearer[[other.label for other in people[number + 1 :]]] = 255
        _smear_one(blurred, ids, person, nearer, float(moved.max()), span)
    return blurred


def _smear_one(
    picture: np.ndarray, ids: np.ndarray, person: Moving, nearer: np.ndarray, most: float,
    span: tuple[float, float],
) -> None:  # fmt: skip
    """Smear one person in place; ``nearer``: (256,) uint8, 255 for labels that stand before it."""
    x, y, wide, high = cv2.boundingRect((ids == person.label).astype(np.uint8))
    if not wide:
        return
    margin = int(np.ceil(most * max(1.0, *np.abs(span)))) + 1
    rows = slice(max(y - margin, 0), min(y + high + margin, len(ids)))
    columns = slice(max(x - margin, 0), min(x + wide + margin, ids.shape[1]))
    own, labels = picture[rows, columns], ids[rows, columns]
    mask, free = (labels == person.label).astype(np.uint8), 255 - nearer[labels]
    # The person alone, and all that nobody hides; each with its weight as a fourth channel.
    layers: list[np.ndarray] = [
        np.dstack([own * mask[..., None], mask * 255]),
        np.dstack([own & free[..., None], free]),
    ]
    motion = _motion(person, rows, columns, max(high, 1))
    across, down = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in labels.shape[::-1]))
    opens, closes = span
    taps = int(np.clip(most * (closes - opens) / 1.6, 2, _MOST_TAPS - 1)) + 1
    taps = taps if closes > opens else 1
    alone, free_sum = (np.zeros((*labels.shape, 4), np.float32) for _ in layers)
    for at in np.linspace(-closes, -opens, taps, dtype=np.float32):
        x, y = across + at * motion[..., 0], down + at * motion[..., 1]
        for layer, total in zip(layers, (alone, free_sum)):
            taken = cv2.remap(layer, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            cv2.accumulate(taken, total)
    passing = alone[..., :3] / taps + own * (1 - alone[..., 3:] / (255 * taps))
    inside = free_sum[..., :3] * (255 / np.maximum(free_sum[..., 3:], 1.0))
    mixed = np.where(mask[..., None] > 0, inside, passing)
    mixed = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
    picture[rows, columns] = np.where(free[..., None] > 0, mixed, own)


def _motion(person: Moving, rows: slice, columns: slice, height: int) -> np.ndarray:
    """(h, w, 2) float32 pixels that each place moves: of the joints, the nearest above all."""
    size = (columns.stop - columns.start, rows.stop - rows.start)
    coarse = [max(n // _GRID, 2) for n in size]
    x = columns.start + (np.arange(coarse[0]) + 0.5) * (size[0] / coarse[0])
    y = rows.start + (np.arange(coarse[1]) + 0.5) * (size[1] / coarse[1])
    joints = 0.5 * (person.opening + person.closing)
    square = (x[None, :, None] - joints[:, 0]) ** 2 + (y[:, None, None] - joints[:, 1]) ** 2
    weights = 1.0 / (square + (_REACH * height) ** 2) ** 1.5
    field = weights @ (person.closing - person.opening) / weights.sum(axis=2, keepdims=True)
    return cv2.resize(field.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
