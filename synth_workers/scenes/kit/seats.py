"""Seats of waiting rooms and what stands beside them."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.kit.registry import Box, Colour, Place, around, chair, piece
from synth_workers.scenes.mesh import ALL_SIDES, upright
from synth_workers.scenes.parts import Sketch

_SEAT = 0.56


def _row_boxes(count: int, double: bool, **_: object) -> list[Box]:
    half = count * _SEAT / 2
    return [(-0.75 if double else -0.3, -half, 0.0, 0.3, half, 0.88)]


def _row_seats(count: int, double: bool, **_: object) -> list[Place]:
    ys = (np.arange(count) - (count - 1) / 2) * _SEAT
    ways = ((0.27, 0.0), (-0.72, np.pi)) if double else ((0.27, 0.0),)
    return [Place(x, float(y), 0.0, heading, chair(0.4)) for x, heading in ways for y in ys]


@piece("seat_row", boxes=_row_boxes, seats=_row_seats)
def build_seat_row(
    sketch: Sketch, count: int = 4, double: bool = False, tint: Colour = (60, 84, 116),
    material: str = "metal",
) -> None:  # fmt: skip
    """Joined seats along y that look towards +x; ``double``: others behind, back to back."""
    shell, beam = np.asarray(tint, float), (120, 122, 124)
    ys = (np.arange(count) - (count - 1) / 2) * _SEAT
    length = count * _SEAT
    sides = ((1, 0.0), (-1, -0.45)) if double else ((1, 0.0),)
    for way, x in sides:
        seats = [(x + way * 0.05, y, 0.42) for y in ys]
        sketch.boxes(seats, (0.44, _SEAT - 0.06, 0.05), material, shell, ALL_SIDES)
        backs = [(x - way * 0.17, y, 0.47) for y in ys]
        sketch.boxes(backs, (0.05, _SEAT - 0.06, 0.4), material, shell * 0.94, ALL_SIDES)
    x = -0.22 if double else 0.0
    sketch.boxes((x, 0, 0.36), (0.08, length - 0.1, 0.06), "metal", beam, ALL_SIDES)
    wide = 0.9 if double else 0.44
    feet = [(x, side * (length / 2 - 0.3), 0) for side in (-1, 1)]
    sketch.boxes(feet, (wide, 0.05, 0.04), "metal", beam)
    sketch.boxes(feet, (0.06, 0.05, 0.36), "metal", beam)


@piece("pot_plant", boxes=lambda height, **_: around(0.24, 0.24, height))
def build_pot_plant(
    sketch: Sketch, height: float = 1.5, pot: Colour = (196, 190, 180),
    colour: Colour = (120, 152, 92),
) -> None:  # fmt: skip
    """A plant with long leaves in a round pot."""
    rng, high = sketch.rng, min(0.5, height * 0.35)
    outline = [(0.17, 0), (0.22, high), (0.19, high), (0.18, high - 0.04), (0, high - 0.04)]
    sketch.lathe(outline, 14, "plaster", pot)
    count = 26
    angle = rng.uniform(0, 2 * np.pi, count)
    reach, rise = rng.uniform(0.12, 0.34, count), rng.uniform(0.45, 1.0, count) * (height - high)
    for a, r, z in zip(angle, reach, rise):
        out = np.array((np.cos(a), np.sin(a), 0.0))
        side = np.array((-np.sin(a), np.cos(a), 0.0)) * 0.05
        low, middle = np.array((0, 0, high - 0.03)), out * r * 0.6 + (0, 0, high + z)
        tip = out * r + (0, 0, high + z * 0.8)
        leaf = [low - side * 0.4, low + side * 0.4, middle + side, middle - side]
        end = [middle - side, middle + side, tip, tip]
        shade = np.asarray(colour, float) * rng.uniform(0.7, 1.15)
        sketch.quads([leaf, end], "foliage", shade, two_sided=True)


def _counter_head(length: float, info: bool, **_: object) -> list[Box]:
    return [(-0.3, -length / 2, 1.1, 0.3, length / 2, 2.95)] if info else []


@piece(
    "counter",
    boxes=lambda length, **_: [(-0.45, -length / 2, 0.0, 0.45, length / 2, 1.15)],
    overhead=_counter_head,
)
def build_counter(
    sketch: Sketch, length: float = 3.0, tint: Colour = (206, 180, 146),
    front: Colour = (70, 90, 110), info: bool = False,
) -> None:  # fmt: skip
    """A reception or information desk along y, served from -x; ``info``: with a sign over it."""
    colour = np.asarray(front, float)
    sketch.boxes((0.1, 0, 0.1), (0.5, length, 0.9), "plaster", colour)
    sketch.boxes((0.1, 0, 0), (0.44, length - 0.1, 0.1), "metal", (60, 62, 64))
    sketch.boxes((0.12, 0, 1.0), (0.62, length + 0.06, 0.05), "planks", tint, ALL_SIDES)
    sketch.boxes((-0.28, 0, 0.7), (0.36, length, 0.04), "planks", tint, ALL_SIDES)
    for y in np.linspace(-length / 2 + 0.7, length / 2 - 0.7, max(int(length / 1.5), 1)):
        sketch.boxes((-0.2, y, 0.78), (0.05, 0.5, 0.32), "white", (36, 40, 46), ALL_SIDES)
    if not info:
        return
    posts = [(0, side * (length / 2 - 0.1), 1.05) for side in (-1, 1)]
    sketch.boxes(posts, (0.05, 0.05, 1.35), "metal", (120, 122, 124))
    sketch.boxes((0, 0, 2.38), (0.1, length, 0.52), "metal", colour, ALL_SIDES)
    for way in (1, -1):
        corners = upright(way * 0.053, -way * 0.23, way * 0.23, 2.41, 2.87)
        sketch.quads(corners, "road_signs", (240, 240, 236), cell=(0, 3))
