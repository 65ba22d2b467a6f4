"""Houses in a row: upper storeys with windows and balconies over a ground floor of their style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.kit.building_styles import GROUND_STOREY, STYLES, Style
from synth_workers.scenes.kit.ground_floors import GROUND_FLOORS
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.kit.walls import add_windows, bays, pierced_wall, weathered
from synth_workers.scenes.mesh import NO_BACK
from synth_workers.scenes.parts import Level, Sketch

_SHUTTERS = np.array([(74, 88, 78), (96, 78, 62), (84, 92, 104), (118, 112, 100)])


def _upper_storeys(
    sketch: Sketch, style: Style, width: float, top: float, wall: np.ndarray
) -> None:
    rng = sketch.rng
    wide, tall = style.window
    sills = [
        GROUND_STOREY + k * style.storey + (style.storey - tall) * 0.55
        for k in range(round((top - GROUND_STOREY) / style.storey))
    ]
    y_edges = bays(width, style.spacing, wide)
    z_edges = np.array([GROUND_STOREY, *(z for sill in sills for z in (sill, sill + tall)), top])
    hole = np.zeros((len(y_edges) - 1, len(z_edges) - 1), bool)
    hole[1::2, 1::2] = True
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, style.reveal)
    sketch.add(solid, style.wall, weathered(solid, wall, top))
    sketch.add(sides, "plaster", wall * 0.9)
    count = len(glass)
    add_windows(sketch, glass, style.glass, np.full(3, 235.0), tones=(0.8, 1.05))
    lower = glass[:, :2].mean(axis=1)
    trim = np.asarray(style.trim, float) * rng.uniform(0.92, 1.02)
    front = lower * (0, 1, 1)
    sketch.boxes(
        front - (0, 0, 0.09 - style.lift), (0.24, wide + 0.22, 0.09), "plaster", trim, NO_BACK
    )
    if style.courses:
        heads, size = front + (0, 0, tall + style.lift), (0.1, wide + 0.24, 0.16)
        sketch.boxes(heads, size, "plaster", trim, ("+x", "+y", "-y", "-z"))
    if rng.random() < style.shutters_chance:
        colour = _SHUTTERS[rng.integers(4)]
        leaf = wide * 0.46
        places = np.concatenate(
            [lower + (0.04, side * (wide + leaf + 0.06) / 2, 0) for side in (-1, 1)]
        )
        places[:, 0] = 0.03
        sketch.boxes(places, (0.05, leaf, tall), "shutter", colour * 1.3, ("+x", "+y", "-y"))
    chosen = lower[rng.random(count) < style.balcony_chance]
    if len(chosen):
        _balconies(sketch, chosen, wide + 0.9, trim)


def _balconies(sketch: Sketch, places: np.ndarray, width: float, trim: np.ndarray) -> None:
    depth = 0.95
    floors = places + (0, 0, -0.35)
    floors[:, 0] = depth / 2
    sketch.boxes(floors, (depth, width, 0.12), "concrete", trim * 0.9, NO_BACK)
    iron = (46, 48, 50)
    rail = floors + (depth / 2 - 0.03, 0, 1.02)
    sketch.boxes(rail, (0.05, width, 0.05), "metal", iron, ("+x", "-x", "+z", "-z"))
    y = np.linspace(-width / 2 + 0.05, width / 2 - 0.05, 12)
    bars = (rail[:, None] + np.stack([0 * y, y, 0 * y - 0.9], axis=1)).reshape(-1, 3)
    around = ("+x", "-x", "+y", "-y")
    sketch.boxes(bars, (0.022, 0.022, 0.92), "metal", iron, around, level=Level.NEAR)
    for side in (-1, 1):
        flank = floors + (0, side * (width / 2 - 0.02), 1.02)
        sketch.boxes(flank, (depth, 0.05, 0.05), "metal", iron, ("+y", "-y", "+z"))


def draw_wall(rng: np.random.Generator, style: Style) -> np.ndarray:
    """The tint of one house's walls."""
    wall = np.asarray(style.walls[int(rng.integers(len(style.walls)))], float)
    return np.clip(wall * rng.uniform(0.92, 1.05), 0, 250)


def add_openings(sketch: Sketch, style: Style, width: float, top: float, wall: np.ndarray) -> None:
    """A front's walls, windows and ground floor, in the plane x = 0 facing +x."""
    _upper_storeys(sketch, style, width, top, wall)
    GROUND_FLOORS[style.base](sketch, style, width, wall)


def add_mouldings(sketch: Sketch, style: Style, width: float, top: float) -> None:
    """A front's cornice, its string courses and a rain pipe."""
    middle, storeys = width / 2, round((top - GROUND_STOREY) / style.storey)
    trim = np.asarray(style.trim, float) * sketch.rng.uniform(0.9, 1.0)
    cornice = [(0.12, middle, top - 0.1), (0.2, middle, top + 0.14)]
    sizes = [(0.34, width, 0.24), (0.55, width, 0.14)]
    sketch.boxes(cornice, sizes, "plaster", trim, NO_BACK)
    sketch.boxes((0.05, middle, GROUND_STOREY - 0.14), (0.2, width, 0.2), "plaster", trim, NO_BACK)
    if style.courses and storeys > 1:
        courses = [(0.03, middle, GROUND_STOREY + k * style.storey) for k in range(1, storeys)]
        sketch.boxes(courses, (0.1, width, 0.13), "plaster", trim, NO_BACK)
    sketch.boxes((0.08, 0.15, 0.0), (0.1, 0.1, top), "metal", trim * 0.55, ("+x", "+y", "-y"))


def house(rng: np.random.Generator, style: Style, width: float, depth: float) -> Sketch:
    """One house: front in the plane x = 0 facing +x, from y = 0 to ``width``, body behind it."""
    sketch = Sketch(rng)
    storeys = int(rng.integers(style.storeys[0], style.storeys[1] + 1))
    top = GROUND_STOREY + storeys * style.storey
    wall = draw_wall(rng, style)
    add_openings(sketch, style, width, top, wall)
    flanks = ("+y", "-y", "-x", "+z")
    body = (depth, width, top)
    sketch.boxes((-depth / 2, width / 2, 0), body, style.wall, wall * 0.9, flanks)
    add_mouldings(sketch, style, width, top)
    return sketch


def expect_styles(styles: Sequence[str]) -> None:
    """`BadScene` for a manner of building that there is not."""
    if unknown := sorted(set(styles) - set(STYLES)):
        raise BadScene(f"unknown style {', '.join(unknown)}; known are {', '.join(STYLES)}")


def front_overhead(length: float) -> Box:
    """What may hang before a front of this length: awnings, canopies."""
    return (0.0, 0.0, 2.3, 1.4, length, 3.5)


@piece(
    "terrace",
    boxes=lambda length, depth, **_: [(-depth, 0.0, 0.0, 0.35, length, 20.0)],
    overhead=lambda length, **_: [front_overhead(length)],
)
def build_terrace(
    sketch: Sketch, length: float = 30.0, depth: float = 6.0,
    styles: Sequence[str] = ("townhouse", "brick"), width: tuple[float, float] = (8.0, 13.0),
    lift: float = 0.0,
) -> None:  # fmt: skip
    """Houses of random width along +y that fill exactly ``length``; fronts face +x. ``lift``:
    see `Style`."""
    expect_styles(styles)
    rng = sketch.rng
    count = max(round(length / (sum(width) / 2)), 1)
    shares = rng.uniform(*width, count)
    shares *= length / shares.sum()
    y, last = 0.0, ""
    for share in shares:
        choice = [s for s in styles if s != last] or list(styles)
        last = choice[int(rng.integers(len(choice)))]
        style = replace(STYLES[last], lift=lift)
        sketch.include(house(rng, style, float(share), depth), at=(0, y, 0))
        y += float(share)
