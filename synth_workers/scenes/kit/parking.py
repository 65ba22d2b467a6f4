"""Things of car parks: paint on the ground, pillars, barriers, stair towers."""

from __future__ import annotations

import itertools

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import ALL_SIDES, NO_BACK, upright
from synth_workers.scenes.parts import Sketch

_PAINT_Z = 0.008


@piece("bay_lines")
def build_bay_lines(
    sketch: Sketch, count: int = 6, width: float = 2.5, depth: float = 5.0,
    tint: Colour = (236, 236, 230),
) -> None:  # fmt: skip
    """Painted lines of parking bays side by side along +y that are entered from +x."""
    bar = np.array([(0.0, -0.05, _PAINT_Z), (depth, -0.05, _PAINT_Z),
                    (depth, 0.05, _PAINT_Z), (0.0, 0.05, _PAINT_Z)])  # fmt: skip
    steps = np.arange(count + 1)[:, None, None] * np.array([0.0, width, 0.0])
    sketch.quads(bar + steps, "road_paint", tint, casts=False)


@piece("road_arrow")
def build_road_arrow(sketch: Sketch, length: float = 3.0, tint: Colour = (236, 236, 230)) -> None:
    """An arrow on the ground that points to +x."""
    z, tip, neck = _PAINT_Z, length / 2, length / 2 - 0.9
    shaft = [(-tip, -0.09, z), (neck, -0.09, z), (neck, 0.09, z), (-tip, 0.09, z)]
    head = [(neck, -0.35, z), (tip, 0.0, z), (tip, 0.0, z), (neck, 0.35, z)]
    sketch.quads([shaft, head], "road_paint", tint, casts=False)


@piece("park_pillar", boxes=lambda size, height, **_: around(size / 2, size / 2, height))
def build_park_pillar(
    sketch: Sketch, size: float = 0.5, height: float = 3.0, tint: Colour = (186, 184, 180),
    band: Colour = (206, 166, 50), sign: int = 0,
) -> None:  # fmt: skip
    """A concrete pillar with a painted foot and a sign of its bay; ``sign``: 0..15."""
    cuts = (0.0, 0.9, height / 2 + 0.4, height)
    for z0, z1 in itertools.pairwise(cuts):
        colour = band if z0 == 0.0 else tint
        sketch.boxes((0, 0, z0), (size, size, z1 - z0), "concrete", colour,
                     ("+x", "-x", "+y", "-y"))  # fmt: skip
    for way in (1, -1):
        x = way * (size / 2 + 0.006)
        corners = upright(x, -way * 0.2, way * 0.2, 1.55, 1.95)
        cell = (sign % 4, sign // 4)
        sketch.quads(corners, "road_signs", (236, 236, 234), cell=cell, casts=False)


def _barrier_boxes(length: float, **_: object) -> list[Box]:
    return [(-0.25, -0.3, 0.0, 0.25, 0.3, 1.15), (-0.08, 0.3, 0.8, 0.08, length, 1.05)]


@piece("barrier", boxes=_barrier_boxes)
def build_barrier(sketch: Sketch, length: float = 3.2, tint: Colour = (206, 166, 50)) -> None:
    """A closed boom along +y beside its post."""
    sketch.boxes((0, 0, 0), (0.36, 0.42, 1.1), "metal", tint)
    count = max(int((length - 0.2) / 0.4), 1)
    ys = 0.2 + (np.arange(count) + 0.5) * (length - 0.2) / count
    hues = np.where((np.arange(count) % 2)[:, None], (226.0, 226, 222), (186.0, 40, 36))
    bars = [(0.0, y, 0.9) for y in ys]
    size = (0.06, (length - 0.2) / count, 0.09)
    sketch.boxes(bars, size, "metal", np.repeat(hues, 24, axis=0), ALL_SIDES)


@piece("ticket_post", boxes=lambda **_: around(0.18, 0.18, 1.35))
def build_ticket_post(sketch: Sketch, tint: Colour = (70, 96, 130)) -> None:
    """A post that gives tickets, towards +x."""
    sketch.boxes((0, 0, 0), (0.28, 0.28, 1.3), "metal", tint)
    face = upright(0.145, -0.1, 0.1, 0.95, 1.2)
    sketch.quads(face, "white", (226, 236, 226), glow=GLOW_UNIT // 2, switch=SWITCH_LAMP)


@piece("lift_tower", boxes=lambda width, depth, height, **_: around(depth / 2, width / 2, height))
def build_lift_tower(
    sketch: Sketch, width: float = 5.0, depth: float = 3.6, height: float = 3.0,
    tint: Colour = (200, 198, 192), accent: Colour = (62, 98, 80),
) -> None:  # fmt: skip
    """A block with a lift and a stair door that look towards +x."""
    x, colour = depth / 2, np.asarray(tint, float)
    zs = np.linspace(0, height, 3)
    for z0, z1 in itertools.pairwise(zs):
        sketch.boxes((0, 0, z0), (depth, width, z1 - z0), "concrete", colour,
                     ("+x", "-x", "+y", "-y"))  # fmt: skip
    sketch.boxes((0, 0, height), (depth + 0.1, width + 0.1, 0.1), "concrete", colour * 0.8)
    band = upright(x + 0.01, -width / 2 + 0.05, width / 2 - 0.05, 2.3, 2.65)
    sketch.quads(band, "plaster", accent, casts=False)
    lift = [(x + 0.02, -width * 0.22 + side * 0.5, 0.0) for side in (-0.5, 0.5)]
    sketch.boxes(lift, (0.03, 0.49, 2.1), "metal", (176, 180, 184), NO_BACK)
    frame = [(x + 0.02, -width * 0.22 + side, 0.0) for side in (-0.56, 0.56)]
    sketch.boxes(frame, (0.08, 0.1, 2.15), "metal", (110, 114, 118))
    sketch.boxes((x + 0.02, -width * 0.22, 2.1), (0.08, 1.22, 0.1), "metal", (110, 114, 118))
    sketch.boxes((x + 0.02, width * 0.24, 0.0), (0.04, 0.95, 2.1), "planks", accent, NO_BACK)
    signs = upright(x + 0.012, width * 0.02 - 0.25, width * 0.02 + 0.25, 1.4, 1.9)
    sketch.quads(signs, "road_signs", (236, 236, 234), cell=(0, 0), casts=False)
