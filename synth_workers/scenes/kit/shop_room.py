"""The shell and fittings of a shop: walls, ceiling, lamps, columns, signs, checkouts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.registry import Colour, around, piece
from synth_workers.scenes.mesh import ALL_SIDES, floor, quads, upright
from synth_workers.scenes.parts import Level, Sketch


@piece("inner_wall", boxes=lambda length, height, **_: [(-0.3, 0.0, 0.0, 0.02, length, height)])
def build_inner_wall(
    sketch: Sketch, length: float = 10.0, height: float = 4.2, material: str = "plaster",
    tint: Colour = (216, 212, 202), band: Colour | None = None, band_from: float = 2.7,
    band_to: float = 3.2, skirting: Colour = (110, 108, 104),
) -> None:  # fmt: skip
    """A wall along +y that faces +x, cut fine for soft shadows, with a coloured band."""
    ys = np.linspace(0, length, max(int(length / 1.5), 1) + 1)
    zs = np.unique(np.concatenate([np.linspace(0.14, height, 5), [band_from, band_to]]))
    y0, z0 = np.meshgrid(ys[:-1], zs[:-1], indexing="ij")
    y1, z1 = np.meshgrid(ys[1:], zs[1:], indexing="ij")
    corners = upright(0, y0, y1, z0, z1)
    shape = quads(corners)
    middle = corners[:, :, 2].mean(axis=1, keepdims=True)
    in_band = (middle > band_from) & (middle < band_to)
    colours = np.where(in_band, np.asarray(band or tint, float), np.asarray(tint, float))
    lower = 1 - 0.1 * np.exp(-shape.positions[:, 2:] / 0.5)
    sketch.add(shape, material, np.repeat(colours, 4, axis=0) * lower)
    foot = (0.03, length, 0.14)
    sketch.boxes((0.01, length / 2, 0), foot, "plaster", skirting, ("+x", "+z"))


@piece("ceiling")
def build_ceiling(
    sketch: Sketch, rect: Sequence[float] = (-10, -10, 10, 10), z: float = 4.2,
    tint: Colour = (240, 240, 236), bounce: float = 0.34, material: str = "ceiling_panels",
) -> None:  # fmt: skip
    """A suspended ceiling; ``bounce``: light it throws back, as a share of its albedo."""
    shape = floor(*rect, step=2.4, z=z, up=False)
    lit = {"glow": GLOW_UNIT * bounce, "switch": SWITCH_LAMP}
    sketch.add(shape, material, tint, casts=False, **lit)


def lattice(low: float, high: float, pitch: float) -> np.ndarray:
    """Places every ``pitch`` metres between two, the first half a pitch in; at least one."""
    return np.arange(low + min(pitch, high - low) / 2, high, pitch)


@piece("strip_lamps")
def build_strip_lamps(
    sketch: Sketch, rect: Sequence[float] = (-8, -8, 8, 8), pitch: Sequence[float] = (4.8, 3.6),
    z: float = 4.2, length: float = 2.4, width: float = 0.3, along: str = "y",
    tint: Colour = (255, 253, 246), failed: float = 0.04,
) -> None:  # fmt: skip
    """Light strips under the ceiling on a lattice over ``rect``; a few are dead."""
    x0, y0, x1, y1 = rect
    xs, ys = lattice(x0, x1, pitch[0]), lattice(y0, y1, pitch[1])
    gx, gy = (g.ravel() for g in np.meshgrid(xs, ys, indexing="ij"))
    bottoms = np.column_stack([gx, gy, np.full(len(gx), z - 0.07)])
    size = (width, length, 0.07) if along == "y" else (length, width, 0.07)
    glow = np.where(sketch.rng.random(len(gx)) < failed, GLOW_UNIT * 0.25, GLOW_UNIT * 3)
    sides = ("+x", "-x", "+y", "-y", "-z")
    lit = {"glow": np.repeat(glow, 4 * len(sides)), "switch": SWITCH_LAMP}
    sketch.boxes(bottoms, size, "white", tint, sides, casts=False, **lit)


@piece("ducts", overhead=lambda length, z, **_: [(-0.27, 0.0, z - 0.27, 0.27, length, z + 0.27)])
def build_ducts(
    sketch: Sketch, length: float = 20.0, z: float = 3.7, tint: Colour = (196, 198, 198)
) -> None:
    """A round ventilation duct along +y with hangers."""
    ys = np.linspace(0, length, max(int(length / 2), 1) + 1)
    path = np.column_stack([0 * ys, ys, np.full(len(ys), z)])
    lit = {"glow": GLOW_UNIT * 0.1, "switch": SWITCH_LAMP}
    sketch.tube(path, 0.26, 12, "sheet_metal", tint, casts=False, **lit)
    hanger = (0.03, 0.03, 0.6)
    sketch.boxes(path, hanger, "metal", (120, 122, 122), casts=False, level=Level.NEAR)


@piece("pillar", boxes=lambda size, height, **_: around(size / 2, size / 2, height))
def build_pillar(
    sketch: Sketch, size: float = 0.45, height: float = 4.2, tint: Colour = (220, 216, 206),
    guard: Colour = (196, 164, 66),
) -> None:  # fmt: skip
    """A square pillar with a guard at its foot and a small poster."""
    rng = sketch.rng
    pieces = [(0, 0, 0.9 + k * (height - 0.9) / 3) for k in range(3)]
    sketch.boxes(pieces, (size, size, (height - 0.9) / 3), "plaster", tint)
    sketch.boxes((0, 0, 0), (size + 0.03, size + 0.03, 0.9), "metal", guard)
    poster = upright(size / 2 + 0.006, -0.17, 0.17, 1.3, 1.95)
    cell = (rng.integers(4), rng.integers(2))
    sketch.quads(poster, "posters", (232, 230, 224), cell=cell)


@piece(
    "hanging_sign",
    overhead=lambda z, width, **_: [(-0.1, -width / 2, z, 0.1, width / 2, z + width / 4)],
)
def build_hanging_sign(
    sketch: Sketch, sign: int = 0, z: float = 2.75, width: float = 1.9, ceiling: float = 4.2
) -> None:
    """A board with a department's name, readable from +x and -x; ``sign`` 0..15."""
    height, cell = width / 4, (sign % 2, sign // 2 % 8)
    for side in (1, -1):
        corners = upright(side * 0.02, -side * width / 2, side * width / 2, z, z + height)
        sketch.quads(corners, "aisle_signs", (236, 236, 232), cell=cell, casts=False)
    edge, grey = (0.04, width + 0.04, 0.02), (180, 182, 182)
    sketch.boxes((0, 0, z - 0.02), edge, "metal", grey, ALL_SIDES, casts=False)
    rods = [(0, -width * 0.4, z + height), (0, width * 0.4, z + height)]
    rod = (0.012, 0.012, ceiling - z - height)
    sketch.boxes(rods, rod, "metal", (150, 150, 150), casts=False)


_GOODS = np.array([(196, 70, 56), (226, 214, 190), (86, 112, 150), (206, 176, 96)])


@piece("checkout", boxes=lambda **_: [(-0.55, -1.5, 0.0, 0.5, 1.5, 1.1)])
def build_checkout(
    sketch: Sketch, number: int = 1, staffed: bool = True, tint: Colour = (186, 178, 164)
) -> None:
    """A till with belt, screen, sweets rack and a number lamp; customers pass at +x, along y."""
    rng = sketch.rng
    sketch.boxes((0, 0.1, 0.08), (0.8, 2.8, 0.74), "sheet_metal", tint)
    sketch.boxes((0, 0.1, 0), (0.72, 2.7, 0.09), "metal", (60, 60, 62))
    sketch.boxes((0.38, 0.1, 0.72), (0.1, 2.8, 0.14), "metal", (150, 46, 40))
    sketch.boxes((-0.02, 0.55, 0.81), (0.56, 1.8, 0.03), "white", (40, 40, 44))
    sketch.boxes((0, -0.85, 0.82), (0.7, 0.8, 0.05), "metal", (168, 170, 172))
    till = [(0.1, 0.1, 0.35), (0.34, 0.3, 0.09)]
    sketch.boxes((-0.12, -0.35, 0.85), till, "metal", (46, 48, 52))
    sketch.boxes((-0.12, -0.35, 1.16), (0.05, 0.36, 0.26), "white", (30, 34, 40), ALL_SIDES)
    face = upright(-0.09, -0.51, -0.19, 1.18, 1.40)
    sketch.quads(face, "white", (120, 156, 190), glow=GLOW_UNIT * 0.6)
    pole, at = [(0.025, 0.8), (0.025, 2.2), (0, 2.2)], (-0.35, -1.1, 0)
    sketch.lathe(pole, 8, "metal", (160, 162, 164), at=at)
    lit = GLOW_UNIT * 1.1 if staffed else 0
    shade = (226, 232, 226) if staffed else (150, 150, 150)
    sketch.boxes((-0.35, -1.1, 2.05), (0.28, 0.28, 0.3), "white", shade, ALL_SIDES, glow=lit)
    band, sides = (0.29, 0.29, 0.14), ("+x", "-x", "+y", "-y")
    sketch.boxes((-0.35, -1.1, 2.12), band, "white", (40, 96, 70), sides)
    goods = rng.uniform(-0.2, 0.2, (7, 3)) * (1, 4, 0) + (0, 0.55, 0.84)
    sizes = rng.uniform(0.06, 0.16, (7, 3)) * (1, 1, 1.4)
    paint = np.repeat(_GOODS[rng.integers(0, 4, 7)], 20, axis=0)
    sketch.boxes(goods, sizes, "white", paint, level=Level.NEAR)
    for z in (0.5, 0.75, 1.0):
        sketch.boxes((0.0, 1.62, z), (0.7, 0.22, 0.02), "metal", (190, 190, 188), ALL_SIDES)
        sweets = [(x, 1.62, z + 0.02) for x in np.linspace(-0.3, 0.3, 8)]
        hue = np.repeat(rng.uniform(60, 210, (8, 1)) * rng.uniform(0.5, 1.0, (8, 3)), 20, axis=0)
        sketch.boxes(sweets, (0.065, 0.15, 0.15), "white", hue, level=Level.NEAR)
    posts = [(-0.33, 1.62, 0), (0.33, 1.62, 0)]
    sketch.boxes(posts, (0.03, 0.2, 1.1), "metal", (150, 152, 152))


@piece("glass_front", boxes=lambda length, **_: [(-0.2, 0.0, 0.0, 0.1, length, 3.2)])
def build_glass_front(
    sketch: Sketch, length: float = 10.0, height: float = 3.2, daylight: float = 1.0
) -> None:
    """A glazed wall along +y facing +x (into the shop), outside as bright as the sky's windows."""
    count = max(int(length / 1.6), 1)
    y = np.arange(count) * length / count
    corners = upright(0, y, y + length / count, 0.25, height)
    cell = sketch.rng.integers(0, 4, (2, count))
    lit = {"glow": GLOW_UNIT * daylight, "switch": SWITCH_WINDOW}
    sketch.quads(corners, "panes", (250, 252, 255), cell=cell, **lit)
    frame = (92, 96, 100)
    sketch.boxes([(0.03, at, 0) for at in y], (0.1, 0.08, height), "metal", frame)
    rails = [(0.03, length / 2, 0), (0.03, length / 2, height - 0.1)]
    sketch.boxes(rails, [(0.12, length, 0.25), (0.12, length, 0.12)], "metal", frame)


@piece("trolleys", boxes=lambda count: [(-0.3, 0.0, 0.0, 0.3, 0.75 + 0.28 * count, 1.0)])
def build_trolleys(sketch: Sketch, count: int = 5) -> None:
    """Shopping trolleys pushed into one another along +y."""
    wire = np.array([176.0, 178, 180])
    for k in range(count):
        y = 0.28 * k
        near, far = y + 0.1, y + 0.7
        ring = [(-0.26, y, 0.98), (-0.22, y + 0.75, 0.86), (0.22, y + 0.75, 0.86), (0.26, y, 0.98)]
        low = [(-0.2, near, 0.5), (-0.18, far, 0.55), (0.18, far, 0.55), (0.2, near, 0.5)]
        sketch.tube(ring, 0.012, 4, "metal", wire)
        sketch.tube(low, 0.012, 4, "metal", wire)
        for ends in zip(ring, low):
            sketch.tube(ends, 0.009, 4, "metal", wire, level=Level.NEAR)
        sketch.boxes((0, y, 0.97), (0.54, 0.035, 0.035), "white", (160, 44, 40), ALL_SIDES)
        basket = [low[0], low[3], low[2], low[1]]
        sketch.quads(basket, "metal", wire * 0.6, two_sided=True)
        flank = [[low[0], low[1], ring[1], ring[0]], [low[3], ring[3], ring[2], low[2]]]
        if k in (0, count - 1):
            sketch.quads(flank, "metal", wire * 0.75, two_sided=True)
        feet = ((-0.22, 0.05), (0.22, 0.05), (-0.2, 0.68), (0.2, 0.68))
        legs = [(x, y + along, 0.06) for x, along in feet]
        sketch.boxes(legs, (0.025, 0.025, 0.5), "metal", wire, level=Level.NEAR)
