"""What hangs on indoor walls: posters, boards, doors, cabinets, rails."""

from __future__ import annotations

import itertools

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Colour, piece
from synth_workers.scenes.mesh import ALL_SIDES, upright
from synth_workers.scenes.parts import Level, Sketch


@piece("wall_poster", boxes=lambda width, **_: [(0.02, -width / 2, 0.5, 0.06, width / 2, 2.6)])
def build_wall_poster(
    sketch: Sketch, poster: int = 0, width: float = 1.2, lit: bool = True,
    frame: Colour = (84, 88, 90),
) -> None:  # fmt: skip
    """A framed poster on a wall in x = 0, facing +x; ``poster``: 0..7."""
    height = width * 1.5
    size = (0.05, width, height + 0.06)
    sketch.boxes((0.03, 0, 0.75), size, "metal", frame, ("+x", "+y", "-y", "+z", "-z"))
    half = width / 2 - 0.05
    corners = upright(0.06, -half, half, 0.81, 0.75 + height)
    glow = {"glow": GLOW_UNIT // 2 if lit else 0, "switch": SWITCH_LAMP}
    sketch.quads(corners, "posters", (240, 240, 236), cell=(poster % 4, poster // 4 % 2), **glow)


@piece(
    "inner_door",
    boxes=lambda width, **_: [(0.02, -width / 2 - 0.1, 0.0, 0.05, width / 2 + 0.1, 2.3)],
)
def build_inner_door(
    sketch: Sketch, width: float = 0.95, double: bool = False, glazed: bool = False,
    tint: Colour = (178, 140, 100), frame: Colour = (150, 152, 152), plate: bool = True,
) -> None:  # fmt: skip
    """A closed door in a wall in x = 0, facing +x; ``glazed``: with a pane."""
    half, high, leaf = width / 2, 2.1, np.asarray(tint, float)
    posts = [(0.02, side * (half + 0.04), 0) for side in (-1, 1)]
    sketch.boxes(posts, (0.06, 0.08, high), "metal", frame)
    sketch.boxes((0.02, 0, high), (0.06, width + 0.16, 0.08), "metal", frame)
    seams = (-half, 0.0, half) if double else (-half, half)
    for a, b in itertools.pairwise(seams):
        sketch.quads(upright(0.012, a, b, 0.01, high), "planks", leaf, casts=False)
        if glazed:
            u, v = a + (b - a) * 0.3, b - (b - a) * 0.3
            pane = upright(0.016, u, v, 0.95, 1.85)
            cell = (int(sketch.rng.integers(4)), int(sketch.rng.integers(4)))
            sketch.quads(pane, "panes", (230, 234, 236), cell=cell, casts=False)
        handle = (0.05, b - 0.1 if not double or b > 0 else b - 0.06, 1.02)
        sketch.boxes(handle, (0.05, 0.12, 0.03), "metal", (196, 198, 200), ALL_SIDES)
    if double:
        sketch.boxes((0.014, 0, 0), (0.008, 0.02, high), "white", leaf * 0.4, ("+x",))
    kick = upright(0.018, -half + 0.04, half - 0.04, 0.03, 0.25)
    sketch.quads(kick, "metal", (170, 172, 174), casts=False)
    if plate:
        sign = (0.015, -half - 0.25, 1.5)
        sketch.boxes(sign, (0.02, 0.2, 0.14), "white", (226, 228, 230))
        line = upright(0.027, -half - 0.32, -half - 0.2, 1.55, 1.58)
        sketch.quads(line, "white", (60, 64, 70), casts=False, level=Level.NEAR)


@piece("inner_window", boxes=lambda width, **_: [(0.02, -width / 2, 0.8, 0.06, width / 2, 2.4)])
def build_inner_window(
    sketch: Sketch, width: float = 2.4, low: float = 0.95, high: float = 2.2,
    frame: Colour = (90, 94, 98), lit: float = 0.5,
) -> None:  # fmt: skip
    """Panes of a room behind a wall in x = 0, facing +x."""
    count = max(round(width / 0.9), 1)
    ys = np.linspace(-width / 2, width / 2, count + 1)
    panes = upright(0.015, ys[:-1] + 0.02, ys[1:] - 0.02, low, high)
    cell = sketch.rng.integers(0, 4, (2, count))
    glow = {"glow": GLOW_UNIT * lit, "switch": SWITCH_LAMP}
    sketch.quads(panes, "panes", (244, 246, 246), cell=cell, casts=False, **glow)
    posts = [(0.02, y, low) for y in ys]
    sketch.boxes(posts, (0.05, 0.05, high - low), "metal", frame)
    rails = [(0.02, 0, low - 0.04), (0.02, 0, high)]
    sketch.boxes(rails, (0.06, width + 0.06, 0.05), "metal", frame, ALL_SIDES)


@piece("notice_board", boxes=lambda width, **_: [(0.02, -width / 2, 0.9, 0.06, width / 2, 2.1)])
def build_notice_board(sketch: Sketch, width: float = 1.6, tint: Colour = (176, 136, 92)) -> None:
    """A board full of papers on a wall in x = 0, facing +x."""
    rng = sketch.rng
    sketch.boxes((0.015, 0, 1.0), (0.03, width, 1.0), "cardboard", tint)
    count = int(width * 6)
    y, z = rng.uniform(-width / 2 + 0.16, width / 2 - 0.16, count), rng.uniform(1.05, 1.66, count)
    tall = rng.choice([0.21, 0.3], count)
    papers = upright(0.032 + 0.0015 * np.arange(count), y - 0.1, y + 0.1, z, z + tall)
    hues = np.array([(238, 236, 228), (236, 226, 160), (196, 216, 232), (236, 206, 196)], float)
    colours = hues[rng.choice(4, count, p=[0.7, 0.1, 0.1, 0.1])] * rng.uniform(0.9, 1, (count, 1))
    sketch.quads(papers, "white", np.repeat(colours, 4, axis=0), casts=False)


@piece("handrail", boxes=lambda length, **_: [(0.02, 0.0, 0.8, 0.12, length, 1.0)])
def build_handrail(sketch: Sketch, length: float = 4.0, tint: Colour = (150, 116, 84)) -> None:
    """A rail along a wall in x = 0, from y = 0 to ``length``."""
    sketch.boxes((0.075, length / 2, 0.84), (0.05, length, 0.13), "planks", tint, ALL_SIDES)
    ys = np.arange(0.4, length, 1.2)
    sketch.boxes([(0.03, y, 0.87) for y in ys], (0.06, 0.04, 0.05), "metal", (150, 152, 154))


@piece("extinguisher", boxes=lambda **_: [(0.02, -0.15, 0.5, 0.24, 0.15, 2.0)])
def build_extinguisher(sketch: Sketch) -> None:
    """A fire extinguisher with its sign on a wall in x = 0."""
    bottle = [(0.08, 0.6), (0.085, 0.64), (0.085, 1.05), (0.04, 1.14), (0.03, 1.2), (0, 1.2)]
    sketch.lathe(bottle, 10, "metal", (176, 30, 26), at=(0.11, 0, 0))
    sketch.boxes((0.11, 0.02, 1.18), (0.05, 0.14, 0.05), "white", (30, 30, 32), ALL_SIDES)
    sketch.boxes((0.01, 0, 1.6), (0.015, 0.22, 0.22), "white", (196, 40, 34))


@piece(
    "exit_sign",
    overhead=lambda z, rod, **_: [(-0.1, -0.4, z - rod - 0.26, 0.1, 0.4, z)],
)
def build_exit_sign(sketch: Sketch, z: float = 3.0, rod: float = 0.04) -> None:
    """A green lamp over a way out, read from +x and -x, that hangs on a ``rod`` of so many metres
    from a ceiling in ``z``."""
    top = z - rod
    sketch.boxes((0, 0, top - 0.24), (0.06, 0.6, 0.24), "white", (40, 120, 70), ALL_SIDES,
                 glow=GLOW_UNIT * 0.8)  # fmt: skip
    sketch.boxes((0, 0, top), (0.03, 0.2, rod), "metal", (150, 152, 154), ALL_SIDES)
    for way in (1, -1):
        arrow = upright(way * 0.032, -way * 0.2, way * 0.2, top - 0.16, top - 0.1)
        sketch.quads(arrow, "white", (240, 246, 240), glow=GLOW_UNIT)
