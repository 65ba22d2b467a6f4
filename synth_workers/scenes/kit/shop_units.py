"""Shops that open onto a hall: a front between piers, a room behind it with what they sell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Colour, piece
from synth_workers.scenes.mesh import ALL_SIDES, floor, upright
from synth_workers.scenes.parts import Level, Sketch

FRONT_HEIGHT = 2.9
"""Metres up to the fascia."""

_PIER = 0.3
_PANES = ("shop_fronts_a", "shop_fronts_b", "shop_fronts_c")
_GOODS = ("goods_cereal", "goods_coffee", "goods_cleaning", "goods_paper", "goods_drinks")
_BARE = ("+x", "-x", "+y", "-y", "+z")


def _hues(rng: np.random.Generator, count: int, lively: float) -> np.ndarray:
    """(count, 3) colours of things for sale, one palette a shop."""
    base = rng.uniform(50, 215, (5, 3))
    base = lively * base + (1 - lively) * base.mean(axis=1, keepdims=True)
    return base[rng.integers(0, 5, count)] * rng.uniform(0.85, 1.1, (count, 1))


def _per_box(values: np.ndarray) -> np.ndarray:
    return np.repeat(values, 4 * len(_BARE), axis=0)


def _clothes(sketch: Sketch, y0: float, y1: float, depth: float) -> None:
    """Rails full of clothes along both sides and the back, a table of piles."""
    rng = sketch.rng
    rails = [(-depth + 0.45, y0 + 0.6, y1 - 0.6)]
    for x, start, end in rails:
        count = int((end - start) / 0.11)
        ys = start + (np.arange(count) + 0.5) * (end - start) / count
        drop = np.repeat(rng.uniform(0.7, 1.1, count // 6 + 1), 6)[:count]
        bottoms = np.column_stack([np.full(count, x), ys, 1.75 - drop])
        sizes = np.column_stack([np.full(count, 0.5), np.full(count, 0.06), drop])
        sketch.boxes(bottoms, sizes, "white", _per_box(_hues(rng, count, 0.55)), casts=False)
        sketch.boxes((x, (start + end) / 2, 1.78), (0.03, end - start, 0.03), "metal", (90, 90, 92))
    for y in np.linspace(y0 + 1.1, y1 - 1.1, max(int((y1 - y0) / 2.2), 1)):
        top = (-depth * 0.42, y, 0.0)
        sketch.boxes(top, (1.1, 1.2, 0.78), "planks", (200, 180, 156))
        piles = [(top[0] + a, y + b, 0.78) for a in (-0.3, 0.05, 0.38) for b in (-0.35, 0.05, 0.4)]
        heights = rng.uniform(0.06, 0.26, len(piles))
        sizes = np.column_stack([np.full(len(piles), 0.28), np.full(len(piles), 0.32), heights])
        sketch.boxes(piles, sizes, "plaster", _per_box(_hues(rng, len(piles), 0.5)))


def _shelves(sketch: Sketch, y0: float, y1: float, depth: float) -> None:
    """Boards full of packages at the back, a counter before them."""
    rng = sketch.rng
    boards = [(-depth + 0.2, (y0 + y1) / 2, z) for z in (0.3, 0.75, 1.2, 1.65, 2.1)]
    sketch.boxes(boards, (0.36, y1 - y0 - 0.3, 0.03), "planks", (196, 172, 140), ALL_SIDES)
    count = max(int((y1 - y0) / 0.9), 2)
    width = (y1 - y0 - 0.4) / count
    for _, _, z in boards:
        ys = y0 + 0.2 + (np.arange(count) + 0.5) * width
        bottoms = np.column_stack([np.full(count, -depth + 0.2), ys, np.full(count, z + 0.03)])
        heights = rng.uniform(0.2, 0.34, count)
        sizes = np.column_stack([np.full(count, 0.3), np.full(count, width * 0.94), heights])
        for k in range(count):
            row, high = int(rng.integers(4)), heights[k]
            corners = upright(
                bottoms[k, 0] + 0.15, ys[k] - width * 0.47, ys[k] + width * 0.47, z + 0.03,
                z + 0.03 + high,
            )  # fmt: skip
            v0, v1 = 1 - (row + 0.99) / 4, 1 - (row + 0.01) / 4
            uv = np.array([[(0, v0), (0.75, v0), (0.75, v1), (0, v1)]])
            sketch.quads(corners, _GOODS[int(rng.integers(5))], (240, 240, 238), uv, casts=False)
        tops = bottoms + np.column_stack([0 * heights, 0 * heights, heights - 0.01])
        sketch.boxes(tops, sizes * (1, 1, 0) + (0, 0, 0.01), "white", (170, 160, 146), ("+z",))
    sketch.boxes((-depth * 0.45, y0 + (y1 - y0) * 0.62, 0), (0.6, 1.8, 0.95), "planks",
                 _hues(rng, 1, 0.4)[0])  # fmt: skip


def _cafe(sketch: Sketch, y0: float, y1: float, depth: float) -> None:
    """A counter with a lit case at the back, small tables in front."""
    rng, middle = sketch.rng, (y0 + y1) / 2
    wood = np.array((150, 112, 80)) * rng.uniform(0.75, 1.25)
    sketch.boxes((-depth + 1.1, middle, 0), (0.7, (y1 - y0) * 0.7, 1.05), "planks", wood)
    case = upright(-depth + 1.46, middle - (y1 - y0) * 0.3, middle + (y1 - y0) * 0.3, 0.45, 0.95)
    sketch.quads(case, "fruit", (250, 236, 214), glow=GLOW_UNIT // 2, switch=SWITCH_LAMP)
    menu = upright(-depth + 0.03, middle - 1.2, middle + 1.2, 1.9, 2.5)
    sketch.quads(menu, "aisle_signs", (210, 206, 196), cell=(1, int(rng.integers(8))))
    table = [(0.2, 0), (0.03, 0.04), (0.03, 0.7), (0.34, 0.72), (0.34, 0.75), (0, 0.75)]
    for y in np.linspace(y0 + 0.9, y1 - 0.9, max(int((y1 - y0) / 1.8), 1)):
        at = (-0.9 - rng.uniform(0, 0.4), y, 0)
        sketch.lathe(table, 10, "metal", (130, 128, 124), at=at)
        stools = [(at[0] + a, y + b, 0.42) for a, b in ((-0.55, 0.1), (0.5, -0.2))]
        sketch.boxes(stools, (0.38, 0.38, 0.05), "planks", wood * 1.2, ALL_SIDES)
        legs = [(x, y, 0) for x, y, _ in stools]
        sketch.boxes(legs, (0.06, 0.06, 0.42), "metal", (80, 80, 82))


def _gadgets(sketch: Sketch, y0: float, y1: float, depth: float) -> None:
    """Long pale tables with small dark things, lit pictures at the back."""
    rng = sketch.rng
    for y in np.linspace(y0 + 1.0, y1 - 1.0, max(int((y1 - y0) / 2.4), 1)):
        sketch.boxes((-depth / 2, y, 0.82), (depth * 0.6, 0.9, 0.07), "planks", (222, 204, 178),
                     ALL_SIDES)  # fmt: skip
        feet = [(-depth / 2 + s * depth * 0.25, y, 0) for s in (-1, 1)]
        sketch.boxes(feet, (0.08, 0.7, 0.82), "planks", (206, 188, 160))
        xs = np.linspace(-depth * 0.74, -depth * 0.26, 5)
        things = [(x, y + s * 0.25, 0.89) for x in xs for s in (-1, 1)]
        sketch.boxes(things, (0.16, 0.22, 0.12), "white", (34, 36, 40), level=Level.NEAR)
    count = max(int((y1 - y0) / 1.5), 1)
    ys = y0 + (np.arange(count) + 0.5) * (y1 - y0) / count
    cell = rng.integers(0, 4, count), rng.integers(0, 2, count)
    pictures = upright(-depth + 0.03, ys - 0.5, ys + 0.5, 0.9, 2.6)
    sketch.quads(
        pictures, "posters", (244, 244, 242), cell=cell, glow=GLOW_UNIT, switch=SWITCH_LAMP
    )


_KINDS: dict[str, Callable[[Sketch, float, float, float], None]] = {
    "clothes": _clothes, "shelves": _shelves, "cafe": _cafe, "gadgets": _gadgets,
}  # fmt: skip
SHOP_KINDS = (*_KINDS, "closed")


@piece(
    "shop_unit",
    boxes=lambda length, depth, height, **_: [(-depth - 0.1, 0.0, 0.0, 0.12, length, height)],
)
def build_shop_unit(
    sketch: Sketch, length: float = 7.0, height: float = 4.2, depth: float = 3.5,
    kind: str = "clothes", sign: int = 0, pane: float = 0.45, tint: Colour = (206, 202, 194),
    fascia: Colour = (70, 74, 78), room: Colour = (214, 206, 196), ground: str = "vinyl",
) -> None:  # fmt: skip
    """A shop along +y that opens towards +x, its front in x = 0; ``kind``: clothes, shelves, cafe,
    gadgets or closed; ``pane``: share of the front that is window; ``sign``: 0..15."""
    if kind not in SHOP_KINDS:
        raise BadScene(f"unknown kind of shop {kind!r}; known are {', '.join(SHOP_KINDS)}")
    rng, y0, y1 = sketch.rng, _PIER, length - _PIER
    wall, inner = np.asarray(tint, float), np.asarray(room, float)
    for y in (_PIER / 2, length - _PIER / 2):
        for z, high in ((0.0, 0.15), (0.15, FRONT_HEIGHT - 0.15)):
            out = 0.1 if z == 0 else 0.08
            # A little narrower than its place: walls may end there.
            sketch.boxes((out / 2 - 0.15, y, z), (0.3 + out, _PIER - 0.006, high), "plaster",
                         wall * (0.6 if z == 0 else 1.0), ("+x", "+y", "-y"))  # fmt: skip
    ys = np.linspace(0, length, max(int(length / 1.6), 2) + 1)
    upper = upright(0.08, ys[:-1], ys[1:], FRONT_HEIGHT, FRONT_HEIGHT + 0.95)
    sketch.quads(upper, "plaster", np.asarray(fascia, float))
    if height > FRONT_HEIGHT + 1.0:
        above = upright(0.08, ys[:-1], ys[1:], FRONT_HEIGHT + 0.95, height)
        sketch.quads(above, "plaster", wall)
    lintel = [(-0.3, 0, FRONT_HEIGHT), (0.08, 0, FRONT_HEIGHT)]
    lintel += [(x, length, FRONT_HEIGHT) for x, _, _ in lintel[::-1]]
    sketch.quads([lintel[::-1]], "plaster", wall * 0.8, casts=False)
    half = min(length * 0.3, 1.7)
    board = upright(0.1, length / 2 - half, length / 2 + half, 3.02, 3.02 + half / 2)
    cell = (sign % 2, sign // 2 % 8)
    glow = {"glow": 0 if kind == "closed" else GLOW_UNIT, "switch": SWITCH_LAMP}
    sketch.quads(board, "shop_signs", (246, 246, 244), cell=cell, casts=False, **glow)
    if kind == "closed":
        sketch.quads(upright(0.01, ys[:-1], ys[1:], 0, FRONT_HEIGHT), "shutter", wall * 0.9)
        return
    # The room.
    within = floor(-depth, y0, 0.0, y1, 1.6, 0.0)
    sketch.add(within, ground, inner, casts=False)
    lid = floor(-depth, y0, -0.3, y1, 1.8, FRONT_HEIGHT, up=False)
    lit = {"glow": GLOW_UNIT * 0.5, "switch": SWITCH_LAMP, "casts": False}
    sketch.add(lid, "white", (236, 234, 228), **lit)
    back = np.linspace(y0, y1, max(int(length / 2), 1) + 1)
    sketch.quads(upright(-depth, back[:-1], back[1:], 0, FRONT_HEIGHT), "plaster", inner)
    for y, ends in ((y0, (0.0, -depth)), (y1, (-depth, 0.0))):
        (a, b) = ends
        side = [(a, y, 0), (b, y, 0), (b, y, FRONT_HEIGHT), (a, y, FRONT_HEIGHT)]
        sketch.quads(side, "plaster", inner * 0.94)
    _KINDS[kind](sketch, y0 + 0.05, y1 - 0.05, depth)
    spots = [(-depth * 0.35, y, FRONT_HEIGHT - 0.06) for y in np.arange(y0 + 0.7, y1, 1.4)]
    lamp = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
    sketch.boxes(spots, (0.9, 0.16, 0.05), "white", (255, 250, 236), ("-z", "+x"), **lamp)
    # The window beside the entrance.
    wide = (y1 - y0) * min(max(pane, 0.0), 0.75)
    if wide > 0.8:
        start = y0 if sign % 2 else y1 - wide
        glass = upright(-0.06, start, start + wide, 0.35, FRONT_HEIGHT)
        which, row = int(rng.integers(3)), rng.integers(0, 2, 2)
        sketch.quads(glass, _PANES[which], (246, 244, 240), cell=(row[0], row[1]),
                     glow=GLOW_UNIT * 0.8, switch=SWITCH_LAMP)  # fmt: skip
        sill = (0.2, wide, 0.35)
        sketch.boxes((-0.1, start + wide / 2, 0), sill, "plaster", wall * 0.7)
        jambs = [(-0.06, y, 0.35) for y in (start + 0.03, start + wide - 0.03)]
        sketch.boxes(jambs, (0.1, 0.06, FRONT_HEIGHT - 0.35), "metal", (74, 78, 82))
