"""Street furniture: benches, bins, bollards, lamps, signs, cabinets, poster columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, PointLight
from synth_workers.scenes.kit.registry import Box, Colour, Place, around, chair, piece
from synth_workers.scenes.materials import MATERIALS, atlas_uv
from synth_workers.scenes.mesh import ALL_SIDES, upright
from synth_workers.scenes.parts import Level, Sketch

IRON = (58, 62, 62)


_ELBOW_ROOM = 0.56


def _bench_seats(length: float, back: bool, **_: object) -> list[Place]:
    count = max(int(length / _ELBOW_ROOM), 1)
    ys = [(k - (count - 1) / 2) * _ELBOW_ROOM for k in range(count)]
    hides = chair(0.6, 0.88 if back else 0.0)
    return [Place(0.22, y, 0.0, 0.0, hides) for y in ys]


@piece(
    "bench",
    boxes=lambda length, back, **_: around(0.3, length / 2, 0.9 if back else 0.48),
    seats=_bench_seats,
)
def build_bench(
    sketch: Sketch, length: float = 1.7, back: bool = True, tint: Colour = (206, 170, 132)
) -> None:
    """A slatted bench along y, its back towards -x."""
    slats = np.column_stack([np.linspace(-0.2, 0.22, 5), np.zeros(5), np.full(5, 0.43)])
    shade = np.repeat(sketch.rng.uniform(0.86, 1.04, (5, 1)), 24, axis=0)
    wood = np.asarray(tint, float)
    sketch.boxes(slats, (0.085, length, 0.035), "planks", wood * shade, ALL_SIDES)
    ends = [side * (length / 2 - 0.15) for side in (-1, 1)]
    if back:
        rails = [(-0.25 - 0.03 * k, 0.0, 0.52 + 0.13 * k) for k in range(3)]
        sketch.boxes(rails, (0.03, length, 0.1), "planks", wood, ALL_SIDES)
    sketch.boxes([(0.0, y, 0) for y in ends], (0.46, 0.06, 0.43), "metal", IRON)
    if back:
        sketch.boxes([(-0.28, y, 0.4) for y in ends], (0.05, 0.05, 0.5), "metal", IRON)


@piece("bin", boxes=lambda **_: around(0.27, 0.27, 0.95))
def build_bin(sketch: Sketch, tint: Colour = (62, 80, 66)) -> None:
    """A litter bin with a lid."""
    radii, heights = (0.21, 0.23, 0.23, 0.26, 0.26, 0.2, 0), (0, 0.08, 0.74, 0.76, 0.82, 0.88, 0.92)
    sketch.lathe(np.column_stack([radii, heights]), 16, "metal", tint)
    sketch.boxes((0.225, 0, 0.6), (0.03, 0.26, 0.1), "white", (18, 18, 18))


@piece("bollard", boxes=lambda **_: around(0.1, 0.1, 0.95))
def build_bollard(sketch: Sketch, tint: Colour = (56, 58, 60)) -> None:
    """A cast-iron post."""
    foot = [(0.09, 0), (0.09, 0.1), (0.065, 0.14), (0.06, 0.72)]
    head = [(0.085, 0.76), (0.085, 0.84), (0.05, 0.91), (0, 0.93)]
    sketch.lathe(foot + head, 10, "metal", tint)
    band = [(0.068, 0.6), (0.068, 0.68)]
    sketch.lathe(band, 10, "white", (206, 202, 192), level=Level.NEAR)


def _lamp_lights(height: float, arm: float, power: float, style: str, **_: object) -> list:
    warm = (1.0 * power, 0.80 * power, 0.52 * power)
    if style == "globe":
        return [PointLight((0.0, 0.0, height * 0.72 + 0.1), warm, 13.0)]
    return [PointLight((arm, 0.0, height - 0.15), warm, 16.0)]


def _lamp_head(height: float, arm: float, style: str, **_: object) -> list[Box]:
    if style == "globe":
        return around(0.25, 0.25, height * 0.9)
    return [(-0.1, -0.15, 2.0, arm + 0.35, 0.15, height + 0.1)]


@piece(
    "lamp",
    boxes=lambda **_: around(0.18, 0.18, 3.0),
    lights=_lamp_lights,
    overhead=_lamp_head,
)
def build_lamp(
    sketch: Sketch, height: float = 4.8, arm: float = 1.1, power: float = 9.0,
    style: str = "mast", tint: Colour = IRON,
) -> None:  # fmt: skip
    """A street lamp: a mast with an arm towards +x, or a low ``globe`` on a post.

    ``power``: radiance on a white surface one metre away.
    """
    glow = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
    if style == "globe":
        top = height * 0.72
        foot = [(0.14, 0), (0.14, 0.25), (0.07, 0.4), (0.05, 0.9)]
        post = [*foot, (0.045, top - 0.1), (0.1, top - 0.05), (0.1, top)]
        sketch.lathe(post, 12, "metal", tint)
        angle = np.linspace(-np.pi / 2, np.pi / 2, 9)
        globe = np.column_stack([0.2 * np.cos(angle), top + 0.19 + 0.2 * np.sin(angle)]).clip(0)
        sketch.lathe(globe, 14, "white", (246, 240, 222), **glow)
        cap = [(0.12, top + 0.36), (0.05, top + 0.44), (0, top + 0.48)]
        sketch.lathe(cap, 12, "metal", tint)
        return
    foot = [(0.15, 0), (0.15, 0.3), (0.09, 0.45), (0.065, 1.0)]
    sketch.lathe([*foot, (0.05, height - 0.2), (0, height - 0.15)], 12, "metal", tint)
    bend = [(0, 0, height - 0.4), (arm * 0.4, 0, height), (arm, 0, height + 0.03)]
    sketch.tube(bend, 0.035, 6, "metal", tint)
    sketch.boxes((arm, 0, height - 0.06), (0.6, 0.24, 0.1), "metal", np.asarray(tint) * 1.2)
    shade, bright = (0.48, 0.17, 0.03), (250, 244, 226)
    sketch.boxes((arm, 0, height - 0.09), shade, "white", bright, ALL_SIDES, **glow)


@piece("sign_post", boxes=lambda **_: around(0.06, 0.06, 2.4))
def build_sign_post(sketch: Sketch, sign: int = 0, height: float = 2.7) -> None:
    """A post with a square sign facing +x; ``sign`` 0..15 chooses the picture."""
    sketch.lathe([(0.03, 0), (0.03, height), (0, height)], 8, "metal", (150, 152, 154))
    low = height - 0.65
    corners = upright(0.04, -0.31, 0.31, low, low + 0.62)
    sketch.quads(corners, "road_signs", (235, 235, 235), cell=(sign % 4, sign // 4 % 4))
    back, sides = (0.035, 0.62, 0.62), ("-x", "+y", "-y", "+z", "-z")
    sketch.boxes((0.018, 0, low), back, "metal", (140, 142, 144), sides)


@piece("cabinet", boxes=lambda size, **_: around(size[0] / 2, size[1] / 2, size[2]))
def build_cabinet(
    sketch: Sketch, size: Sequence[float] = (0.4, 1.1, 1.2), tint: Colour = (150, 156, 148)
) -> None:
    """A grey service cabinet with two doors and stickers, doors towards +x."""
    depth, width, height = size
    front = depth / 2
    sketch.boxes((0, 0, 0), (depth + 0.06, width + 0.06, 0.12), "concrete", (180, 178, 172))
    sketch.boxes((0, 0, 0.1), (depth, width, height - 0.1), "sheet_metal", tint)
    seam = (0.012, 0.015, height - 0.2)
    sketch.boxes((front, 0, 0.15), seam, "white", (70, 72, 70), level=Level.NEAR)
    stickers = [(front, -width * 0.25, height * 0.55), (front, width * 0.2, height * 0.7)]
    sizes = [(0.008, 0.16, 0.2), (0.008, 0.2, 0.12)]
    sketch.boxes(stickers, sizes, "white", (214, 196, 120), level=Level.NEAR)


@piece("poster_column", boxes=lambda **_: around(0.68, 0.68, 3.2))
def build_poster_column(sketch: Sketch) -> None:
    """A round advertising column covered with posters."""
    sketch.lathe([(0.68, 0), (0.68, 0.3), (0.62, 0.36)], 20, "concrete", (176, 172, 166))
    sketch.lathe([(0.6, 0.36), (0.6, 2.8)], 20, "plaster", (172, 166, 154))
    roof = [(0.7, 2.8), (0.7, 2.9), (0.45, 3.1), (0.1, 3.22), (0, 3.22)]
    sketch.lathe(roof, 20, "metal", (66, 84, 78))
    rng, count, strips, radius = sketch.rng, 5, 4, 0.612
    share = np.arange(strips + 1) / strips
    for row, (z0, z1) in enumerate(((0.5, 1.6), (1.66, 2.74))):
        for k in range(count):
            turn = (k + 0.06 + 0.88 * share) * 2 * np.pi / count + row * 0.4
            x, y = radius * np.cos(turn), radius * np.sin(turn)
            cell = (rng.integers(4), rng.integers(2))
            (u0, v0), (u1, _), (_, v1), _ = atlas_uv(*cell, *MATERIALS["posters"].cells)[0]
            u = u0 + (u1 - u0) * share
            for i in range(strips):
                a, b = (x[i], y[i]), (x[i + 1], y[i + 1])
                corners = [(*a, z0), (*b, z0), (*b, z1), (*a, z1)]
                uv = np.array([[(u[i], v0), (u[i + 1], v0), (u[i + 1], v1), (u[i], v1)]])
                sketch.quads(corners, "posters", (228, 226, 220), uv)


@piece("poster_board", boxes=lambda **_: around(0.12, 0.7, 2.4))
def build_poster_board(sketch: Sketch, poster: int = 0, lit: bool = True) -> None:
    """A free-standing illuminated poster, faces towards +x and -x."""
    sizes = [(0.24, 1.0, 0.35), (0.16, 1.4, 2.05)]
    sketch.boxes([(0, 0, 0), (0, 0, 0.35)], sizes, "metal", (84, 88, 90))
    glow = {"glow": GLOW_UNIT // 2 if lit else 0, "switch": SWITCH_LAMP}
    for side in (1, -1):
        corners = upright(side * 0.085, -side * 0.6, side * 0.6, 0.5, 2.3)
        which = poster + (side < 0)
        cell = (which % 4, which // 4 % 2)
        sketch.quads(corners, "posters", (236, 236, 232), cell=cell, **glow)


@piece(
    "glow",
    lights=lambda power, reach, height: [
        PointLight((0.0, 0.0, height), (power, power * 0.84, power * 0.6), reach)
    ],
)
def build_glow(sketch: Sketch, power: float = 5.0, reach: float = 8.0, height: float = 2.4) -> None:
    """Light without a lamp: what falls out of a lit shop window at night."""


@piece("bike_rack", boxes=lambda count: [(-0.4, -0.1, 0.0, 0.4, (count - 1) * 0.8 + 0.1, 0.85)])
def build_bike_rack(sketch: Sketch, count: int = 4) -> None:
    """Hoops of steel tube, one behind the other along y."""
    hoop = [(-0.38, 0), (-0.38, 0.7), (-0.2, 0.83), (0.2, 0.83), (0.38, 0.7), (0.38, 0)]
    path = [(x, 0, z) for x, z in hoop]
    for k in range(count):
        sketch.tube(path, 0.025, 6, "metal", (156, 158, 160), at=(0, 0.8 * k, 0))
