"""What hangs above halls: pendant lamps, glazed roofs, trusses, flat slabs with ribs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.registry import Box, Colour, piece
from synth_workers.scenes.kit.shop_room import lattice
from synth_workers.scenes.mesh import ALL_SIDES
from synth_workers.scenes.parts import Sketch


def _lattice(rect: Sequence[float], pitch: Sequence[float]) -> list[tuple[float, float]]:
    x0, y0, x1, y1 = rect
    xs, ys = lattice(x0, x1, pitch[0]), lattice(y0, y1, pitch[1])
    return [(float(x), float(y)) for x in xs for y in ys]


def _pendant_boxes(
    rect: Sequence[float], pitch: Sequence[float], z: float, drop: float, radius: float,
    shape: str, **_: object,
) -> list[Box]:  # fmt: skip
    r = radius * (2.1 if shape == "ring" else 1.0)
    low = z - drop - 2 * radius
    return [(x - r, y - r, low, x + r, y + r, z) for x, y in _lattice(rect, pitch)]


@piece("pendants", overhead=_pendant_boxes)
def build_pendants(
    sketch: Sketch, rect: Sequence[float] = (-6, -6, 6, 6), pitch: Sequence[float] = (4.0, 4.0),
    z: float = 4.2, drop: float = 0.8, radius: float = 0.28, shape: str = "globe",
    tint: Colour = (60, 62, 64),
) -> None:  # fmt: skip
    """Lamps on rods below a ceiling in ``z``, on a lattice over ``rect``; ``shape``: globe, cone
    or ring."""
    low, r = z - drop, radius
    lit = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
    for x, y in _lattice(rect, pitch):
        at = (x, y, 0)
        sketch.boxes((x, y, low), (0.02, 0.02, drop), "metal", tint, casts=False)
        if shape == "globe":
            angle = np.linspace(-np.pi / 2, np.pi / 2, 7)
            ball = np.column_stack([r * np.cos(angle), low - r + r * np.sin(angle)])
            sketch.lathe(ball.clip(0), 10, "white", (252, 246, 230), at=at, **lit)
        elif shape == "cone":
            hood = [(r, low - r), (0.06, low), (0, low)]
            sketch.lathe(hood, 12, "metal", tint, at=at, casts=False)
            disc = [(0.0, low - r + 0.02), (r * 0.95, low - r + 0.02)]
            sketch.lathe(disc, 12, "white", (255, 248, 230), at=at, **lit)
        else:
            ring = [(r * 2, low - 0.14), (r * 2.1, low - 0.07), (r * 2, low)]
            sketch.lathe(ring, 16, "white", (252, 250, 244), at=at, **lit)


@piece("glass_roof")
def build_glass_roof(
    sketch: Sketch, rect: Sequence[float] = (-3, -8, 3, 8), z: float = 6.0, rise: float = 1.2,
    bay: float = 2.0, tint: Colour = (96, 100, 104),
) -> None:  # fmt: skip
    """A ridged roof of glass over ``rect``, ridge along y, eaves in ``z``, seen from inside."""
    x0, y0, x1, y1 = rect
    middle = (x0 + x1) / 2
    count = max(int((y1 - y0) / bay), 1)
    ys = np.linspace(y0, y1, count + 1)
    panes = []
    for a, b in itertools.pairwise(ys):
        panes.append([(x0, a, z), (x0, b, z), (middle, b, z + rise), (middle, a, z + rise)])
        panes.append([(middle, a, z + rise), (middle, b, z + rise), (x1, b, z), (x1, a, z)])
    shade = np.repeat(sketch.rng.uniform(0.93, 1.0, (len(panes), 1)), 4, axis=0)
    sky = np.array((222.0, 232, 240)) * shade
    light = {"glow": GLOW_UNIT * 1.3, "switch": SWITCH_WINDOW, "casts": False}
    sketch.quads(panes, "white", sky, **light)
    gables = [
        [(x1, y0, z), (x0, y0, z), (middle, y0, z + rise), (middle, y0, z + rise)],
        [(x0, y1, z), (x1, y1, z), (middle, y1, z + rise), (middle, y1, z + rise)],
    ]
    sketch.quads(gables, "white", (222, 232, 240), **light)
    for y in ys:
        path = [(x0, y, z - 0.04), (middle, y, z + rise - 0.04), (x1, y, z - 0.04)]
        sketch.tube(path, 0.06, 4, "metal", tint)
        sketch.tube([path[0], path[2]], 0.025, 4, "metal", tint, casts=False)
    for x, height in ((x0, z), (middle, z + rise), (x1, z)):
        beam = (0.12, y1 - y0, 0.16)
        sketch.boxes((x, (y0 + y1) / 2, height - 0.14), beam, "metal", tint, ALL_SIDES)


def _beams(
    rect: Sequence[float],
    z: float,
    pitch: float,
    depth: float,
    width: float,
    along: str,
    **_: object,
) -> list[Box]:
    x0, y0, x1, y1 = rect
    half, low = width / 2, z - depth
    if along == "x":
        middles = lattice(y0, y1, pitch)
        return [(x0, float(y) - half, low, x1, float(y) + half, z) for y in middles]
    middles = lattice(x0, x1, pitch)
    return [(float(x) - half, y0, low, float(x) + half, y1, z) for x in middles]


@piece("beams", overhead=_beams)
def build_beams(
    sketch: Sketch, rect: Sequence[float] = (-8, -8, 8, 8), z: float = 6.0, pitch: float = 4.0,
    depth: float = 0.5, width: float = 0.3, along: str = "x", material: str = "concrete",
    tint: Colour = (196, 196, 194),
) -> None:  # fmt: skip
    """Beams under a ceiling in ``z`` over ``rect``, ``along`` x or y, ``pitch`` apart."""
    lit = {"glow": GLOW_UNIT * 0.2, "switch": SWITCH_LAMP, "casts": False}
    bars = np.array(_beams(rect, z, pitch, depth, width, along)).reshape(-1, 6)
    bottoms = np.column_stack([(bars[:, :2] + bars[:, 3:5]) / 2, bars[:, 2]])
    sides = ("+x", "-x", "+y", "-y", "-z")
    sketch.boxes(bottoms, bars[:, 3:] - bars[:, :3], material, tint, sides, **lit)


@piece("trusses")
def build_trusses(
    sketch: Sketch, rect: Sequence[float] = (-8, -8, 8, 8), z: float = 8.0, pitch: float = 5.0,
    depth: float = 1.1, tint: Colour = (110, 116, 120),
) -> None:  # fmt: skip
    """Steel lattice girders across x under a roof in ``z``, ``pitch`` apart along y."""
    x0, y0, x1, y1 = rect
    count = max(int((x1 - x0) / 1.8), 2)
    xs = np.linspace(x0, x1, count + 1)
    for y in lattice(y0, y1, pitch):
        for height, r in ((z - 0.06, 0.07), (z - depth, 0.06)):
            sketch.tube([(x0, y, height), (x1, y, height)], r, 5, "metal", tint, casts=False)
        high = np.where(np.arange(count + 1) % 2, z - 0.06, z - depth)
        web = np.column_stack([xs, np.full(count + 1, y), high])
        sketch.tube(web, 0.035, 4, "metal", tint, casts=False)
