"""Larger things on streets and squares: kiosks, bus stops, cafe tables, stalls, fountains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW, PointLight
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import ALL_SIDES, Shape, box, boxes, lathe, quads, tube, upright
from synth_workers.scenes.parts import Level, Sketch


def _kiosk_lights(power: float = 4.0, **_: object) -> list[PointLight]:
    return [PointLight((1.9, 0.0, 2.2), (power, power * 0.85, power * 0.6), 8.0)]


@piece("kiosk", boxes=lambda **_: [(-1.1, -1.4, 0.0, 1.45, 1.4, 2.8)], lights=_kiosk_lights)
def build_kiosk(
    rng: np.random.Generator, tint: Sequence[float] = (74, 96, 90), power: float = 4.0
) -> Sketch:
    """A newspaper kiosk, hatch towards +x."""
    sketch = Sketch()
    colour = np.asarray(tint, float)
    sketch.add(box((2.2, 2.7, 2.5)), "planks", colour * 1.25)
    sketch.add(
        boxes([(0, 0, 2.5), (0, 0, 2.62)], [(2.9, 3.1, 0.12), (2.4, 2.7, 0.16)], ALL_SIDES),
        "metal",
        colour * 0.7,
    )
    hatch = upright(1.11, -1.0, 1.0, 0.95, 2.2)
    cell = atlas_uv(np.array([1]), np.array([0]), 2, 2)
    sketch.add(
        quads(hatch, cell), "shop_fronts_b", (235, 232, 225), glow=GLOW_UNIT, switch=SWITCH_WINDOW
    )
    sketch.add(boxes([(1.28, 0, 0.88)], (0.4, 2.1, 0.06), ALL_SIDES), "planks", (206, 184, 150))
    for k, side in enumerate((-1, 1)):
        left, right = (-0.8, 0.1) if side < 0 else (0.1, -0.8)
        y = side * 1.36
        poster = [[(left, y, 0.5), (right, y, 0.5), (right, y, 2.1), (left, y, 2.1)]]
        cell = atlas_uv(np.array([k + 1]), np.array([1]), 4, 2)
        sketch.add(quads(poster, cell), "posters", (226, 224, 218))
    sign = upright(1.46, -1.0, 1.0, 2.52, 2.84)
    sketch.add(
        quads(sign, atlas_uv(np.array([0]), np.array([2]), 2, 8)),
        "shop_signs",
        (240, 240, 238),
        glow=GLOW_UNIT // 2,
        switch=SWITCH_LAMP,
    )
    return sketch


@piece(
    "bus_stop",
    boxes=lambda **_: [(-0.8, -2.0, 0.0, -0.55, 2.0, 2.4), (-0.8, 1.85, 0.0, 0.6, 2.05, 2.4)],
    lights=lambda **_: [PointLight((0.0, 0.0, 2.2), (4.0, 3.9, 3.6), 8.0)],
)
def build_bus_stop(rng: np.random.Generator) -> Sketch:
    """A shelter of steel and glass, open towards +x, with a lit poster at one end."""
    sketch = Sketch()
    steel = (92, 96, 100)
    posts = [(-0.7, -1.95, 0), (-0.7, 1.95, 0), (-0.7, 0.0, 0)]
    sketch.add(boxes(posts, (0.08, 0.08, 2.4)), "metal", steel)
    sketch.add(boxes([(-0.1, 0, 2.4)], (1.6, 4.3, 0.12), ALL_SIDES), "metal", (120, 124, 126))
    rails = [(-0.7, 0, 0.35), (-0.7, 0, 1.2), (-0.7, 0, 2.0)]
    sketch.add(boxes(rails, (0.04, 3.9, 0.05), ALL_SIDES), "metal", steel)
    seat = [(-0.45, -0.4, 0.45)]
    sketch.add(boxes(seat, (0.35, 2.4, 0.06), ALL_SIDES), "planks", (196, 160, 120))
    sketch.add(boxes([(-0.45, -1.4, 0), (-0.45, 0.6, 0)], (0.06, 0.06, 0.45)), "metal", steel)
    sketch.add(boxes([(-0.1, 1.95, 0.15)], (1.3, 0.14, 2.1)), "metal", steel)
    for side in (1, -1):
        y = 1.95 + side * 0.075
        xs = (0.5, -0.7) if side > 0 else (-0.7, 0.5)
        corners = [[(xs[0], y, 0.3), (xs[1], y, 0.3), (xs[1], y, 2.15), (xs[0], y, 2.15)]]
        cell = atlas_uv(np.array([rng.integers(4)]), np.array([rng.integers(2)]), 4, 2)
        sketch.add(
            quads(corners, cell), "posters", (236, 236, 234), glow=GLOW_UNIT, switch=SWITCH_LAMP
        )
    tube_lamp = boxes([(-0.1, 0, 2.37)], (0.12, 2.6, 0.03), ALL_SIDES)
    sketch.add(
        tube_lamp, "white", (250, 250, 244), glow=GLOW_UNIT * 2, switch=SWITCH_LAMP, casts=False
    )
    return sketch


def _table(sketch: Sketch, x: float, y: float, tint: np.ndarray) -> None:
    sketch.add(
        lathe(
            [
                (0.22, 0),
                (0.2, 0.03),
                (0.03, 0.06),
                (0.03, 0.7),
                (0.36, 0.72),
                (0.36, 0.745),
                (0, 0.75),
            ],
            14,
        ),
        "metal",
        tint,
        at=(x, y, 0),
    )


def _chair(sketch: Sketch, x: float, y: float, heading: float, tint: np.ndarray) -> None:
    parts = boxes(
        [
            (0, 0, 0.44),
            (-0.2, 0, 0.5),
            (0.17, 0.17, 0),
            (0.17, -0.17, 0),
            (-0.19, 0.18, 0),
            (-0.19, -0.18, 0),
        ],
        [
            (0.42, 0.42, 0.03),
            (0.03, 0.4, 0.38),
            (0.03, 0.03, 0.44),
            (0.03, 0.03, 0.44),
            (0.03, 0.03, 0.48),
            (0.03, 0.03, 0.48),
        ],
    )
    sketch.add(parts, "planks", tint, at=(x, y, 0), heading=heading)


@piece("cafe_table", boxes=lambda parasol=False, **_: [(-0.75, -0.75, 0.0, 0.75, 0.75, 0.85)])
def build_cafe_table(
    rng: np.random.Generator,
    parasol: bool = False,
    cloth: Sequence[float] = (206, 194, 166),
    tint: Sequence[float] = (150, 116, 84),
) -> Sketch:
    """A round table with three or four chairs, perhaps under a parasol."""
    sketch = Sketch()
    _table(sketch, 0, 0, np.array([120.0, 122, 124]))
    turn = rng.uniform(0, 6.28)
    for k in range(int(rng.integers(3, 5))):
        angle = turn + k * 1.62
        radius = rng.uniform(0.58, 0.72)
        _chair(
            sketch,
            radius * np.cos(angle),
            radius * np.sin(angle),
            angle + np.pi,
            np.asarray(tint) * rng.uniform(0.9, 1.1),
        )
    if parasol:
        sketch.add(lathe([(0.03, 0.7), (0.03, 2.6)], 8), "metal", (190, 188, 180))
        count = 8
        angle = np.linspace(0, 2 * np.pi, count + 1)
        rim = np.column_stack([1.5 * np.cos(angle), 1.5 * np.sin(angle), np.full(count + 1, 2.2)])
        top = np.array([0, 0, 2.68])
        corners = np.stack(
            [rim[:-1], rim[1:], np.tile(top, (count, 1)), np.tile(top, (count, 1))], axis=1
        )
        canopy = quads(corners, np.tile([(0.0, 0), (0.1, 0), (0.1, 1.5), (0, 1.5)], (count, 1, 1)))
        shade = np.where(np.arange(count) % 2, 1.0, 0.94).repeat(4)[:, None]
        sketch.add(canopy, "white", np.asarray(cloth) * shade, two_sided=True)
        low = rim - (0, 0, 0.18)
        skirt = quads(np.stack([low[:-1], low[1:], rim[1:], rim[:-1]], axis=1))
        sketch.add(skirt, "white", np.asarray(cloth) * 0.92, two_sided=True)
    return sketch


@piece(
    "steps",
    boxes=lambda length=6.0, count=4, **_: [
        (-0.34 * count, -length / 2, 0.0, 0.0, length / 2, 0.16 * count)
    ],
)
def build_steps(
    rng: np.random.Generator,
    length: float = 6.0,
    count: int = 4,
    tint: Sequence[float] = (206, 202, 194),
) -> Sketch:
    """A flight of steps rising towards -x, ``length`` wide."""
    sketch = Sketch()
    k = np.arange(count)
    rest = 0.34 * (count - k)
    bottoms = np.column_stack([-0.34 * k - rest / 2, 0 * k, 0.16 * k])
    sizes = np.column_stack([rest, np.full(count, length), np.full(count, 0.16)])
    sketch.add(boxes(bottoms, sizes), "ashlar", tint)
    return sketch


@piece(
    "column",
    boxes=lambda radius=0.3, height=4.0, **_: [(-radius, -radius, 0.0, radius, radius, height)],
)
def build_column(
    rng: np.random.Generator,
    radius: float = 0.3,
    height: float = 4.0,
    material: str = "plaster",
    tint: Sequence[float] = (214, 208, 196),
) -> Sketch:
    """A round column with base and capital."""
    sketch = Sketch()
    profile = [
        (radius * 1.3, 0), (radius * 1.3, 0.2), (radius, 0.3), (radius * 0.9, height - 0.35),
        (radius * 1.25, height - 0.2), (radius * 1.25, height), (0, height),
    ]  # fmt: skip
    sketch.add(lathe(profile, 18), material, tint)
    return sketch


def ring_of(count: int, radius: float) -> np.ndarray:
    """(count, 2) points on a circle."""
    angle = np.arange(count) * 2 * np.pi / count
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _fountain_boxes(radius: float = 3.0, **_: object) -> list[Box]:
    # Three boxes whose union is nearly the round basin, and the column in its middle.
    basin = [(1.0, 0.42), (0.78, 0.78), (0.42, 1.0)]
    edge = radius + 0.08
    return [(-x * edge, -y * edge, 0.0, x * edge, y * edge, 0.6) for x, y in basin] + [
        (-0.5, -0.5, 0.0, 0.5, 0.5, 2.4)
    ]


@piece("fountain", boxes=_fountain_boxes)
def build_fountain(
    rng: np.random.Generator, radius: float = 3.0, tint: Sequence[float] = (206, 198, 184)
) -> Sketch:
    """A round basin with a stepped centre and falling water."""
    sketch = Sketch()
    r = radius
    sketch.add(
        lathe(
            [
                (r, 0),
                (r, 0.42),
                (r + 0.08, 0.46),
                (r + 0.08, 0.56),
                (r - 0.32, 0.56),
                (r - 0.32, 0.3),
            ],
            32,
        ),
        "ashlar",
        tint,
    )
    sketch.add(lathe([(r - 0.3, 0.42), (0.0, 0.42)], 32), "glass", (92, 116, 122), casts=False)
    middle = [
        (0.55, 0.3),
        (0.5, 0.8),
        (0.32, 0.95),
        (0.26, 1.5),
        (1.0, 1.72),
        (1.06, 1.8),
        (0.95, 1.82),
        (0.3, 1.76),
        (0.2, 2.1),
        (0.5, 2.3),
        (0.52, 2.36),
        (0, 2.36),
    ]
    sketch.add(lathe(middle, 24), "ashlar", np.asarray(tint) * 0.95)
    points = ring_of(10, 1.0)
    for x, y in points:
        fall = [
            (x, y, 1.8),
            (x * 1.1, y * 1.1, 1.6),
            (x * 1.16, y * 1.16, 1.0),
            (x * 1.18, y * 1.18, 0.42),
        ]
        sketch.add(
            tube(fall, (0.03, 0.035, 0.05, 0.07), 5),
            "glass",
            (204, 216, 222),
            casts=False,
            level=Level.NEAR,
        )
    return sketch


@piece("statue", boxes=lambda **_: [(-0.9, -0.9, 0.0, 0.9, 0.9, 3.8)])
def build_statue(rng: np.random.Generator, tint: Sequence[float] = (86, 104, 94)) -> Sketch:
    """A draped bronze figure on a stone plinth."""
    sketch = Sketch()
    sketch.add(
        boxes(
            [(0, 0, 0), (0, 0, 0.3), (0, 0, 1.55)],
            [(1.8, 1.8, 0.3), (1.2, 1.2, 1.25), (1.4, 1.4, 0.14)],
        ),
        "ashlar",
        (196, 190, 180),
    )
    robe = [
        (0.42, 1.69),
        (0.36, 2.1),
        (0.27, 2.5),
        (0.3, 2.8),
        (0.34, 3.0),
        (0.2, 3.14),
        (0.08, 3.2),
    ]
    figure = lathe(robe, 18)
    fold = 1 + 0.08 * np.sin(np.arctan2(figure.positions[:, 1], figure.positions[:, 0]) * 7)
    figure = figure._replace(
        positions=figure.positions * np.column_stack([fold, fold * 0.8, np.ones_like(fold)])
    )
    sketch.add(figure, "metal", tint)
    angle = np.linspace(-np.pi / 2, np.pi / 2, 8)
    sketch.add(
        lathe(np.column_stack([0.13 * np.cos(angle), 3.34 + 0.16 * np.sin(angle)]).clip(0), 12),
        "metal",
        tint,
    )
    sketch.add(
        tube([(0.0, 0.28, 2.98), (0.3, 0.45, 2.8), (0.65, 0.4, 3.1)], (0.1, 0.08, 0.05), 8),
        "metal",
        tint,
    )
    return sketch


def canopy_shape(width: float, depth: float, low: float, high: float) -> Shape:
    """A four-sided tent roof over ``depth`` x ``width``, eaves at ``low``, tip at ``high``."""
    x, y = depth / 2, width / 2
    ring = np.array([(x, -y, low), (x, y, low), (-x, y, low), (-x, -y, low)], float)
    following = np.roll(ring, -1, axis=0)
    tip = np.tile((0.0, 0.0, high), (4, 1))
    return quads(np.stack([ring, following, tip, tip], axis=1))
