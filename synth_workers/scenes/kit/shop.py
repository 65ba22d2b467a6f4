"""Shelves and what stands on them: shelf runs, fruit tables, freezers, pallets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import GLOW_UNIT
from synth_workers.scenes.kit.registry import Colour, around, piece
from synth_workers.scenes.mesh import Shape, border, boxes, lathe, upright
from synth_workers.scenes.parts import Level, Sketch
from synth_workers.scenes.textures.goods import FAMILY_NAMES, PACKAGES_PER_TILE, PRODUCT_ROWS

SHELF_DEPTH = 0.46
SHELF_TOPS = (0.16, 0.54, 0.92, 1.30)
_BOX_SIDES = ("+x", "+y", "-y", "+z")


def _goods(families: Sequence[str]) -> list[str]:
    """Materials of families of goods; `BadScene` naming the known ones if one is none."""
    if unknown := sorted(set(families) - set(FAMILY_NAMES)):
        raise BadScene(f"unknown goods {', '.join(unknown)}; known are {', '.join(FAMILY_NAMES)}")
    return [f"goods_{family}" for family in families]


class _Blocks(NamedTuple):
    """Equal packages side by side on one shelf. All (n,); metres."""

    start: np.ndarray  # along y
    package: np.ndarray  # width of one package
    packages: np.ndarray
    height: np.ndarray
    shelf: np.ndarray  # z of the shelf they stand on
    row: np.ndarray  # product of the layer
    setback: np.ndarray  # from the front edge

    def chosen(self, which: np.ndarray) -> _Blocks:
        return _Blocks(*(values[which] for values in self))


def _fill_shelves(rng: np.random.Generator, length: float, tops: Sequence[float]) -> _Blocks:
    rows = []
    count = int(length / 0.3) + 4
    for top in tops:
        package = rng.uniform(0.085, 0.2, count)
        number = rng.integers(3, 9, count)
        width = package * number + rng.uniform(0.0, 0.03, count)
        gap = np.where(rng.random(count) < 0.07, rng.uniform(0.1, 0.35, count), 0.0)
        start = 0.04 + np.concatenate([[0], np.cumsum(width + gap)[:-1]])
        room = 0.40 if top == tops[-1] else 0.36
        height = np.clip(package * rng.uniform(1.2, 2.1, count), 0.1, room - 0.06)
        row, setback = rng.integers(0, PRODUCT_ROWS, count), rng.uniform(0.01, 0.07, count)
        shelf = np.full(count, top)
        blocks = _Blocks(start, package, number, height, shelf, row, setback)
        rows.append(blocks.chosen(start + width < length - 0.03))
    return _Blocks(*(np.concatenate(values).astype(float) for values in zip(*rows)))


def _goods_boxes(blocks: _Blocks, tightness: float) -> Shape:
    """Boxes at the front edge x = SHELF_DEPTH whose fronts show the packages of the blocks, as
    wide as these times ``tightness``."""
    width, count = blocks.package * blocks.packages * tightness, len(blocks.start)
    depth = SHELF_DEPTH - 0.1
    x, y = SHELF_DEPTH - blocks.setback - depth / 2, blocks.start + width / 2
    sizes = np.column_stack([np.full(count, depth), width, blocks.height])
    shape = boxes(np.column_stack([x, y, blocks.shelf]), sizes, _BOX_SIDES)
    local = shape.positions.reshape(count, -1, 3)
    along = (local[..., 1] - blocks.start[:, None]) / width[:, None]
    u = along * blocks.packages[:, None] / PACKAGES_PER_TILE
    upward = (local[..., 2] - blocks.shelf[:, None]) / blocks.height[:, None]
    v = _product_v(blocks.row[:, None], np.clip(upward, 0, 1), 0.99)
    return shape._replace(uv=np.stack([u, v], axis=-1).reshape(-1, 2))


def _product_v(row: np.ndarray | float, upward: np.ndarray, bottom: float) -> np.ndarray:
    """v of places at a share ``upward`` of the product in a ``row`` of its layer, whose lower
    edge is at the share ``bottom`` of the row."""
    return 1 - (row + bottom - (2 * bottom - 1) * upward) / PRODUCT_ROWS


def _add_goods(
    sketch: Sketch, length: float, tops: Sequence[float], families: Sequence[str]
) -> None:
    rng = sketch.rng
    blocks = _fill_shelves(rng, length, tops)
    # Families change along the run, as departments do.
    which = np.searchsorted(np.linspace(0, length, len(families) + 1)[1:-1], blocks.start)
    for index, material in enumerate(_goods(families)):
        own = blocks.chosen(which == index)
        if not len(own.start):
            continue
        tone = rng.uniform(0.86, 1.0, (len(own.start), 1))
        per_block = 4 * len(_BOX_SIDES)
        shade = 250 * np.repeat(tone, per_block, axis=0) * np.ones(3)
        sketch.add(_goods_boxes(own, 0.985), material, shade, level=Level.FAR)
        # Near: groups of up to three packages that stand forward or back a little.
        groups = np.ceil(own.packages / 2).astype(int)
        owner = np.repeat(np.arange(len(groups)), groups)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(groups) - groups, groups)
        kept = rng.random(len(owner)) > 0.05
        owner, place = owner[kept], place[kept]
        near = own.chosen(owner)
        near = near._replace(
            start=near.start + 2 * place * near.package,
            packages=np.minimum(2, near.packages - 2 * place),
            setback=np.clip(near.setback + rng.normal(0.01, 0.022, len(owner)), 0, 0.2),
        )
        tone = tone[owner] * rng.uniform(0.95, 1.03, (len(owner), 1))
        shade = 250 * np.repeat(tone, per_block, axis=0) * np.ones(3)
        sketch.add(_goods_boxes(near, 0.975), material, shade, level=Level.NEAR)


_TAG_COLOURS = np.array([(244, 242, 236), (236, 210, 96), (206, 62, 50)])


def one_sided_shelf(
    rng: np.random.Generator, length: float, families: Sequence[str], tops: Sequence[float],
    height: float, frame: np.ndarray,
) -> Sketch:  # fmt: skip
    """Shelf boards and goods in front of a back panel in the plane x = 0, open towards +x."""
    sketch, middle = Sketch(rng), length / 2
    sketch.boxes((0.015, middle, 0), (0.03, length, height), "sheet_metal", frame, ("+x", "+z"))
    foot = (SHELF_DEPTH - 0.04, length, 0.12)
    sketch.boxes((SHELF_DEPTH / 2, middle, 0), foot, "metal", frame * 0.45, ("+x",))
    boards = np.array([(SHELF_DEPTH / 2, middle, top - 0.03) for top in tops])
    sketch.boxes(boards, (SHELF_DEPTH, length, 0.03), "metal", frame * 0.96, ("+z", "-z"))
    rails, sides = boards + (SHELF_DEPTH / 2, 0, -0.012), ("+x", "+z", "-z")
    sketch.boxes(rails, (0.012, length, 0.05), "white", (214, 212, 204), sides)
    count = int(length / 0.32)
    where = (np.arange(count) + 0.5) * length / count
    tags = np.repeat(rails + (0.009, 0, 0.006), count, axis=0)
    tags[:, 1] = np.concatenate([where + rng.normal(0, 0.03, count) for _ in rails])
    kinds = _TAG_COLOURS[rng.choice(3, len(tags), p=[0.74, 0.2, 0.06])]
    paper, thin = np.repeat(kinds, 4, axis=0), {"level": Level.NEAR, "casts": False}
    sketch.boxes(tags, (0.003, 0.07, 0.038), "white", paper, ("+x",), **thin)
    _add_goods(sketch, length, tops, families)
    return sketch


def _shelf_boxes(length: float, height: float, sides: int, **_: object) -> list:
    back = -SHELF_DEPTH - 0.03 if sides == 2 else -0.05
    return [(back, -0.05, 0.0, SHELF_DEPTH + 0.03, length + 0.05, height)]


@piece("shelf_run", boxes=_shelf_boxes)
def build_shelf_run(
    sketch: Sketch, length: float = 8.0, height: float = 1.75, sides: int = 2,
    families: Sequence[str] = ("cereal", "pasta"),
    back_families: Sequence[str] = ("coffee", "cans"),
    frame: Colour = (214, 214, 210), ends: Colour = (152, 52, 44),
) -> None:  # fmt: skip
    """A run of shelves along +y from 0 to ``length``; with ``sides`` 2 also open to -x."""
    rng, colour = sketch.rng, np.asarray(frame, float)
    tops = [top for top in (*SHELF_TOPS, 1.68, 2.06) if top < height - 0.25]
    sketch.include(one_sided_shelf(rng, length, families, tops, height, colour))
    if sides == 2:
        other = one_sided_shelf(rng, length, back_families, tops, height, colour)
        sketch.include(other, (0, length, 0), np.pi)
    span = 2 * SHELF_DEPTH + 0.04 if sides == 2 else SHELF_DEPTH + 0.02
    x = 0.0 if sides == 2 else SHELF_DEPTH / 2
    panels = [(x, -0.025, 0), (x, length + 0.025, 0)]
    sketch.boxes(panels, (span, 0.05, height), "sheet_metal", ends)
    poster = upright(0, -0.28, 0.28, 0.62, 1.62)
    for y, heading in ((-0.052, -np.pi / 2), (length + 0.052, np.pi / 2)):
        place = {"cell": (rng.integers(4), rng.integers(2)), "at": (x, y, 0), "heading": heading}
        sketch.quads(poster, "posters", (234, 232, 226), **place)


def fruit_uv(row: int, start: float, length: float) -> np.ndarray:
    """(1, 4, 2) uv of a heap of one kind: a ``row`` of the layer, from u = ``start`` on."""
    low, high, end = 1 - (row + 0.96) / 4, 1 - (row + 0.04) / 4, start + length
    return np.array([[(start, high), (start, low), (end, low), (end, high)]])


@piece("fruit_table", boxes=lambda length, **_: around(0.75, length / 2, 1.0))
def build_fruit_table(sketch: Sketch, length: float = 3.0, tint: Colour = (150, 116, 80)) -> None:
    """A table along y with two slopes of crates full of fruit."""
    rng, wood = sketch.rng, np.asarray(tint, float)
    sketch.boxes((0, 0, 0), (1.1, length, 0.55), "planks", wood * 0.8)
    count = max(int(length / 0.62), 1)
    pitch = length / count
    slope = ((0.03, 0.38, 0.82, 0.72), (0.40, 0.74, 0.70, 0.58))
    for heading in (0.0, np.pi):
        for step, (x0, x1, z0, z1) in enumerate(slope):
            x = (x0 + x1) / 2
            for k in range(count):
                y0, y1 = -length / 2 + k * pitch + 0.03, -length / 2 + (k + 1) * pitch - 0.03
                y = (y0 + y1) / 2
                heap = [(x0, y0, z0), (x1, y0, z1), (x1, y1, z1), (x0, y1, z0)]
                uv = fruit_uv(int(rng.integers(4)), rng.uniform(0, 1), 0.45)
                tone = np.full(3, 240) * rng.uniform(0.85, 1.03)
                sketch.quads(heap, "fruit", tone, uv, heading=heading)
                sides = [(x0 - 0.01, y, z1 - 0.1), (x1 + 0.01, y, z1 - 0.12)]
                sketch.boxes(sides, (0.02, y1 - y0, 0.16), "planks", wood, heading=heading)
                ends = [(x, y0 - 0.01, z1 - 0.1), (x, y1 + 0.01, z1 - 0.1)]
                sketch.boxes(ends, (x1 - x0, 0.02, 0.17), "planks", wood * 0.92, heading=heading)
            if step:
                legs = [(x1 - 0.02, side * (length / 2 - 0.1), 0) for side in (-1, 1)]
                sketch.boxes(legs, (0.06, 0.06, 0.56), "planks", wood, heading=heading)
    cards = [(0, -length / 4, 0.8), (0, length / 4, 0.8)]
    sketch.boxes(cards, (0.02, 0.34, 0.24), "white", (52, 66, 52))


@piece("freezer_wall", boxes=lambda length, **_: [(0.0, 0.0, 0.0, 0.8, length, 2.1)])
def build_freezer_wall(sketch: Sketch, length: float = 6.0, lift: float = 0.0) -> None:
    """Upright freezers along +y with lit glass doors towards +x; back in the plane x = 0; their
    board stands ``lift`` metres over them."""
    y = length / 2
    sketch.boxes((0.4, y, 0), (0.78, length, 2.1), "sheet_metal", (206, 210, 212), _BOX_SIDES)
    count = max(int(length / 0.75), 1)
    left = np.arange(count) * length / count
    doors = upright(0.796, left + 0.02, left + length / count - 0.02, 0.22, 1.94)
    which = sketch.rng.integers(0, 4, count)
    look = {"cell": (which, 0 * which), "glow": GLOW_UNIT * 0.45}
    sketch.quads(doors, "freezer_doors", (226, 230, 232), **look)
    sketch.boxes((0.41, y, 1.96), (0.82, length, 0.14 + lift), "metal", (60, 84, 110), ("+x", "+z"))
    sketch.boxes((0.4, y, 0.0), (0.82, length, 0.18), "metal", (66, 68, 70), ("+x",))


@piece("freezer_chest", boxes=lambda length, **_: around(0.85, length / 2, 0.95))
def build_freezer_chest(
    sketch: Sketch, length: float = 3.0, families: Sequence[str] = ("dairy", "paper")
) -> None:
    """An open chest along y, packages lying inside."""
    rng = sketch.rng
    sketch.boxes((0, 0, 0.1), (1.6, length, 0.45), "sheet_metal", (214, 216, 216))
    sketch.boxes((0, 0, 0), (1.5, length - 0.1, 0.12), "metal", (56, 58, 60))
    walls, sizes = border((0.79, length / 2 - 0.03), (1.6, length), 0.06, 0.42, z=0.5)
    sketch.boxes(walls, sizes, "sheet_metal", (220, 222, 222))
    rims = np.array(walls) + (0, 0, 0.41), np.array(sizes) * (1.15, 1, 0.1)
    sketch.boxes(*rims, "metal", (84, 120, 150))
    nx, ny = 3, int(length / 0.16 / len(families))
    gx, gy = (g.ravel() for g in np.meshgrid(np.arange(nx) - 1, np.arange(ny), indexing="ij"))
    for index, material in enumerate(_goods(families)):
        y = gy * 0.16 + (-length / 2 + 0.12 + index * length / len(families))
        keep = y < length / 2 - 0.15
        bottoms = np.column_stack([gx * 0.5, y, rng.uniform(0.55, 0.62, nx * ny)])[keep]
        shape = boxes(bottoms, (0.46, 0.15, 0.14))
        row = rng.integers(0, PRODUCT_ROWS, nx).repeat(ny)[keep]
        uv = np.tile([(0.01, 0.0), (0.115, 0), (0.115, 1), (0.01, 1)], (len(bottoms) * 5, 1))
        uv[:, 1] = _product_v(np.repeat(row, 20), uv[:, 1], 0.98)
        sketch.add(shape._replace(uv=uv), material, (236, 238, 240))


@piece("pallet", boxes=lambda layers, **_: around(0.62, 0.45, 0.14 + 0.3 * layers))
def build_pallet(
    sketch: Sketch, layers: int = 3, family: str = "drinks", boxed: bool = False
) -> None:
    """A pallet along x with stacked goods, or plain cartons if ``boxed``."""
    rng = sketch.rng
    slats = [(x, 0, 0.1) for x in (-0.5, -0.25, 0, 0.25, 0.5)]
    feet = [(0, y, 0.0) for y in (-0.36, 0, 0.36)]
    sizes = [(0.12, 0.84, 0.03)] * 5 + [(1.2, 0.1, 0.1)] * 3
    sketch.boxes(slats + feet, sizes, "planks", (206, 182, 142))
    x, y, z = (g.ravel() for g in np.meshgrid(range(3), range(2), range(layers), indexing="ij"))
    keep = (z < layers - 1) | (rng.random(z.size) < 0.7)
    bottoms = np.column_stack([(x - 1) * 0.4, (y - 0.5) * 0.42, 0.13 + z * 0.3])[keep]
    bottoms += rng.normal(0, 0.006, (len(bottoms), 3)) * (1, 1, 0)
    shape = boxes(bottoms, (0.38, 0.40, 0.295))
    tone = np.repeat(rng.uniform(0.86, 1.02, (len(bottoms), 1)), 20, axis=0)
    if boxed:
        sketch.add(shape, "cardboard", np.array([250.0, 246, 240]) * tone)
        return
    (material,) = _goods([family])
    uv = np.tile([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)], (len(bottoms) * 5, 1))
    uv[:, 1] = _product_v(float(rng.integers(PRODUCT_ROWS)), uv[:, 1], 0.98)
    sketch.add(shape._replace(uv=uv), material, 240 * tone * np.ones(3))


@piece("bottles", boxes=lambda: around(0.5, 0.35, 1.2))
def build_bottles(sketch: Sketch) -> None:
    """A wooden rack of wine bottles, 1 m wide along x."""
    rng = sketch.rng
    steps, sizes = [(0, 0, 0), (0, 0, 0.45), (0, 0, 0.85)], [(1.0, 0.7, 0.12), (1.0, 0.5, 0.04)]
    sketch.boxes(steps, [*sizes, (1.0, 0.3, 0.04)], "planks", (140, 104, 70))
    bottle = lathe([(0.036, 0), (0.036, 0.19), (0.013, 0.25), (0.014, 0.31), (0, 0.31)], 7)
    label = (bottle.positions[:, 2] > 0.05) & (bottle.positions[:, 2] < 0.2)
    glass = np.array([(44, 58, 40), (64, 36, 30), (120, 124, 84)])
    for z, ys in ((0.12, (-0.28, -0.18, 0.18, 0.28)), (0.49, (-0.18, 0.18)), (0.89, (-0.06, 0.06))):
        for y in ys:
            for x in np.arange(-0.42, 0.45, 0.12):
                tint = np.where(label[:, None], (206, 198, 176), glass[rng.integers(3)])
                sketch.add(bottle, "glass", tint, at=(x, y, z), level=Level.NEAR, casts=False)
