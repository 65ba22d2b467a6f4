"""Shelves and what stands on them: shelf runs, fruit tables, freezers, pallets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import GLOW_UNIT
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import Shape, box, boxes, lathe, quads, upright
from synth_workers.scenes.parts import Level, Sketch
from synth_workers.scenes.textures.goods import FAMILY_NAMES, PACKAGES_PER_TILE, PRODUCT_ROWS

SHELF_DEPTH = 0.46
SHELF_TOPS = (0.16, 0.54, 0.92, 1.30)
_BOX_SIDES = ("+x", "+y", "-y", "+z")


class _Blocks(NamedTuple):
    """Equal packages side by side on one shelf. All (n,); metres."""

    start: np.ndarray  # along y
    package: np.ndarray  # width of one package
    count: np.ndarray
    height: np.ndarray
    shelf: np.ndarray  # z of the shelf they stand on
    row: np.ndarray  # product of the layer
    setback: np.ndarray  # from the front edge


def _fill_shelves(rng: np.random.Generator, length: float, tops: Sequence[float]) -> _Blocks:
    rows = []
    for level, top in enumerate(tops):
        count = int(length / 0.3) + 4
        package = rng.uniform(0.085, 0.2, count)
        number = rng.integers(3, 9, count)
        width = package * number + rng.uniform(0.0, 0.03, count)
        gap = np.where(rng.random(count) < 0.07, rng.uniform(0.1, 0.35, count), 0.0)
        start = 0.04 + np.concatenate([[0], np.cumsum(width + gap)[:-1]])
        fits = start + width < length - 0.03
        room = 0.36 if level < len(tops) - 1 else 0.40
        height = np.minimum(package * rng.uniform(1.2, 2.1, count), room - 0.06)
        rows.append(
            np.stack(
                [
                    start,
                    package,
                    number,
                    np.maximum(height, 0.1),
                    np.full(count, top),
                    rng.integers(0, PRODUCT_ROWS, count),
                    rng.uniform(0.01, 0.07, count),
                ],
                axis=1,
            )[fits]
        )
    return _Blocks(*np.concatenate(rows).T)


def _goods_boxes(
    start: np.ndarray, width: np.ndarray, height: np.ndarray, shelf: np.ndarray,
    setback: np.ndarray, row: np.ndarray, packages: np.ndarray,
) -> Shape:  # fmt: skip
    """Boxes at the front edge x = SHELF_DEPTH whose fronts show ``packages`` of product ``row``."""
    depth = SHELF_DEPTH - 0.1
    bottoms = np.column_stack([SHELF_DEPTH - setback - depth / 2, start + width / 2, shelf])
    sizes = np.column_stack([np.full(len(start), depth), width, height])
    shape = boxes(bottoms, sizes, _BOX_SIDES)
    local = shape.positions.reshape(len(start), -1, 3)
    u = (local[..., 1] - start[:, None]) / width[:, None] * packages[:, None] / PACKAGES_PER_TILE
    upward = (local[..., 2] - shelf[:, None]) / height[:, None]
    v = 1 - (row[:, None] + 0.99 - 0.98 * np.clip(upward, 0, 1)) / PRODUCT_ROWS
    return shape._replace(uv=np.stack([u, v], axis=-1).reshape(-1, 2))


def _add_goods(
    rng: np.random.Generator, sketch: Sketch, length: float, tops: Sequence[float],
    families: Sequence[str],
) -> None:  # fmt: skip
    blocks = _fill_shelves(rng, length, tops)
    # Families change along the run, as departments do.
    border = np.linspace(0, length, len(families) + 1)[1:-1] if len(families) > 1 else []
    which = (
        np.searchsorted(border, blocks.start)
        if len(families) > 1
        else np.zeros(len(blocks[0]), int)
    )
    for index, family in enumerate(families):
        own = _Blocks(*(values[which == index] for values in blocks))
        if not len(own.start):
            continue
        material = f"goods_{family}"
        whole = _goods_boxes(
            own.start,
            own.package * own.count * 0.985,
            own.height,
            own.shelf,
            own.setback,
            own.row,
            own.count,
        )
        tone = rng.uniform(0.86, 1.0, (len(own.start), 1))
        per_block = 4 * len(_BOX_SIDES)
        sketch.add(
            whole, material, 250 * np.repeat(tone, per_block, axis=0) * np.ones(3), level=Level.FAR
        )
        # Near: groups of up to three packages that stand forward or back a little.
        groups = np.ceil(own.count / 2).astype(int)
        owner = np.repeat(np.arange(len(groups)), groups)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(groups) - groups, groups)
        number = np.minimum(2, own.count[owner] - 2 * place)
        kept = rng.random(len(owner)) > 0.05
        owner, place, number = owner[kept], place[kept], number[kept]
        near = _goods_boxes(
            own.start[owner] + 2 * place * own.package[owner],
            own.package[owner] * number * 0.975,
            own.height[owner],
            own.shelf[owner],
            np.clip(own.setback[owner] + rng.normal(0.01, 0.022, len(owner)), 0, 0.2),
            own.row[owner],
            number,
        )
        shade = np.repeat(tone[owner] * rng.uniform(0.95, 1.03, (len(owner), 1)), per_block, axis=0)
        sketch.add(near, material, 250 * shade * np.ones(3), level=Level.NEAR)


def one_sided_shelf(
    rng: np.random.Generator, length: float, families: Sequence[str], tops: Sequence[float],
    height: float, frame: np.ndarray,
) -> Sketch:  # fmt: skip
    """Shelf boards and goods in front of a back panel in the plane x = 0, open towards +x."""
    unknown = sorted(set(families) - set(FAMILY_NAMES))
    if unknown:
        raise BadScene(f"unknown goods {', '.join(unknown)}; known are {', '.join(FAMILY_NAMES)}")
    sketch = Sketch()
    middle = length / 2
    sketch.add(
        boxes([(0.015, middle, 0)], (0.03, length, height), ("+x", "+z")), "sheet_metal", frame
    )
    sketch.add(
        boxes([(SHELF_DEPTH / 2, middle, 0)], (SHELF_DEPTH - 0.04, length, 0.12), ("+x",)),
        "metal",
        frame * 0.45,
    )
    boards = np.array([(SHELF_DEPTH / 2, middle, top - 0.03) for top in tops])
    sketch.add(boxes(boards, (SHELF_DEPTH, length, 0.03), ("+z", "-z")), "metal", frame * 0.96)
    rails = boards + (SHELF_DEPTH / 2, 0, -0.012)
    sketch.add(boxes(rails, (0.012, length, 0.05), ("+x", "+z", "-z")), "white", (214, 212, 204))
    count = int(length / 0.32)
    where = (np.arange(count) + 0.5) * length / count
    tags = np.concatenate(
        [
            np.column_stack(
                [
                    np.full(count, r[0] + 0.009),
                    where + rng.normal(0, 0.03, count),
                    np.full(count, r[2] + 0.006),
                ]
            )
            for r in rails
        ]
    )
    kinds = np.array([(244, 242, 236), (236, 210, 96), (206, 62, 50)])[
        rng.choice(3, len(tags), p=[0.74, 0.2, 0.06])
    ]
    sketch.add(
        boxes(tags, (0.003, 0.07, 0.038), ("+x",)),
        "white",
        np.repeat(kinds, 4, axis=0),
        level=Level.NEAR,
        casts=False,
    )
    _add_goods(rng, sketch, length, tops, families)
    return sketch


def _shelf_boxes(
    length: float = 8.0, height: float = 1.75, sides: int = 2, **_: object
) -> list[Box]:
    back = -SHELF_DEPTH - 0.03 if sides == 2 else -0.05
    return [(back, -0.05, 0.0, SHELF_DEPTH + 0.03, length + 0.05, height)]


@piece("shelf_run", boxes=_shelf_boxes)
def build_shelf_run(
    rng: np.random.Generator,
    length: float = 8.0,
    height: float = 1.75,
    sides: int = 2,
    families: Sequence[str] = ("cereal", "pasta"),
    back_families: Sequence[str] = ("coffee", "cans"),
    frame: Sequence[float] = (214, 214, 210),
    ends: Sequence[float] = (152, 52, 44),
) -> Sketch:
    """A run of shelves along +y from 0 to ``length``; with ``sides`` 2 also open to -x."""
    sketch = Sketch()
    colour = np.asarray(frame, float)
    tops = [top for top in (*SHELF_TOPS, 1.68, 2.06) if top < height - 0.25]
    sketch.include(one_sided_shelf(rng, length, families, tops, height, colour))
    if sides == 2:
        other = one_sided_shelf(rng, length, back_families, tops, height, colour)
        sketch.include(other, (0, length, 0), np.pi)
    span = 2 * SHELF_DEPTH + 0.04 if sides == 2 else SHELF_DEPTH + 0.02
    x = 0.0 if sides == 2 else SHELF_DEPTH / 2
    panels = [(x, -0.025, 0), (x, length + 0.025, 0)]
    sketch.add(boxes(panels, (span, 0.05, height)), "sheet_metal", ends)
    for y, heading in ((-0.052, -np.pi / 2), (length + 0.052, np.pi / 2)):
        cell = atlas_uv(np.array([rng.integers(4)]), np.array([rng.integers(2)]), 4, 2)
        corners = upright(0, -0.28, 0.28, 0.62, 1.62)
        sketch.add(quads(corners, cell), "posters", (234, 232, 226), at=(x, y, 0), heading=heading)
    return sketch


@piece(
    "fruit_table", boxes=lambda length=3.0, **_: [(-0.75, -length / 2, 0.0, 0.75, length / 2, 1.0)]
)
def build_fruit_table(
    rng: np.random.Generator, length: float = 3.0, tint: Sequence[float] = (150, 116, 80)
) -> Sketch:
    """A table along y with two slopes of crates full of fruit."""
    sketch = Sketch()
    sketch.add(box((1.1, length, 0.55)), "planks", np.asarray(tint) * 0.8)
    count = max(int(length / 0.62), 1)
    pitch = length / count
    for sign in (1, -1):
        for step, (x0, x1, z0, z1) in enumerate(
            ((0.03, 0.38, 0.82, 0.72), (0.40, 0.74, 0.70, 0.58))
        ):
            for k in range(count):
                y0, y1 = -length / 2 + k * pitch + 0.03, -length / 2 + (k + 1) * pitch - 0.03
                row = int(rng.integers(4))
                corners = np.array([(x0, y0, z0), (x1, y0, z1), (x1, y1, z1), (x0, y1, z0)])
                u = rng.uniform(0, 1)
                v0, v1 = 1 - (row + 0.96) / 4, 1 - (row + 0.04) / 4
                uv = [[(u, v1), (u, v0), (u + 0.45, v0), (u + 0.45, v1)]]
                heap = quads([corners], np.array(uv))
                heading = 0.0 if sign > 0 else np.pi
                sketch.add(
                    heap, "fruit", np.full(3, 240) * rng.uniform(0.85, 1.03), heading=heading
                )
                sides = [
                    (x0 - 0.01, (y0 + y1) / 2, z1 - 0.1),
                    (x1 + 0.01, (y0 + y1) / 2, z1 - 0.12),
                ]
                sketch.add(boxes(sides, (0.02, y1 - y0, 0.16)), "planks", tint, heading=heading)
                ends = [((x0 + x1) / 2, y0 - 0.01, z1 - 0.1), ((x0 + x1) / 2, y1 + 0.01, z1 - 0.1)]
                sketch.add(
                    boxes(ends, (x1 - x0, 0.02, 0.17)),
                    "planks",
                    np.asarray(tint) * 0.92,
                    heading=heading,
                )
            legs = [(x1 - 0.02, side * (length / 2 - 0.1), 0) for side in (-1, 1)]
            if step:
                sketch.add(
                    boxes(legs, (0.06, 0.06, 0.56)),
                    "planks",
                    tint,
                    heading=0.0 if sign > 0 else np.pi,
                )
    cards = boxes([(0, -length / 4, 0.8), (0, length / 4, 0.8)], (0.02, 0.34, 0.24))
    sketch.add(cards, "white", (52, 66, 52))
    return sketch


@piece("freezer_wall", boxes=lambda length=6.0, **_: [(0.0, 0.0, 0.0, 0.8, length, 2.1)])
def build_freezer_wall(rng: np.random.Generator, length: float = 6.0) -> Sketch:
    """Upright freezers along +y with lit glass doors towards +x; back in the plane x = 0."""
    sketch = Sketch()
    sketch.add(
        boxes([(0.4, length / 2, 0)], (0.78, length, 2.1), ("+x", "+y", "-y", "+z")),
        "sheet_metal",
        (206, 210, 212),
    )
    count = max(int(length / 0.75), 1)
    y = np.arange(count) * length / count
    width = length / count
    corners = upright(0.796, y + 0.02, y + width - 0.02, 0.22, 1.94)
    which = rng.integers(0, 4, count)
    sketch.add(
        quads(corners, atlas_uv(which, 0 * which, 4, 1)),
        "freezer_doors",
        (226, 230, 232),
        glow=GLOW_UNIT * 0.45,
    )
    sketch.add(
        boxes([(0.41, length / 2, 1.96)], (0.82, length, 0.14), ("+x", "+z")),
        "metal",
        (60, 84, 110),
    )
    sketch.add(
        boxes([(0.4, length / 2, 0.0)], (0.82, length, 0.18), ("+x",)), "metal", (66, 68, 70)
    )
    return sketch


@piece(
    "freezer_chest",
    boxes=lambda length=3.0, **_: [(-0.85, -length / 2, 0.0, 0.85, length / 2, 0.95)],
)
def build_freezer_chest(
    rng: np.random.Generator, length: float = 3.0, families: Sequence[str] = ("dairy", "paper")
) -> Sketch:
    """An open chest along y, packages lying inside."""
    sketch = Sketch()
    sketch.add(boxes([(0, 0, 0.1)], (1.6, length, 0.45)), "sheet_metal", (214, 216, 216))
    sketch.add(boxes([(0, 0, 0)], (1.5, length - 0.1, 0.12)), "metal", (56, 58, 60))
    walls = [
        (0.79, 0, 0.5),
        (-0.79, 0, 0.5),
        (0, length / 2 - 0.03, 0.5),
        (0, 0.03 - length / 2, 0.5),
    ]
    sizes = [(0.06, length, 0.42), (0.06, length, 0.42), (1.6, 0.06, 0.42), (1.6, 0.06, 0.42)]
    sketch.add(boxes(walls, sizes), "sheet_metal", (220, 222, 222))
    sketch.add(
        boxes(np.array(walls) + (0, 0, 0.41), np.array(sizes) * (1.15, 1, 0.1)),
        "metal",
        (84, 120, 150),
    )
    for index, family in enumerate(families):
        nx, ny = 3, int(length / 0.16 / len(families))
        gx, gy = np.meshgrid((np.arange(nx) - 1) * 0.5, np.arange(ny) * 0.16, indexing="ij")
        y0 = -length / 2 + 0.12 + index * length / len(families)
        keep = gy.ravel() + y0 < length / 2 - 0.15
        bottoms = np.column_stack([gx.ravel(), gy.ravel() + y0, rng.uniform(0.55, 0.62, nx * ny)])[
            keep
        ]
        shape = boxes(bottoms, (0.46, 0.15, 0.14), ("+x", "-x", "+y", "-y", "+z"))
        count = len(bottoms)
        row = rng.integers(0, PRODUCT_ROWS, nx).repeat(ny)[keep]
        uv = np.tile(np.array([(0.01, 0), (0.115, 0), (0.115, 1), (0.01, 1)]), (count * 5, 1))
        uv[:, 1] = 1 - (np.repeat(row, 20) + 0.98 - 0.96 * uv[:, 1]) / PRODUCT_ROWS
        sketch.add(shape._replace(uv=uv), f"goods_{family}", (236, 238, 240))
    return sketch


@piece("pallet", boxes=lambda layers=3, **_: [(-0.62, -0.45, 0.0, 0.62, 0.45, 0.14 + 0.3 * layers)])
def build_pallet(
    rng: np.random.Generator, layers: int = 3, family: str = "drinks", boxed: bool = False
) -> Sketch:
    """A pallet along x with stacked goods, or plain cartons if ``boxed``."""
    sketch = Sketch()
    slats = [(x, 0, 0.1) for x in (-0.5, -0.25, 0, 0.25, 0.5)] + [
        (0, y, 0.0) for y in (-0.36, 0, 0.36)
    ]
    sizes = [(0.12, 0.84, 0.03)] * 5 + [(1.2, 0.1, 0.1)] * 3
    sketch.add(boxes(slats, sizes), "planks", (206, 182, 142))
    nx, ny = 3, 2
    gx, gy, gz = np.meshgrid(np.arange(nx), np.arange(ny), np.arange(layers), indexing="ij")
    keep = (gz.ravel() < layers - 1) | (rng.random(gx.size) < 0.7)
    bottoms = np.column_stack(
        [(gx.ravel() - 1) * 0.4, (gy.ravel() - 0.5) * 0.42, 0.13 + gz.ravel() * 0.3]
    )[keep] + rng.normal(0, 0.006, (int(keep.sum()), 3)) * (1, 1, 0)
    shape = boxes(bottoms, (0.38, 0.40, 0.295))
    tone = np.repeat(rng.uniform(0.86, 1.02, (len(bottoms), 1)), 20, axis=0)
    if boxed:
        sketch.add(shape, "cardboard", np.array([250.0, 246, 240]) * tone)
        return sketch
    if family not in FAMILY_NAMES:
        raise BadScene(f"unknown goods {family!r}; known are {', '.join(FAMILY_NAMES)}")
    row = float(rng.integers(PRODUCT_ROWS))
    local = shape.positions.reshape(-1, 4, 3)
    uv = np.tile(np.array([(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]), (len(local), 1))
    uv[:, 1] = 1 - (row + 0.98 - 0.96 * uv[:, 1]) / PRODUCT_ROWS
    sketch.add(shape._replace(uv=uv), f"goods_{family}", 240 * tone * np.ones(3))
    return sketch


@piece("bottles", boxes=lambda **_: [(-0.5, -0.35, 0.0, 0.5, 0.35, 1.2)])
def build_bottles(rng: np.random.Generator) -> Sketch:
    """A wooden rack of wine bottles, 1 m wide along x."""
    sketch = Sketch()
    sketch.add(
        boxes(
            [(0, 0, 0), (0, 0, 0.45), (0, 0, 0.85)],
            [(1.0, 0.7, 0.12), (1.0, 0.5, 0.04), (1.0, 0.3, 0.04)],
        ),
        "planks",
        (140, 104, 70),
    )
    bottle = lathe([(0.036, 0), (0.036, 0.19), (0.013, 0.25), (0.014, 0.31), (0, 0.31)], 7)
    label = (bottle.positions[:, 2] > 0.05) & (bottle.positions[:, 2] < 0.2)
    glass = np.array([(44, 58, 40), (64, 36, 30), (120, 124, 84)])
    for z, ys in ((0.12, (-0.28, -0.18, 0.18, 0.28)), (0.49, (-0.18, 0.18)), (0.89, (-0.06, 0.06))):
        for y in ys:
            for x in np.arange(-0.42, 0.45, 0.12):
                tint = np.where(label[:, None], (206, 198, 176), glass[rng.integers(3)])
                sketch.add(bottle, "glass", tint, at=(x, y, z), level=Level.NEAR, casts=False)
    return sketch
