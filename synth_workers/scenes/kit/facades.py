"""Houses in a row: upper storeys with windows and balconies over a ground floor of their style."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import GLOW_UNIT
from synth_workers.scenes.kit.building_styles import GROUND_STOREY, STYLES, Style
from synth_workers.scenes.kit.ground_floors import GROUND_FLOORS
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.kit.walls import bays, pierced_wall, weathered, window_switches
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import boxes, quads
from synth_workers.scenes.parts import Level, Sketch
from synth_workers.scenes.textures import openings


def _upper_storeys(
    rng: np.random.Generator,
    sketch: Sketch,
    style: Style,
    width: float,
    top: float,
    wall: np.ndarray,
) -> None:
    storeys = round((top - GROUND_STOREY) / style.storey)
    y_edges = bays(width, style.spacing, style.window[0])
    z_edges = [GROUND_STOREY]
    for k in range(storeys):
        sill = GROUND_STOREY + k * style.storey + (style.storey - style.window[1]) * 0.55
        z_edges += [sill, sill + style.window[1]]
    z_edges = np.array([*z_edges, top])
    hole = np.zeros((len(y_edges) - 1, len(z_edges) - 1), bool)
    hole[1::2, 1::2] = True
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, style.reveal)
    sketch.add(solid, style.wall, weathered(solid, wall, top))
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


def house(rng: np.random.Generator, style: Style, width: float, depth: float) -> Sketch:
    """One house: front in the plane x = 0 facing +x, from y = 0 to ``width``, body behind it."""
    sketch = Sketch()
    storeys = int(rng.integers(style.storeys[0], style.storeys[1] + 1))
    top = GROUND_STOREY + storeys * style.storey
    wall = np.asarray(style.walls[int(rng.integers(len(style.walls)))], float)
    wall = np.clip(wall * rng.uniform(0.92, 1.05), 0, 250)
    _upper_storeys(rng, sketch, style, width, top, wall)
    GROUND_FLOORS[style.base](rng, sketch, style, width, wall)
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
