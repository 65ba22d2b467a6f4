"""The shell and fittings of a shop: walls, ceiling, lamps, columns, signs, checkouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.materials import atlas_uv, require_material
from synth_workers.scenes.mesh import ALL_SIDES, box, boxes, floor, lathe, quads, tube, upright
from synth_workers.scenes.parts import Level, Sketch


def _wall_boxes(length: float = 10.0, height: float = 4.2, **_: object) -> list[Box]:
    return [(-0.3, 0.0, 0.0, 0.02, length, height)]


@piece("inner_wall", boxes=_wall_boxes)
def build_inner_wall(
    rng: np.random.Generator,
    length: float = 10.0,
    height: float = 4.2,
    material: str = "plaster",
    tint: Sequence[float] = (216, 212, 202),
    band: Sequence[float] | None = None,
    band_from: float = 2.7,
    band_to: float = 3.2,
    skirting: Sequence[float] = (110, 108, 104),
) -> Sketch:
    """A wall along +y that faces +x, cut fine for soft shadows, with a coloured band."""
    sketch = Sketch()
    require_material(material)
    ys = np.linspace(0, length, max(int(length / 1.5), 1) + 1)
    zs = np.unique(np.concatenate([np.linspace(0.14, height, 5), [band_from, band_to]]))
    y0, z0 = np.meshgrid(ys[:-1], zs[:-1], indexing="ij")
    y1, z1 = np.meshgrid(ys[1:], zs[1:], indexing="ij")
    corners = upright(0, y0, y1, z0, z1)
    shape = quads(corners)
    in_band = (corners[:, :, 2].mean(axis=1) > band_from) & (
        corners[:, :, 2].mean(axis=1) < band_to
    )
    plain = np.asarray(tint, float)
    colours = np.where(
        in_band[:, None] & (band is not None), np.asarray(band or tint, float), plain
    )
    lower = 1 - 0.1 * np.exp(-shape.positions[:, 2:] / 0.5)
    sketch.add(shape, material, np.repeat(colours, 4, axis=0) * lower)
    sketch.add(
        boxes([(0.01, length / 2, 0)], (0.03, length, 0.14), ("+x", "+z")), "plaster", skirting
    )
    return sketch


@piece("ceiling")
def build_ceiling(
    rng: np.random.Generator,
    rect: Sequence[float] = (-10, -10, 10, 10),
    z: float = 4.2,
    tint: Sequence[float] = (240, 240, 236),
    bounce: float = 0.34,
) -> Sketch:
    """A suspended ceiling; ``bounce``: light it throws back, as a share of its albedo."""
    sketch = Sketch()
    shape = floor(*rect, step=2.4, z=z, up=False)
    sketch.add(
        shape, "ceiling_panels", tint, casts=False, glow=GLOW_UNIT * bounce, switch=SWITCH_LAMP
    )
    return sketch


@piece("strip_lamps")
def build_strip_lamps(
    rng: np.random.Generator,
    rect: Sequence[float] = (-8, -8, 8, 8),
    pitch: Sequence[float] = (4.8, 3.6),
    z: float = 4.2,
    length: float = 2.4,
    width: float = 0.3,
    along: str = "y",
    tint: Sequence[float] = (255, 253, 246),
    failed: float = 0.04,
) -> Sketch:
    """Light strips under the ceiling on a lattice over ``rect``; a few are dead."""
    sketch = Sketch()
    x0, y0, x1, y1 = rect
    xs = np.arange(x0 + pitch[0] / 2, x1, pitch[0])
    ys = np.arange(y0 + pitch[1] / 2, y1, pitch[1])
    gx, gy = (g.ravel() for g in np.meshgrid(xs, ys, indexing="ij"))
    bottoms = np.column_stack([gx, gy, np.full(len(gx), z - 0.07)])
    size = (width, length, 0.07) if along == "y" else (length, width, 0.07)
    glow = np.where(rng.random(len(gx)) < failed, GLOW_UNIT * 0.25, GLOW_UNIT * 3)
    sides = ("+x", "-x", "+y", "-y", "-z")
    sketch.add(
        boxes(bottoms, size, sides),
        "white",
        tint,
        casts=False,
        glow=np.repeat(glow, 4 * len(sides)),
        switch=SWITCH_LAMP,
    )
    return sketch


@piece("ducts")
def build_ducts(
    rng: np.random.Generator,
    length: float = 20.0,
    z: float = 3.7,
    tint: Sequence[float] = (196, 198, 198),
) -> Sketch:
    """A round ventilation duct along +y with hangers."""
    sketch = Sketch()
    ys = np.linspace(0, length, max(int(length / 2), 1) + 1)
    path = np.column_stack([0 * ys, ys, np.full(len(ys), z)])
    sketch.add(
        tube(path, 0.26, 12),
        "sheet_metal",
        tint,
        casts=False,
        glow=GLOW_UNIT * 0.1,
        switch=SWITCH_LAMP,
    )
    hangers = np.column_stack([0 * ys, ys, np.full(len(ys), z)])
    sketch.add(
        boxes(hangers, (0.03, 0.03, 0.6)), "metal", (120, 122, 122), casts=False, level=Level.NEAR
    )
    return sketch


def _pillar_boxes(size: float = 0.45, height: float = 4.2, **_: object) -> list[Box]:
    return [(-size / 2, -size / 2, 0.0, size / 2, size / 2, height)]


@piece("pillar", boxes=_pillar_boxes)
def build_pillar(
    rng: np.random.Generator,
    size: float = 0.45,
    height: float = 4.2,
    tint: Sequence[float] = (220, 216, 206),
    guard: Sequence[float] = (196, 164, 66),
) -> Sketch:
    """A square pillar with a guard at its foot and a small poster."""
    sketch = Sketch()
    pieces = [(0, 0, 0.9 + k * (height - 0.9) / 3) for k in range(3)]
    sketch.add(boxes(pieces, (size, size, (height - 0.9) / 3)), "plaster", tint)
    sketch.add(box((size + 0.03, size + 0.03, 0.9)), "metal", guard)
    cell = atlas_uv(np.array([rng.integers(4)]), np.array([rng.integers(2)]), 4, 2)
    corners = upright(size / 2 + 0.006, -0.17, 0.17, 1.3, 1.95)
    sketch.add(quads(corners, cell), "posters", (232, 230, 224))
    return sketch


@piece("hanging_sign")
def build_hanging_sign(
    rng: np.random.Generator,
    sign: int = 0,
    z: float = 2.75,
    width: float = 1.9,
    ceiling: float = 4.2,
) -> Sketch:
    """A board with a department's name, readable from +x and -x; ``sign`` 0..15."""
    sketch = Sketch()
    height = width / 4
    for side in (1, -1):
        x = side * 0.02
        corners = upright(x, -side * width / 2, side * width / 2, z, z + height)
        cell = atlas_uv(np.array([sign % 2]), np.array([sign // 2 % 8]), 2, 8)
        sketch.add(quads(corners, cell), "aisle_signs", (236, 236, 232), casts=False)
    sketch.add(
        boxes([(0, 0, z - 0.02)], (0.04, width + 0.04, 0.02), ALL_SIDES),
        "metal",
        (180, 182, 182),
        casts=False,
    )
    rods = [(0, -width * 0.4, z + height), (0, width * 0.4, z + height)]
    sketch.add(
        boxes(rods, (0.012, 0.012, ceiling - z - height)), "metal", (150, 150, 150), casts=False
    )
    return sketch


def _checkout_boxes(**_: object) -> list[Box]:
    return [(-0.55, -1.5, 0.0, 0.5, 1.5, 1.1)]


@piece("checkout", boxes=_checkout_boxes)
def build_checkout(
    rng: np.random.Generator,
    number: int = 1,
    staffed: bool = True,
    tint: Sequence[float] = (186, 178, 164),
) -> Sketch:
    """A till with belt, screen, sweets rack and a number lamp; customers pass at +x, along y."""
    sketch = Sketch()
    colour = np.asarray(tint, float)
    sketch.add(boxes([(0, 0.1, 0.08)], (0.8, 2.8, 0.74)), "sheet_metal", colour)
    sketch.add(boxes([(0, 0.1, 0)], (0.72, 2.7, 0.09)), "metal", (60, 60, 62))
    sketch.add(boxes([(0.38, 0.1, 0.72)], (0.1, 2.8, 0.14)), "metal", (150, 46, 40))
    sketch.add(boxes([(-0.02, 0.55, 0.81)], (0.56, 1.8, 0.03)), "white", (40, 40, 44))
    sketch.add(boxes([(0, -0.85, 0.82)], (0.7, 0.8, 0.05)), "metal", (168, 170, 172))
    till = [(-0.12, -0.35, 0.85), (-0.12, -0.35, 0.85)]
    sketch.add(boxes(till, [(0.1, 0.1, 0.35), (0.34, 0.3, 0.09)]), "metal", (46, 48, 52))
    screen = [(-0.12, -0.35, 1.16)]
    sketch.add(boxes(screen, (0.05, 0.36, 0.26), ALL_SIDES), "white", (30, 34, 40))
    face = upright(-0.09, -0.51, -0.19, 1.18, 1.40)
    sketch.add(quads(face), "white", (120, 156, 190), glow=GLOW_UNIT * 0.6)
    sketch.add(
        lathe([(0.025, 0.8), (0.025, 2.2), (0, 2.2)], 8),
        "metal",
        (160, 162, 164),
        at=(-0.35, -1.1, 0),
    )
    lit = GLOW_UNIT * 1.1 if staffed else 0
    shade = (226, 232, 226) if staffed else (150, 150, 150)
    sketch.add(boxes([(-0.35, -1.1, 2.05)], (0.28, 0.28, 0.3), ALL_SIDES), "white", shade, glow=lit)
    number_band = boxes([(-0.35, -1.1, 2.12)], (0.29, 0.29, 0.14), ("+x", "-x", "+y", "-y"))
    sketch.add(number_band, "white", (40, 96, 70))
    goods = rng.uniform(-0.2, 0.2, (7, 3)) * (1, 4, 0) + (0, 0.55, 0.84)
    sizes = rng.uniform(0.06, 0.16, (7, 3)) * (1, 1, 1.4)
    paint = np.repeat(
        np.array([(196, 70, 56), (226, 214, 190), (86, 112, 150), (206, 176, 96)])[
            rng.integers(0, 4, 7)
        ],
        20,
        axis=0,
    )
    sketch.add(boxes(goods, sizes), "white", paint, level=Level.NEAR)
    for z in (0.5, 0.75, 1.0):
        sketch.add(boxes([(0.0, 1.62, z)], (0.7, 0.22, 0.02), ALL_SIDES), "metal", (190, 190, 188))
        sweets = np.column_stack(
            [np.linspace(-0.3, 0.3, 8), np.full(8, 1.62), np.full(8, z + 0.02)]
        )
        hue = np.repeat(rng.uniform(60, 210, (8, 1)) * rng.uniform(0.5, 1.0, (8, 3)), 20, axis=0)
        sketch.add(boxes(sweets, (0.065, 0.15, 0.15)), "white", hue, level=Level.NEAR)
    sketch.add(
        boxes([(-0.33, 1.62, 0), (0.33, 1.62, 0)], (0.03, 0.2, 1.1)), "metal", (150, 152, 152)
    )
    return sketch


@piece("glass_front", boxes=lambda length=10.0, **_: [(-0.2, 0.0, 0.0, 0.1, length, 3.2)])
def build_glass_front(
    rng: np.random.Generator, length: float = 10.0, height: float = 3.2, daylight: float = 1.0
) -> Sketch:
    """A glazed wall along +y facing +x (into the shop), outside as bright as the sky's windows."""
    sketch = Sketch()
    count = max(int(length / 1.6), 1)
    y = np.arange(count) * length / count
    width = length / count
    zero = np.full(count, 0.0)
    corners = upright(0, y, y + width, 0.25, height)
    which = rng.integers(0, 4, (2, count))
    sketch.add(
        quads(corners, atlas_uv(which[0], which[1], 4, 4)),
        "panes",
        (250, 252, 255),
        glow=GLOW_UNIT * daylight,
        switch=SWITCH_WINDOW,
    )
    posts = np.column_stack([zero + 0.03, y, zero])
    sketch.add(boxes(posts, (0.1, 0.08, height)), "metal", (92, 96, 100))
    sketch.add(
        boxes(
            [(0.03, length / 2, 0), (0.03, length / 2, height - 0.1)],
            [(0.12, length, 0.25), (0.12, length, 0.12)],
        ),
        "metal",
        (92, 96, 100),
    )
    return sketch


@piece("trolleys", boxes=lambda count=5, **_: [(-0.3, 0.0, 0.0, 0.3, 0.75 + 0.28 * count, 1.0)])
def build_trolleys(rng: np.random.Generator, count: int = 5) -> Sketch:
    """Shopping trolleys pushed into one another along +y."""
    sketch = Sketch()
    wire = (176, 178, 180)
    for k in range(count):
        y = 0.28 * k
        ring = [(-0.26, y, 0.98), (-0.22, y + 0.75, 0.86), (0.22, y + 0.75, 0.86), (0.26, y, 0.98)]
        low = [
            (-0.2, y + 0.1, 0.5),
            (-0.18, y + 0.7, 0.55),
            (0.18, y + 0.7, 0.55),
            (0.2, y + 0.1, 0.5),
        ]
        sketch.add(tube(ring, 0.012, 4), "metal", wire)
        sketch.add(tube(low, 0.012, 4), "metal", wire)
        for a, b in zip(ring, low):
            sketch.add(tube([a, b], 0.009, 4), "metal", wire, level=Level.NEAR)
        sketch.add(boxes([(0, y, 0.97)], (0.54, 0.035, 0.035), ALL_SIDES), "white", (160, 44, 40))
        basket = [[low[0], low[3], low[2], low[1]]]
        sketch.add(quads(basket), "metal", np.asarray(wire) * 0.6, two_sided=True)
        flank = [[low[0], low[1], ring[1], ring[0]], [low[3], ring[3], ring[2], low[2]]]
        if k in (0, count - 1):
            sketch.add(quads(flank), "metal", np.asarray(wire) * 0.75, two_sided=True)
        legs = [
            (-0.22, y + 0.05, 0.06),
            (0.22, y + 0.05, 0.06),
            (-0.2, y + 0.68, 0.06),
            (0.2, y + 0.68, 0.06),
        ]
        sketch.add(boxes(legs, (0.025, 0.025, 0.5)), "metal", wire, level=Level.NEAR)
    return sketch
