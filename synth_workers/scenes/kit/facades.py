"""Houses in a row: walls with recessed windows, shop fronts, signs, awnings, balconies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import Shape, boxes, quads
from synth_workers.scenes.parts import Level, Sketch
from synth_workers.scenes.textures import openings, prints

GROUND_STOREY = 3.9
"""Height of a ground floor, metres."""

SHOP_LAYERS = ("shop_fronts_a", "shop_fronts_b", "shop_fronts_c")
AWNING_COLOURS = (
    (128, 58, 52), (62, 84, 74), (176, 164, 138), (72, 82, 104), (150, 122, 84), (92, 92, 94),
)  # fmt: skip


@dataclass(frozen=True)
class Style:
    """One manner of building. Lengths in metres; ``*_chance`` are probabilities per place."""

    wall: str = "plaster"
    walls: tuple[tuple[int, int, int], ...] = ((214, 200, 172),)
    trim: tuple[int, int, int] = (226, 220, 208)
    glass: str = "windows"
    window: tuple[float, float] = (1.15, 1.75)
    spacing: float = 2.7
    storey: float = 3.25
    storeys: tuple[int, int] = (2, 4)
    reveal: float = 0.18
    base: str = "shops"  # shops, doors, office or arcade
    base_wall: str | None = None
    balcony_chance: float = 0.0
    awning_chance: float = 0.35
    shutters_chance: float = 0.0
    courses: bool = True


STYLES: dict[str, Style] = {
    "townhouse": Style(
        walls=((212, 192, 160), (198, 170, 140), (206, 204, 194), (186, 172, 150), (216, 206, 186)),
        balcony_chance=0.2,
        shutters_chance=0.45,
    ),
    "brick": Style(
        wall="brick",
        walls=((168, 108, 88), (150, 92, 76), (176, 134, 108), (140, 104, 92)),
        trim=(208, 202, 190),
        spacing=2.6,
        awning_chance=0.25,
    ),
    "stone": Style(
        wall="ashlar",
        walls=((206, 196, 176), (190, 186, 178), (198, 182, 158)),
        trim=(214, 208, 196),
        window=(1.2, 2.0),
        spacing=2.9,
        storey=3.6,
        awning_chance=0.3,
    ),
    "arcade": Style(
        wall="ashlar",
        walls=((208, 192, 164), (196, 186, 170), (212, 204, 188)),
        trim=(218, 210, 196),
        window=(1.25, 2.0),
        spacing=2.8,
        storey=3.5,
        base="arcade",
        shutters_chance=0.3,
    ),
    "hall": Style(
        wall="ashlar",
        walls=((214, 206, 190),),
        trim=(226, 220, 206),
        window=(1.5, 2.9),
        spacing=3.1,
        storey=4.6,
        storeys=(2, 2),
        reveal=0.35,
        base="doors",
    ),
    "modern": Style(
        wall="concrete",
        walls=((206, 206, 204), (170, 172, 174), (222, 218, 208)),
        trim=(96, 100, 104),
        glass="panes",
        window=(2.3, 1.9),
        spacing=2.75,
        storey=3.3,
        storeys=(3, 5),
        reveal=0.1,
        base="office",
        courses=False,
    ),
    "modest": Style(
        walls=((190, 186, 176), (176, 182, 180), (204, 188, 168), (168, 160, 150)),
        trim=(200, 196, 188),
        window=(1.05, 1.5),
        spacing=3.0,
        storey=3.0,
        base="doors",
        base_wall="brick",
        shutters_chance=0.2,
    ),
}


def window_switches(rng: np.random.Generator, count: int) -> np.ndarray:
    """(4 * count,) a random rank per window quad: which share of presets lights it."""
    return np.repeat(rng.integers(SWITCH_WINDOW, 256, count), 4)


def pierced_wall(
    y_edges: np.ndarray, z_edges: np.ndarray, hole: np.ndarray, reveal: float
) -> tuple[Shape, Shape, np.ndarray]:
    """A wall in the plane x = 0 facing +x, with recessed holes.

    ``y_edges`` (m + 1,), ``z_edges`` (n + 1,) cut it into m x n fields; ``hole`` (m, n) bool.
    Returns the wall, the four inner sides of every hole, and (holes, 4, 3) corners of the
    fields ``reveal`` behind it, lower left first as seen from outside.
    """
    y0, z0 = np.meshgrid(y_edges[:-1], z_edges[:-1], indexing="ij")
    y1, z1 = np.meshgrid(y_edges[1:], z_edges[1:], indexing="ij")

    def fields(chosen: np.ndarray, x: float) -> np.ndarray:
        a, b, c, d = y0[chosen], y1[chosen], z0[chosen], z1[chosen]
        depth = np.full_like(a, x)
        return np.stack(
            [
                np.stack([depth, a, c], axis=1),
                np.stack([depth, b, c], axis=1),
                np.stack([depth, b, d], axis=1),
                np.stack([depth, a, d], axis=1),
            ],
            axis=1,
        )

    solid, front, back = fields(~hole, 0.0), fields(hole, 0.0), fields(hole, -reveal)
    inner = [
        np.stack([front[:, i], front[:, j], back[:, j], back[:, i]], axis=1)
        for i, j in ((1, 0), (2, 1), (3, 2), (0, 3))
    ]
    # Every inner side must look into the hole; flip the winding of those that do not.
    sides = np.concatenate(inner)
    middle = np.concatenate([(front + back).mean(axis=1) / 2] * 4)
    normal = np.cross(sides[:, 1] - sides[:, 0], sides[:, 3] - sides[:, 0])
    outward = np.sum(normal * (middle - sides.mean(axis=1)), axis=1) < 0
    sides[outward] = sides[outward][:, ::-1]
    return quads(solid), quads(sides), back


def _bays(width: float, spacing: float, opening: float) -> np.ndarray:
    """Edges along y that alternate pier, opening, pier, … over ``width``."""
    count = max(int(width / spacing), 1)
    centres = (np.arange(count) + 0.5) * width / count
    half = min(opening, width / count - 0.4) / 2
    inner = np.stack([centres - half, centres + half], axis=1).ravel()
    return np.concatenate([[0.0], inner, [width]])


def _weathered(shape: Shape, tint: np.ndarray, top: float) -> np.ndarray:
    """Wall tint per vertex: dirty near the ground and under the cornice."""
    z = shape.positions[:, 2]
    splash = 1 - 0.16 * np.exp(-np.maximum(z, 0) / 0.7)
    grime = 1 - 0.07 * np.exp(-np.maximum(top - z, 0) / 1.5)
    return tint[None] * (splash * grime)[:, None]


def _upper_storeys(
    rng: np.random.Generator,
    sketch: Sketch,
    style: Style,
    width: float,
    top: float,
    wall: np.ndarray,
) -> None:
    storeys = round((top - GROUND_STOREY) / style.storey)
    y_edges = _bays(width, style.spacing, style.window[0])
    z_edges = [GROUND_STOREY]
    for k in range(storeys):
        sill = GROUND_STOREY + k * style.storey + (style.storey - style.window[1]) * 0.55
        z_edges += [sill, sill + style.window[1]]
    z_edges = np.array([*z_edges, top])
    hole = np.zeros((len(y_edges) - 1, len(z_edges) - 1), bool)
    hole[1::2, 1::2] = True
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, style.reveal)
    sketch.add(solid, style.wall, _weathered(solid, wall, top))
    sketch.add(sides, "plaster", wall * 0.9)
    count = len(glass)
    atlas = atlas_uv(
        rng.integers(0, openings.WINDOW_COLUMNS, count),
        rng.integers(0, openings.WINDOW_ROWS, count),
        openings.WINDOW_COLUMNS,
        openings.WINDOW_ROWS,
    )
    tone = np.repeat(rng.uniform(0.8, 1.05, (count, 1)), 4, axis=0)
    sketch.add(
        quads(glass, atlas),
        style.glass,
        np.full(3, 235.0) * tone,
        glow=GLOW_UNIT,
        switch=window_switches(rng, count),
    )
    lower = glass[:, :2].mean(axis=1)
    trim = np.asarray(style.trim, float) * rng.uniform(0.92, 1.02)
    sills = np.column_stack([np.full(count, 0.0), lower[:, 1], lower[:, 2] - 0.09])
    sketch.add(
        boxes(sills, (0.24, style.window[0] + 0.22, 0.09), ("+x", "+y", "-y", "+z", "-z")),
        "plaster",
        trim,
    )
    if style.courses:
        heads = np.column_stack([np.full(count, 0.0), lower[:, 1], lower[:, 2] + style.window[1]])
        sketch.add(
            boxes(heads, (0.1, style.window[0] + 0.24, 0.16), ("+x", "+y", "-y", "-z")),
            "plaster",
            trim,
        )
    if rng.random() < style.shutters_chance:
        colour = np.array([(74, 88, 78), (96, 78, 62), (84, 92, 104), (118, 112, 100)])[
            rng.integers(4)
        ]
        leaf = style.window[0] * 0.46
        places = np.concatenate(
            [lower + (0.04, side * (style.window[0] + leaf + 0.06) / 2, 0) for side in (-1, 1)]
        )
        places[:, 0] = 0.03
        sketch.add(
            boxes(places, (0.05, leaf, style.window[1]), ("+x", "+y", "-y")),
            "shutter",
            colour * 1.3,
        )
    chosen = lower[rng.random(count) < style.balcony_chance]
    if len(chosen):
        _balconies(sketch, chosen, style.window[0] + 0.9, trim)


def _balconies(sketch: Sketch, places: np.ndarray, width: float, trim: np.ndarray) -> None:
    depth = 0.95
    floors = places + (0, 0, -0.35)
    floors[:, 0] = depth / 2
    sketch.add(
        boxes(floors, (depth, width, 0.12), ("+x", "+y", "-y", "+z", "-z")), "concrete", trim * 0.9
    )
    iron = (46, 48, 50)
    rail = floors + (depth / 2 - 0.03, 0, 1.02)
    sketch.add(boxes(rail, (0.05, width, 0.05), ("+x", "-x", "+z", "-z")), "metal", iron)
    offsets = np.linspace(-width / 2 + 0.05, width / 2 - 0.05, 12)
    bars = (rail[:, None] + np.stack([0 * offsets, offsets, 0 * offsets - 0.9], axis=1)).reshape(
        -1, 3
    )
    sketch.add(
        boxes(bars, (0.022, 0.022, 0.92), ("+x", "-x", "+y", "-y")), "metal", iron, level=Level.NEAR
    )
    for side in (-1, 1):
        flank = floors + (0, side * (width / 2 - 0.02), 1.02)
        sketch.add(boxes(flank, (depth, 0.05, 0.05), ("+y", "-y", "+z")), "metal", iron)


def _shop_base(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """Shop fronts between piers, fascia boards with names, awnings, some shutters down."""
    y_edges = _bays(width, 4.2, 3.5)
    z_edges = np.array([0.0, 0.12, 2.95, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 3), bool)
    hole[1::2, 1] = True
    base = np.clip(wall * rng.uniform(0.72, 0.95), 0, 255)
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, 0.3)
    material = style.base_wall or style.wall
    sketch.add(solid, material, _weathered(solid, base, GROUND_STOREY + 4))
    sketch.add(sides, "plaster", base * 0.85)
    count = len(glass)
    closed = rng.random(count) < 0.12
    order = rng.permutation(12)
    for k in range(count):
        if closed[k]:
            sketch.add(quads(glass[k]), "shutter", np.array([190, 188, 182]) * rng.uniform(0.7, 1))
            continue
        which = int(order[k % 12])
        cell = atlas_uv(np.array([which % 2]), np.array([which // 2 % 2]), 2, 2)
        switch = int(rng.integers(SWITCH_WINDOW, 150))
        sketch.add(
            quads(glass[k : k + 1], cell),
            SHOP_LAYERS[which // 4],
            np.full(3, 250.0) * rng.uniform(0.92, 1.0),
            glow=GLOW_UNIT * 1.2,
            switch=switch,
        )
    centre = glass[:, :2].mean(axis=1)
    span = glass[0, 1, 1] - glass[0, 0, 1]
    boards = np.column_stack([np.full(count, 0.06), centre[:, 1], np.full(count, 3.02)])
    board_tint = np.clip(wall * 0.62, 0, 255)
    sketch.add(
        boxes(boards, (0.14, span + 0.1, 0.66), ("+x", "+y", "-y", "+z", "-z")),
        "plaster",
        board_tint,
    )
    sign_width = min(span * 0.8, 2.5)
    atlas = atlas_uv(
        rng.integers(0, prints.SIGN_COLUMNS, count),
        rng.integers(0, prints.SIGN_ROWS, count),
        prints.SIGN_COLUMNS,
        prints.SIGN_ROWS,
    )
    corners = np.stack(
        [
            np.column_stack(
                [np.full(count, 0.145), centre[:, 1] + side * sign_width / 2, np.full(count, z)]
            )
            for side, z in ((-1, 3.05), (1, 3.05), (1, 3.65), (-1, 3.65))
        ],
        axis=1,
    )
    lit = np.repeat(np.where(rng.random(count) < 0.6, GLOW_UNIT // 3, 0), 4)
    sketch.add(quads(corners, atlas), "shop_signs", (245, 245, 245), glow=lit, switch=SWITCH_LAMP)
    cloth = np.asarray(AWNING_COLOURS[int(rng.integers(len(AWNING_COLOURS)))], float)
    for k in np.flatnonzero(rng.random(count) < style.awning_chance):
        _awning(sketch, float(centre[k, 1]), float(span) + 0.1, np.clip(cloth * 1.1, 0, 255))


def _arcade_base(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """An open passage behind square piers, shop fronts at its back."""
    y_edges = _bays(width, 3.4, 2.5)
    z_edges = np.array([0.0, 3.05, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 2), bool)
    hole[1::2, 0] = True
    solid, sides, back = pierced_wall(y_edges, z_edges, hole, 2.4)
    sketch.add(solid, style.wall, _weathered(solid, wall * 0.96, 9.0))
    sketch.add(sides, style.wall, _weathered(sides, wall * 0.8, 9.0))
    for k in range(len(back)):
        which = int(rng.integers(4))
        cell = atlas_uv(np.array([which % 2]), np.array([which // 2]), 2, 2)
        sketch.add(
            quads(back[k : k + 1], cell),
            SHOP_LAYERS[int(rng.integers(3))],
            np.full(3, 240.0) * rng.uniform(0.85, 1.0),
            glow=GLOW_UNIT * 1.2,
            switch=int(rng.integers(SWITCH_WINDOW, 140)),
        )
    centres = back[:, :2].mean(axis=1)
    heads = np.column_stack([np.zeros(len(back)), centres[:, 1], np.full(len(back), 2.86)])
    sketch.add(boxes(heads, (0.12, 2.6, 0.24), ("+x", "-z")), "plaster", style.trim)


def _awning(sketch: Sketch, y: float, width: float, cloth: np.ndarray) -> None:
    a, b, out = y - width / 2, y + width / 2, 1.25
    top = [(0.13, a, 3.0), (out, a, 2.55), (out, b, 2.55), (0.13, b, 3.0)]
    valance = [(out, a, 2.34), (out, b, 2.34), (out, b, 2.55), (out, a, 2.55)]
    uv = np.array([[(0, 0), (0, out), (width, out), (width, 0)]])[..., ::-1]
    drop = np.array([[(0, 0), (width, 0), (width, 0.2), (0, 0.2)]])
    sketch.add(quads([top], uv), "awning", cloth, two_sided=True)
    sketch.add(quads([valance], drop), "awning", cloth * 0.9, two_sided=True)


def _plain_base(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """A ground floor of house doors and windows."""
    y_edges = _bays(width, style.spacing, style.window[0])
    z_edges = np.array([0.0, 0.1, 1.1, 2.45, GROUND_STOREY])
    bays = (len(y_edges) - 1) // 2
    is_door = np.arange(bays) % 3 == int(rng.integers(3))
    hole = np.zeros((len(y_edges) - 1, 4), bool)
    hole[1::2, 2] = True
    hole[1::2, 1] = is_door
    base = np.clip(wall * 0.85, 0, 255)
    solid, sides, filled = pierced_wall(y_edges, z_edges, hole, style.reveal)
    sketch.add(solid, style.base_wall or style.wall, _weathered(solid, base, 9.0))
    sketch.add(sides, "plaster", base * 0.85)
    centres = filled[:, :2, 1].mean(axis=1)
    bay_of = np.argmin(
        np.abs(centres[:, None] - (y_edges[1:-1:2] + y_edges[2:-1:2])[None] / 2), axis=1
    )
    door = is_door[bay_of]
    lower = filled[door & (filled[:, 0, 2] < 0.5)]
    if len(lower):
        doors = lower.copy()
        doors[:, 2:, 2] = 2.45
        column = rng.integers(0, 4, len(doors))
        sketch.add(quads(doors, atlas_uv(column, 0 * column, 4, 1)), "doors", (235, 235, 235))
    windows = filled[~door]
    count = len(windows)
    if count:
        atlas = atlas_uv(rng.integers(0, 4, count), rng.integers(0, 4, count), 4, 4)
        sketch.add(
            quads(windows, atlas),
            "windows",
            (225, 225, 225),
            glow=GLOW_UNIT,
            switch=window_switches(rng, count),
        )


def _office_base(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """Tall glazing between slim dark piers."""
    y_edges = _bays(width, 2.2, 1.9)
    z_edges = np.array([0.0, 0.35, 3.1, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 3), bool)
    hole[1::2, 1] = True
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, 0.35)
    base = np.clip(np.asarray(style.trim, float) * 1.25, 0, 255)
    sketch.add(solid, "concrete", _weathered(solid, base, 9.0))
    sketch.add(sides, "metal", base * 0.7)
    count = len(glass)
    atlas = atlas_uv(rng.integers(0, 4, count), rng.integers(0, 4, count), 4, 4)
    sketch.add(
        quads(glass, atlas),
        "panes",
        (230, 232, 236),
        glow=GLOW_UNIT,
        switch=np.repeat(rng.integers(SWITCH_WINDOW, 140, count), 4),
    )
    canopy = boxes(
        [(0.7, width / 2, 3.2)], (1.4, min(width * 0.5, 5.0), 0.16), ("+x", "+y", "-y", "+z", "-z")
    )
    sketch.add(canopy, "metal", base * 0.8)


_BASES = {"shops": _shop_base, "doors": _plain_base, "office": _office_base, "arcade": _arcade_base}


def house(rng: np.random.Generator, style: Style, width: float, depth: float) -> Sketch:
    """One house: front in the plane x = 0 facing +x, from y = 0 to ``width``, body behind it."""
    sketch = Sketch()
    storeys = int(rng.integers(style.storeys[0], style.storeys[1] + 1))
    top = GROUND_STOREY + storeys * style.storey
    wall = np.asarray(style.walls[int(rng.integers(len(style.walls)))], float)
    wall = np.clip(wall * rng.uniform(0.92, 1.05), 0, 250)
    _upper_storeys(rng, sketch, style, width, top, wall)
    _BASES[style.base](rng, sketch, style, width, wall)
    flanks = boxes([(-depth / 2, width / 2, 0)], (depth, width, top), ("+y", "-y", "-x", "+z"))
    sketch.add(flanks, style.wall, wall * 0.9)
    trim = np.asarray(style.trim, float) * rng.uniform(0.9, 1.0)
    sides = ("+x", "+y", "-y", "+z", "-z")
    cornice = [(0.12, width / 2, top - 0.1), (0.2, width / 2, top + 0.14)]
    sketch.add(boxes(cornice, [(0.34, width, 0.24), (0.55, width, 0.14)], sides), "plaster", trim)
    sketch.add(
        boxes([(0.05, width / 2, GROUND_STOREY - 0.14)], (0.2, width, 0.2), sides), "plaster", trim
    )
    if style.courses:
        levels = GROUND_STOREY + np.arange(1, storeys) * style.storey
        if len(levels):
            places = np.column_stack(
                [np.full(len(levels), 0.03), np.full(len(levels), width / 2), levels]
            )
            sketch.add(boxes(places, (0.1, width, 0.13), sides), "plaster", trim)
    pipe = boxes([(0.08, 0.15, 0.0)], (0.1, 0.1, top), ("+x", "+y", "-y"))
    sketch.add(pipe, "metal", trim * 0.55)
    return sketch


def _terrace_boxes(length: float = 30.0, depth: float = 6.0, **_: object) -> list[Box]:
    return [(-depth, 0.0, 0.0, 0.35, length, 20.0)]


@piece("terrace", boxes=_terrace_boxes)
def build_terrace(
    rng: np.random.Generator,
    length: float = 30.0,
    depth: float = 6.0,
    styles: Sequence[str] = ("townhouse", "brick"),
    width: tuple[float, float] = (8.0, 13.0),
) -> Sketch:
    """Houses of random width along +y that fill exactly ``length``; fronts face +x."""
    unknown = sorted(set(styles) - set(STYLES))
    if unknown:
        raise BadScene(f"unknown style {', '.join(unknown)}; known are {', '.join(STYLES)}")
    count = max(round(length / (sum(width) / 2)), 1)
    shares = rng.uniform(*width, count)
    shares *= length / shares.sum()
    sketch = Sketch()
    y = 0.0
    last = ""
    for share in shares:
        choice = [s for s in styles if s != last] or list(styles)
        last = choice[int(rng.integers(len(choice)))]
        sketch.include(house(rng, STYLES[last], float(share), depth), at=(0, y, 0))
        y += float(share)
    return sketch
