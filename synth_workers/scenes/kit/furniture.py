"""Street furniture: benches, bins, bollards, lamps, signs, cabinets, poster columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, PointLight
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import ALL_SIDES, box, boxes, lathe, quads, tube, upright
from synth_workers.scenes.parts import Level, Sketch

IRON = (58, 62, 62)


def _bench_boxes(length: float = 1.7, back: bool = True, **_: object) -> list[Box]:
    return [(-0.3, -length / 2, 0.0, 0.3, length / 2, 0.9 if back else 0.48)]


@piece("bench", boxes=_bench_boxes)
def build_bench(
    rng: np.random.Generator,
    length: float = 1.7,
    back: bool = True,
    tint: Sequence[float] = (206, 170, 132),
) -> Sketch:
    """A slatted bench along y, its back towards -x."""
    sketch = Sketch()
    slats = np.column_stack([np.linspace(-0.2, 0.22, 5), np.zeros(5), np.full(5, 0.43)])
    shade = np.repeat(rng.uniform(0.86, 1.04, (5, 1)), 24, axis=0)
    wood = np.asarray(tint, float)
    sketch.add(boxes(slats, (0.085, length, 0.035), ALL_SIDES), "planks", wood * shade)
    if back:
        rails = np.column_stack(
            [-0.25 - 0.03 * np.arange(3), np.zeros(3), 0.52 + 0.13 * np.arange(3)]
        )
        sketch.add(boxes(rails, (0.03, length, 0.1), ALL_SIDES), "planks", wood)
    legs = [(0.0, side * (length / 2 - 0.15), 0) for side in (-1, 1)]
    sketch.add(boxes(legs, (0.46, 0.06, 0.43)), "metal", IRON)
    if back:
        posts = [(-0.28, side * (length / 2 - 0.15), 0.4) for side in (-1, 1)]
        sketch.add(boxes(posts, (0.05, 0.05, 0.5)), "metal", IRON)
    return sketch


def _round_boxes(radius: float, height: float) -> list[Box]:
    return [(-radius, -radius, 0.0, radius, radius, height)]


@piece("bin", boxes=lambda **_: _round_boxes(0.27, 0.95))
def build_bin(rng: np.random.Generator, tint: Sequence[float] = (62, 80, 66)) -> Sketch:
    """A litter bin with a lid."""
    sketch = Sketch()
    profile = [
        (0.21, 0),
        (0.23, 0.08),
        (0.23, 0.74),
        (0.26, 0.76),
        (0.26, 0.82),
        (0.2, 0.88),
        (0, 0.92),
    ]
    sketch.add(lathe(profile, 16), "metal", tint)
    sketch.add(boxes([(0.225, 0, 0.6)], (0.03, 0.26, 0.1)), "white", (18, 18, 18))
    return sketch


@piece("bollard", boxes=lambda **_: _round_boxes(0.1, 0.95))
def build_bollard(rng: np.random.Generator, tint: Sequence[float] = (56, 58, 60)) -> Sketch:
    """A cast-iron post."""
    sketch = Sketch()
    profile = [
        (0.09, 0),
        (0.09, 0.1),
        (0.065, 0.14),
        (0.06, 0.72),
        (0.085, 0.76),
        (0.085, 0.84),
        (0.05, 0.91),
        (0, 0.93),
    ]
    sketch.add(lathe(profile, 10), "metal", tint)
    band = lathe([(0.068, 0.6), (0.068, 0.68)], 10)
    sketch.add(band, "white", (206, 202, 192), level=Level.NEAR)
    return sketch


def _lamp_lights(
    height: float = 4.8, arm: float = 1.1, power: float = 9.0, style: str = "mast", **_: object
) -> list[PointLight]:
    warm = (1.0 * power, 0.80 * power, 0.52 * power)
    if style == "globe":
        return [PointLight((0.0, 0.0, height * 0.72 + 0.1), warm, 13.0)]
    return [PointLight((arm, 0.0, height - 0.15), warm, 16.0)]


@piece("lamp", boxes=lambda **_: _round_boxes(0.18, 3.0), lights=_lamp_lights)
def build_lamp(
    rng: np.random.Generator,
    height: float = 4.8,
    arm: float = 1.1,
    power: float = 9.0,
    style: str = "mast",
    tint: Sequence[float] = IRON,
) -> Sketch:
    """A street lamp: a mast with an arm towards +x, or a low ``globe`` on a post.

    ``power``: radiance on a white surface one metre away.
    """
    sketch = Sketch()
    glow = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
    if style == "globe":
        top = height * 0.72
        post = [
            (0.14, 0),
            (0.14, 0.25),
            (0.07, 0.4),
            (0.05, 0.9),
            (0.045, top - 0.1),
            (0.1, top - 0.05),
            (0.1, top),
        ]
        sketch.add(lathe(post, 12), "metal", tint)
        angle = np.linspace(-np.pi / 2, np.pi / 2, 9)
        globe = np.column_stack([0.2 * np.cos(angle), top + 0.19 + 0.2 * np.sin(angle)]).clip(0)
        sketch.add(lathe(globe, 14), "white", (246, 240, 222), **glow)
        sketch.add(
            lathe([(0.12, top + 0.36), (0.05, top + 0.44), (0, top + 0.48)], 12), "metal", tint
        )
        return sketch
    mast = [
        (0.15, 0),
        (0.15, 0.3),
        (0.09, 0.45),
        (0.065, 1.0),
        (0.05, height - 0.2),
        (0, height - 0.15),
    ]
    sketch.add(lathe(mast, 12), "metal", tint)
    sketch.add(
        tube([(0, 0, height - 0.4), (arm * 0.4, 0, height), (arm, 0, height + 0.03)], 0.035, 6),
        "metal",
        tint,
    )
    sketch.add(boxes([(arm, 0, height - 0.06)], (0.6, 0.24, 0.1)), "metal", np.asarray(tint) * 1.2)
    sketch.add(
        boxes([(arm, 0, height - 0.09)], (0.48, 0.17, 0.03), ALL_SIDES),
        "white",
        (250, 244, 226),
        **glow,
    )
    return sketch


@piece("sign_post", boxes=lambda **_: _round_boxes(0.06, 2.4))
def build_sign_post(rng: np.random.Generator, sign: int = 0, height: float = 2.7) -> Sketch:
    """A post with a square sign facing +x; ``sign`` 0..15 chooses the picture."""
    sketch = Sketch()
    sketch.add(lathe([(0.03, 0), (0.03, height), (0, height)], 8), "metal", (150, 152, 154))
    low = height - 0.65
    corners = upright(0.04, -0.31, 0.31, low, low + 0.62)
    cell = atlas_uv(np.array([sign % 4]), np.array([sign // 4 % 4]), 4, 4)
    sketch.add(quads(corners, cell), "road_signs", (235, 235, 235))
    sketch.add(
        boxes([(0.018, 0, low)], (0.035, 0.62, 0.62), ("-x", "+y", "-y", "+z", "-z")),
        "metal",
        (140, 142, 144),
    )
    return sketch


def _cabinet_boxes(size: Sequence[float] = (0.4, 1.1, 1.2), **_: object) -> list[Box]:
    return [(-size[0] / 2, -size[1] / 2, 0.0, size[0] / 2, size[1] / 2, size[2])]


@piece("cabinet", boxes=_cabinet_boxes)
def build_cabinet(
    rng: np.random.Generator,
    size: Sequence[float] = (0.4, 1.1, 1.2),
    tint: Sequence[float] = (150, 156, 148),
) -> Sketch:
    """A grey service cabinet with two doors and stickers, doors towards +x."""
    sketch = Sketch()
    depth, width, height = size
    sketch.add(box((depth + 0.06, width + 0.06, 0.12)), "concrete", (180, 178, 172))
    sketch.add(boxes([(0, 0, 0.1)], (depth, width, height - 0.1)), "sheet_metal", tint)
    seam = [(depth / 2, 0, 0.15)]
    sketch.add(boxes(seam, (0.012, 0.015, height - 0.2)), "white", (70, 72, 70), level=Level.NEAR)
    sticker = [(depth / 2, -width * 0.25, height * 0.55), (depth / 2, width * 0.2, height * 0.7)]
    sketch.add(
        boxes(sticker, [(0.008, 0.16, 0.2), (0.008, 0.2, 0.12)]),
        "white",
        (214, 196, 120),
        level=Level.NEAR,
    )
    return sketch


@piece("poster_column", boxes=lambda **_: _round_boxes(0.68, 3.2))
def build_poster_column(rng: np.random.Generator) -> Sketch:
    """A round advertising column covered with posters."""
    sketch = Sketch()
    sketch.add(lathe([(0.68, 0), (0.68, 0.3), (0.62, 0.36)], 20), "concrete", (176, 172, 166))
    sketch.add(lathe([(0.6, 0.36), (0.6, 2.8)], 20), "plaster", (172, 166, 154))
    sketch.add(
        lathe([(0.7, 2.8), (0.7, 2.9), (0.45, 3.1), (0.1, 3.22), (0, 3.22)], 20),
        "metal",
        (66, 84, 78),
    )
    count, radius = 5, 0.612
    for row, (z0, z1) in enumerate(((0.5, 1.6), (1.66, 2.74))):
        for k in range(count):
            strips = 4
            edges = (
                k + 0.06 + 0.88 * np.arange(strips + 1) / strips
            ) * 2 * np.pi / count + row * 0.4
            cell = atlas_uv(np.array([rng.integers(4)]), np.array([rng.integers(2)]), 4, 2)[0]
            for i in range(strips):
                a, b = edges[i], edges[i + 1]
                corners = [
                    [
                        (radius * np.cos(t), radius * np.sin(t), z)
                        for t, z in ((a, z0), (b, z0), (b, z1), (a, z1))
                    ]
                ]
                u0 = cell[0, 0] + (cell[1, 0] - cell[0, 0]) * i / strips
                u1 = cell[0, 0] + (cell[1, 0] - cell[0, 0]) * (i + 1) / strips
                uv = np.array(
                    [[(u0, cell[0, 1]), (u1, cell[0, 1]), (u1, cell[2, 1]), (u0, cell[2, 1])]]
                )
                sketch.add(quads(corners, uv), "posters", (228, 226, 220))
    return sketch


@piece("poster_board", boxes=lambda **_: [(-0.12, -0.7, 0.0, 0.12, 0.7, 2.4)])
def build_poster_board(rng: np.random.Generator, poster: int = 0, lit: bool = True) -> Sketch:
    """A free-standing illuminated poster, faces towards +x and -x."""
    sketch = Sketch()
    sketch.add(
        boxes([(0, 0, 0), (0, 0, 0.35)], [(0.24, 1.0, 0.35), (0.16, 1.4, 2.05)]),
        "metal",
        (84, 88, 90),
    )
    glow = GLOW_UNIT // 2 if lit else 0
    for side in (1, -1):
        x = side * 0.085
        corners = upright(x, -side * 0.6, side * 0.6, 0.5, 2.3)
        which = poster + (side < 0)
        cell = atlas_uv(np.array([which % 4]), np.array([which // 4 % 2]), 4, 2)
        sketch.add(quads(corners, cell), "posters", (236, 236, 232), glow=glow, switch=SWITCH_LAMP)
    return sketch


def _lights_only(
    power: float = 5.0, reach: float = 8.0, height: float = 2.4, **_: object
) -> list[PointLight]:
    return [PointLight((0.0, 0.0, height), (power, power * 0.84, power * 0.6), reach)]


@piece("glow", lights=_lights_only)
def build_glow(
    rng: np.random.Generator, power: float = 5.0, reach: float = 8.0, height: float = 2.4
) -> Sketch:
    """Light without a lamp: what falls out of a lit shop window at night."""
    return Sketch()


def _bike_rack_boxes(count: int = 4, **_: object) -> list[Box]:
    return [(-0.4, -0.1, 0.0, 0.4, (count - 1) * 0.8 + 0.1, 0.85)]


@piece("bike_rack", boxes=_bike_rack_boxes)
def build_bike_rack(rng: np.random.Generator, count: int = 4) -> Sketch:
    """Hoops of steel tube, one behind the other along y."""
    sketch = Sketch()
    hoop = [
        (-0.38, 0, 0),
        (-0.38, 0, 0.7),
        (-0.2, 0, 0.83),
        (0.2, 0, 0.83),
        (0.38, 0, 0.7),
        (0.38, 0, 0),
    ]
    for k in range(count):
        sketch.add(tube(hoop, 0.025, 6), "metal", (156, 158, 160), at=(0, 0.8 * k, 0))
    return sketch
