"""Buses, and the platforms that they stop at."""

from __future__ import annotations

import itertools

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW, PointLight
from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import ALL_SIDES, floor, lathe, upright
from synth_workers.scenes.parts import Level, Sketch

_HALF, _TOP = 1.25, 3.05


@piece("bus", boxes=lambda length, **_: [(-length, -1.3, 0.0, 0.05, 1.3, _TOP)])
def build_bus(
    sketch: Sketch, length: float = 11.5, paint: Colour = (206, 60, 50),
    trim: Colour = (226, 226, 222),
) -> None:  # fmt: skip
    """A bus along x, its front in x = 0 and towards +x, doors on its right (-y)."""
    rng, body, light = sketch.rng, np.asarray(paint, float), np.asarray(trim, float)
    middle = -length / 2
    sketch.boxes((middle, 0, 0.3), (length, 2 * _HALF, 0.75), "metal", body, ALL_SIDES)
    sketch.boxes((middle, 0, 1.05), (length, 2 * _HALF, 1.35), "metal", light)
    sketch.boxes((middle, 0, 2.4), (length, 2 * _HALF, 0.45), "metal", body)
    sketch.boxes((middle, 0, 2.85), (length - 0.6, 2.2, 0.2), "metal", body * 0.8)
    sketch.boxes((middle, 0, 0.05), (length - 0.8, 2.2, 0.3), "white", (30, 30, 32))
    doors = (-1.4, -length * 0.52)
    dark = {"glow": GLOW_UNIT // 3, "switch": SWITCH_WINDOW, "casts": False}
    for side in (1, -1):
        y = side * (_HALF + 0.006)
        edges = np.arange(-length + 0.5, -0.4, 1.45)
        for a in edges:
            b = min(a + 1.35, -0.3)
            if side < 0 and any(a < door + 0.65 and b > door - 0.65 for door in doors):
                continue
            pane = [(b, y, 1.12), (a, y, 1.12), (a, y, 2.32), (b, y, 2.32)][
                :: 1 if side > 0 else -1
            ]
            cell = (int(rng.integers(4)), int(rng.integers(4)))
            sketch.quads(pane, "panes", (130, 140, 148), cell=cell, **dark)
    for x in doors:
        y = -_HALF - 0.008
        for a, b in ((x - 0.62, x - 0.02), (x + 0.02, x + 0.62)):
            leaf = [(a, y, 0.35), (b, y, 0.35), (b, y, 2.35), (a, y, 2.35)]
            sketch.quads(leaf, "glass", (46, 54, 60), casts=False)
    front = upright(0.006, -1.12, 1.12, 1.05, 2.35)
    sketch.quads(front, "panes", (120, 132, 142), cell=(int(rng.integers(4)), 1), **dark)
    rear = upright(-length - 0.006, 0.9, -0.9, 1.5, 2.3)
    sketch.quads(rear, "panes", (110, 120, 128), cell=(int(rng.integers(4)), 2), **dark)
    board = upright(0.008, -0.8, 0.8, 2.45, 2.78)
    sketch.quads(board, "white", (20, 20, 22), casts=False)
    text = upright(0.011, np.array((-0.7, -0.3)), np.array((-0.4, 0.6)), 2.53, 2.7)
    sketch.quads(text, "white", (250, 190, 80), casts=False, glow=GLOW_UNIT)
    lamps = [(0.0, side * 0.95, 0.55) for side in (-1, 1)]
    sketch.boxes(lamps, (0.06, 0.36, 0.18), "glass", (230, 232, 226))
    tails = [(-length, side * 1.05, 0.6) for side in (-1, 1)]
    sketch.boxes(tails, (0.06, 0.16, 0.4), "glass", (130, 24, 22))
    mirrors = [(0.06, side * 1.3, 1.7) for side in (-1, 1)]
    sketch.boxes(mirrors, (0.1, 0.2, 0.42), "white", (34, 34, 36), ALL_SIDES, level=Level.NEAR)
    wheel = lathe([(0.46, -0.12), (0.48, -0.08), (0.48, 0.1), (0.3, 0.12), (0.0, 0.1)], 14)
    rim = np.hypot(*wheel.positions[:, :2].T) < 0.31
    tyre = np.where(rim[:, None], (130.0, 132.0, 136.0), (32.0, 32.0, 34.0))
    for x in (-2.7, -length + 2.6):
        for side in (1, -1):
            turn = np.array([[side, 0, 0], [0, 0, side], [0, -1, 0]], float)
            arch = lathe([(0.56, 0.0), (0.0, 0.001)], 16)
            sketch.add(arch, "white", (20, 20, 22), at=(x, side * (_HALF + 0.004), 0.48), turn=turn)
            sketch.add(wheel, "white", tyre, at=(x, side * (_HALF - 0.1), 0.48), turn=turn)


def _roof_boxes(length: float, height: float, step: float, **_: object) -> list[Box]:
    return [(-0.12, y - 0.12, 0.0, 0.12, y + 0.12, height - 0.1) for y in _posts(length, step)]


def _posts(length: float, step: float) -> np.ndarray:
    count = max(round(length / step), 1)
    return (np.arange(count) + 0.5) * length / count - length / 2


def _roof_lights(length: float, height: float, step: float, power: float, **_: object) -> list:
    colour = (power, power * 0.93, power * 0.8)
    return [PointLight((0.0, y, height - 0.3), colour, 12.0) for y in _posts(length, step)]


@piece(
    "platform_roof",
    boxes=_roof_boxes,
    lights=_roof_lights,
    overhead=lambda length, width, height, **_: [
        (-width / 2, -length / 2, height - 0.1, width / 2, length / 2, height + 0.7)
    ],
)
def build_platform_roof(
    sketch: Sketch, length: float = 16.0, width: float = 5.0, height: float = 3.6,
    step: float = 5.0, power: float = 9.0, shape: str = "wings", tint: Colour = (96, 100, 104),
    deck: Colour = (206, 208, 208),
) -> None:  # fmt: skip
    """A roof along y on a row of posts; ``shape``: wings (rising outwards) or flat."""
    ys, half, steel = _posts(length, step), width / 2, np.asarray(tint, float)
    post = (0.2, 0.2, height)
    sketch.boxes([(0, y, 0) for y in ys], post, "metal", steel)
    lift = 0.55 if shape == "wings" else 0.0
    for side in (-1, 1):
        arms = [[(0, y, height - 0.12), (side * half, y, height - 0.06 + lift)] for y in ys]
        for arm in arms:
            sketch.tube(arm, 0.06, 5, "metal", steel)
        edges = np.linspace(-length / 2, length / 2, max(int(length / 2), 1) + 1)
        for a, b in itertools.pairwise(edges):
            low, high = (0.0, height), (side * half, height + lift)
            top = [(low[0], a, low[1]), (high[0], a, high[1]), (high[0], b, high[1]),
                   (low[0], b, low[1])][::side]  # fmt: skip
            sketch.quads(top, "sheet_metal", deck, two_sided=True)
    rim = [(side * half, 0, height + lift - 0.08) for side in (-1, 1)]
    sketch.boxes(rim, (0.06, length, 0.16), "metal", steel, ALL_SIDES)
    lamp = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
    spots = [(0, y + 1.0, height - 0.12) for y in ys]
    sketch.boxes(spots, (0.18, 1.4, 0.06), "white", (252, 248, 236), ALL_SIDES, **lamp)


@piece("bay_sign", boxes=lambda **_: around(0.12, 0.3, 2.9))
def build_bay_sign(sketch: Sketch, tint: Colour = (30, 78, 150), timetable: int = 0) -> None:
    """A post with a sign of a bus stop and a timetable, facing +x and -x."""
    sketch.boxes((0, 0, 0), (0.09, 0.09, 2.9), "metal", (120, 124, 126))
    for way in (1, -1):
        sign = upright(way * 0.052, -way * 0.28, way * 0.28, 2.3, 2.86)
        sketch.quads(sign, "road_signs", (236, 236, 234), cell=(0, 2), casts=False)
        paper = upright(way * 0.052, -way * 0.2, way * 0.2, 1.1, 1.8)
        sketch.quads(paper, "posters", (240, 240, 236), cell=(timetable % 4, 1), casts=False)
    sketch.boxes((0, 0, 2.26), (0.1, 0.6, 0.04), "metal", tint, ALL_SIDES)
    back = [(0, 0, 1.06), (0, 0, 2.3)]
    sketch.boxes(back, [(0.09, 0.44, 0.78), (0.09, 0.58, 0.58)], "metal", tint, ("+y", "-y", "+z"))


@piece("hatching")
def build_hatching(
    sketch: Sketch, size: tuple[float, float] = (3.0, 8.0), pitch: float = 1.2,
    tint: Colour = (226, 196, 70),
) -> None:  # fmt: skip
    """Slanting painted bars over ``size`` (x, y) metres around the place: no stopping."""
    x, y = size[0] / 2, size[1] / 2
    starts = np.arange(-y, y - size[0], pitch)
    bars = [[(-x, s, 0.008), (-x, s + 0.18, 0.008), (x, s + size[0] + 0.18, 0.008),
             (x, s + size[0], 0.008)][::-1] for s in starts]  # fmt: skip
    if bars:
        sketch.quads(bars, "road_paint", tint, casts=False)
    else:
        sketch.add(floor(-x, -y, x, y, 2.0, 0.008), "road_paint", tint, casts=False)
