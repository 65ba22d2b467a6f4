"""Larger things on streets and squares: kiosks, bus stops, cafe tables, stalls, fountains."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW, PointLight
from synth_workers.scenes.kit.registry import Box, Colour, Place, around, chair, piece
from synth_workers.scenes.mesh import ALL_SIDES, Shape, lathe, quads, upright
from synth_workers.scenes.parts import Level, Sketch

_STEEL = (92, 96, 100)


def _wall(xs: tuple[float, float], y: float, z0: float, z1: float) -> list:
    """Corners of an upright rectangle across y; it faces +y if ``xs`` falls."""
    (a, b) = xs
    return [(a, y, z0), (b, y, z0), (b, y, z1), (a, y, z1)]


@piece(
    "kiosk",
    boxes=lambda **_: [(-1.1, -1.4, 0.0, 1.45, 1.4, 2.8)],
    overhead=lambda **_: [(-1.45, -1.55, 2.4, 1.5, 1.55, 2.9)],
    lights=lambda power, **_: [
        PointLight((1.9, 0.0, 2.2), (power, power * 0.85, power * 0.6), 8.0)
    ],
)
def build_kiosk(sketch: Sketch, tint: Colour = (74, 96, 90), power: float = 4.0) -> None:
    """A newspaper kiosk, hatch towards +x."""
    colour = np.asarray(tint, float)
    sketch.boxes((0, 0, 0), (2.2, 2.7, 2.5), "planks", colour * 1.25)
    roof = [(0, 0, 2.5), (0, 0, 2.62)], [(2.9, 3.1, 0.12), (2.4, 2.7, 0.16)]
    sketch.boxes(*roof, "metal", colour * 0.7, ALL_SIDES)
    hatch, lit = upright(1.11, -1.0, 1.0, 0.95, 2.2), {"glow": GLOW_UNIT, "switch": SWITCH_WINDOW}
    sketch.quads(hatch, "shop_fronts_b", (235, 232, 225), cell=(1, 0), **lit)
    sketch.boxes((1.28, 0, 0.88), (0.4, 2.1, 0.06), "planks", (206, 184, 150), ALL_SIDES)
    for column, y, ends in ((1, -1.36, (-0.8, 0.1)), (2, 1.36, (0.1, -0.8))):
        poster = _wall(ends, y, 0.5, 2.1)
        sketch.quads(poster, "posters", (226, 224, 218), cell=(column, 1))
    sign, lit = upright(1.46, -1.0, 1.0, 2.52, 2.84), {"glow": GLOW_UNIT // 2}
    sketch.quads(sign, "shop_signs", (240, 240, 238), cell=(0, 2), switch=SWITCH_LAMP, **lit)


@piece(
    "bus_stop",
    boxes=lambda **_: [(-0.8, -2.0, 0.0, -0.55, 2.0, 2.4), (-0.8, 1.85, 0.0, 0.6, 2.05, 2.4)],
    overhead=lambda **_: [(-0.9, -2.15, 0.2, 0.7, 2.15, 2.55)],
    lights=lambda **_: [PointLight((0.0, 0.0, 2.2), (4.0, 3.9, 3.6), 8.0)],
)
def build_bus_stop(sketch: Sketch) -> None:
    """A shelter of steel and glass, open towards +x, with a lit poster at one end."""
    rng = sketch.rng
    posts = [(-0.7, -1.95, 0), (-0.7, 1.95, 0), (-0.7, 0.0, 0)]
    sketch.boxes(posts, (0.08, 0.08, 2.4), "metal", _STEEL)
    sketch.boxes((-0.1, 0, 2.4), (1.6, 4.3, 0.12), "metal", (120, 124, 126), ALL_SIDES)
    rails = [(-0.7, 0, 0.35), (-0.7, 0, 1.2), (-0.7, 0, 2.0)]
    sketch.boxes(rails, (0.04, 3.9, 0.05), "metal", _STEEL, ALL_SIDES)
    sketch.boxes((-0.45, -0.4, 0.45), (0.35, 2.4, 0.06), "planks", (196, 160, 120), ALL_SIDES)
    sketch.boxes([(-0.45, -1.4, 0), (-0.45, 0.6, 0)], (0.06, 0.06, 0.45), "metal", _STEEL)
    sketch.boxes((-0.1, 1.95, 0.15), (1.3, 0.14, 2.1), "metal", _STEEL)
    lit = {"glow": GLOW_UNIT, "switch": SWITCH_LAMP}
    for y, ends in ((1.95 + 0.075, (0.5, -0.7)), (1.95 - 0.075, (-0.7, 0.5))):
        cell = (rng.integers(4), rng.integers(2))
        sketch.quads(_wall(ends, y, 0.3, 2.15), "posters", (236, 236, 234), cell=cell, **lit)
    lamp = {"glow": GLOW_UNIT * 2, "switch": SWITCH_LAMP, "casts": False}
    sketch.boxes((-0.1, 0, 2.37), (0.12, 2.6, 0.03), "white", (250, 250, 244), ALL_SIDES, **lamp)


_TABLE = ((0.22, 0), (0.2, 0.03), (0.03, 0.06), (0.03, 0.7), (0.36, 0.72), (0.36, 0.745), (0, 0.75))
"""Radius and height of its outline."""
_CHAIR = (
    ((0, 0, 0.44), (0.42, 0.42, 0.03)),
    ((-0.2, 0, 0.5), (0.03, 0.4, 0.38)),
    ((0.17, 0.17, 0), (0.03, 0.03, 0.44)),
    ((0.17, -0.17, 0), (0.03, 0.03, 0.44)),
    ((-0.19, 0.18, 0), (0.03, 0.03, 0.48)),
    ((-0.19, -0.18, 0), (0.03, 0.03, 0.48)),
)
"""Bottom and size of its boxes."""


def _chairs(rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Of each chair at a table: the angle and the radius where it stands, and its shade."""
    turn = rng.uniform(0, 6.28)
    angles = [turn + k * 1.62 for k in range(int(rng.integers(3, 5)))]
    return [(angle, rng.uniform(0.58, 0.72), rng.uniform(0.9, 1.1)) for angle in angles]


def _chair_seats(rng: np.random.Generator, parasol: bool, **_: object) -> list[Place]:
    places: list[Place] = []
    for angle, radius, _shade in _chairs(rng):
        edge = radius - 0.23
        table = (edge - 0.34, -0.34, 0.70, edge + 0.34, 0.34, 0.75)
        roof = (edge - 1.3, -1.3, 2.2, edge + 1.3, 1.3, 2.55)
        at = (edge * np.cos(angle), edge * np.sin(angle), 0.0, angle + np.pi)
        over = (table, roof) if parasol else (table,)
        places.append(Place(*at, (*chair(0.2), *over)))
    return places


@piece(
    "cafe_table",
    boxes=lambda **_: around(0.75, 0.75, 0.85),
    seats=_chair_seats,
    overhead=lambda parasol, **_: [(-1.5, -1.5, 2.0, 1.5, 1.5, 2.7)] if parasol else [],
)
def build_cafe_table(
    sketch: Sketch, parasol: bool = False, cloth: Colour = (206, 194, 166),
    tint: Colour = (150, 116, 84),
) -> None:  # fmt: skip
    """A round table with three or four chairs, perhaps under a parasol."""
    sketch.lathe(_TABLE, 14, "metal", (120.0, 122, 124))
    bottoms, sizes = zip(*_CHAIR)
    for angle, radius, shade in _chairs(sketch.rng):
        place = (radius * np.cos(angle), radius * np.sin(angle), 0)
        wood = np.asarray(tint) * shade
        sketch.boxes(bottoms, sizes, "planks", wood, at=place, heading=angle + np.pi)
    if parasol:
        sketch.lathe([(0.03, 0.7), (0.03, 2.6)], 8, "metal", (190, 188, 180))
        count = 8
        angle = np.linspace(0, 2 * np.pi, count + 1)
        rim = np.column_stack([1.5 * np.cos(angle), 1.5 * np.sin(angle), np.full(count + 1, 2.2)])
        top = np.tile((0, 0, 2.68), (count, 1))
        corners = np.stack([rim[:-1], rim[1:], top, top], axis=1)
        uv = np.tile([(0.0, 0), (0.1, 0), (0.1, 1.5), (0, 1.5)], (count, 1, 1))
        shade = np.where(np.arange(count) % 2, 1.0, 0.94).repeat(4)[:, None]
        sketch.quads(corners, "white", np.asarray(cloth) * shade, uv, two_sided=True)
        low = rim - (0, 0, 0.18)
        skirt = np.stack([low[:-1], low[1:], rim[1:], rim[:-1]], axis=1)
        sketch.quads(skirt, "white", np.asarray(cloth) * 0.92, two_sided=True)


@piece(
    "steps",
    boxes=lambda length, count, **_: [
        (-0.34 * count, -length / 2, 0.0, 0.0, length / 2, 0.16 * count)
    ],
)
def build_steps(
    sketch: Sketch, length: float = 6.0, count: int = 4, tint: Colour = (206, 202, 194)
) -> None:
    """A flight of steps rising towards -x, ``length`` wide."""
    depths = [0.34 * (count - k) for k in range(count)]
    bottoms = [(-0.34 * k - depth / 2, 0, 0.16 * k) for k, depth in enumerate(depths)]
    sketch.boxes(bottoms, [(depth, length, 0.16) for depth in depths], "ashlar", tint)


@piece("column", boxes=lambda radius, height, **_: around(radius, radius, height))
def build_column(
    sketch: Sketch, radius: float = 0.3, height: float = 4.0, material: str = "plaster",
    tint: Colour = (214, 208, 196),
) -> None:  # fmt: skip
    """A round column with base and capital."""
    base = [(radius * 1.3, 0), (radius * 1.3, 0.2), (radius, 0.3), (radius * 0.9, height - 0.35)]
    capital = [(radius * 1.25, height - 0.2), (radius * 1.25, height), (0, height)]
    sketch.lathe(base + capital, 18, material, tint)


def _fountain_boxes(radius: float, **_: object) -> list[Box]:
    # Three boxes whose union is nearly the round basin, and the column in its middle.
    basin, edge = [(1.0, 0.42), (0.78, 0.78), (0.42, 1.0)], radius + 0.08
    round_basin = [around(x * edge, y * edge, 0.6)[0] for x, y in basin]
    return round_basin + around(0.5, 0.5, 2.4)


@piece("fountain", boxes=_fountain_boxes)
def build_fountain(sketch: Sketch, radius: float = 3.0, tint: Colour = (206, 198, 184)) -> None:
    """A round basin with a stepped centre and falling water."""
    r = radius
    outside = [(r, 0), (r, 0.42), (r + 0.08, 0.46), (r + 0.08, 0.56)]
    sketch.lathe([*outside, (r - 0.32, 0.56), (r - 0.32, 0.3)], 32, "ashlar", tint)
    water = [(r - 0.3, 0.42), (0.0, 0.42)]
    sketch.lathe(water, 32, "glass", (92, 116, 122), casts=False)
    foot = [(0.55, 0.3), (0.5, 0.8), (0.32, 0.95), (0.26, 1.5)]
    bowl = [(1.0, 1.72), (1.06, 1.8), (0.95, 1.82), (0.3, 1.76)]
    top = [(0.2, 2.1), (0.5, 2.3), (0.52, 2.36), (0, 2.36)]
    sketch.lathe(foot + bowl + top, 24, "ashlar", np.asarray(tint) * 0.95)
    angle = np.arange(10) * 2 * np.pi / 10
    falls = ((1.0, 1.8, 0.03), (1.1, 1.6, 0.035), (1.16, 1.0, 0.05), (1.18, 0.42, 0.07))
    radii = [thick for _, _, thick in falls]
    for x, y in zip(np.cos(angle), np.sin(angle)):
        fall = [(x * out, y * out, z) for out, z, _ in falls]
        tone = (204, 216, 222)
        sketch.tube(fall, radii, 5, "glass", tone, casts=False, level=Level.NEAR)


@piece("statue", boxes=lambda **_: around(0.9, 0.9, 3.8))
def build_statue(sketch: Sketch, tint: Colour = (86, 104, 94)) -> None:
    """A draped bronze figure on a stone plinth."""
    plinth = [(1.8, 1.8, 0.3), (1.2, 1.2, 1.25), (1.4, 1.4, 0.14)]
    sketch.boxes([(0, 0, 0), (0, 0, 0.3), (0, 0, 1.55)], plinth, "ashlar", (196, 190, 180))
    robe = [(0.42, 1.69), (0.36, 2.1), (0.27, 2.5), (0.3, 2.8)]
    figure = lathe([*robe, (0.34, 3.0), (0.2, 3.14), (0.08, 3.2)], 18)
    x, y, _ = figure.positions.T
    fold = 1 + 0.08 * np.sin(np.arctan2(y, x) * 7)
    folds = np.column_stack([fold, fold * 0.8, np.ones_like(fold)])
    sketch.add(figure._replace(positions=figure.positions * folds), "metal", tint)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 8)
    head = np.column_stack([0.13 * np.cos(angle), 3.34 + 0.16 * np.sin(angle)]).clip(0)
    sketch.lathe(head, 12, "metal", tint)
    arm = [(0.0, 0.28, 2.98), (0.3, 0.45, 2.8), (0.65, 0.4, 3.1)]
    sketch.tube(arm, (0.1, 0.08, 0.05), 8, "metal", tint)


def canopy_shape(width: float, depth: float, low: float, high: float) -> Shape:
    """A four-sided tent roof over ``depth`` x ``width``, eaves at ``low``, tip at ``high``."""
    x, y = depth / 2, width / 2
    ring = np.array([(x, -y, low), (x, y, low), (-x, y, low), (-x, -y, low)], float)
    tip = np.tile((0.0, 0.0, high), (4, 1))
    return quads(np.stack([ring, np.roll(ring, -1, axis=0), tip, tip], axis=1))
