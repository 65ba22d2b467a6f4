"""Ground floors of houses: shops with signs and awnings, doors, offices, arcades."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.building_styles import GROUND_STOREY, Style
from synth_workers.scenes.kit.walls import add_windows, bays, pierced_wall, weathered
from synth_workers.scenes.materials import MATERIALS
from synth_workers.scenes.mesh import NO_BACK, upright
from synth_workers.scenes.parts import Sketch

SHOP_LAYERS = ("shop_fronts_a", "shop_fronts_b", "shop_fronts_c")
AWNING_COLOURS = (
    (128, 58, 52), (62, 84, 74), (176, 164, 138), (72, 82, 104), (150, 122, 84), (92, 92, 94),
)  # fmt: skip


def _open_floor(
    width: float, bay: tuple[float, float], heights: tuple[float, ...], row: int, reveal: float
) -> tuple:
    """`pierced_wall` of a ground floor with an opening in every ``bay`` (spacing, width), in
    one ``row`` of those between the ``heights``."""
    y_edges, z_edges = bays(width, *bay), np.array([*heights, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, len(z_edges) - 1), bool)
    hole[1::2, row] = True
    return pierced_wall(y_edges, z_edges, hole, reveal)


def _shop_floor(sketch: Sketch, style: Style, width: float, wall: np.ndarray) -> None:
    """Shop fronts between piers, fascia boards with names, awnings, some shutters down."""
    rng = sketch.rng
    base = np.clip(wall * rng.uniform(0.72, 0.95), 0, 255)
    solid, sides, glass = _open_floor(width, (4.2, 3.5), (0.0, 0.12, 2.95), 1, 0.3)
    sketch.add(solid, style.base_wall or style.wall, weathered(solid, base, GROUND_STOREY + 4))
    sketch.add(sides, "plaster", base * 0.85)
    count = len(glass)
    closed = rng.random(count) < 0.12
    order = rng.permutation(12)
    for k in range(count):
        if closed[k]:
            sketch.quads(glass[k], "shutter", np.array([190, 188, 182]) * rng.uniform(0.7, 1))
            continue
        which = int(order[k % 12])
        switch = int(rng.integers(SWITCH_WINDOW, 150))
        tint = np.full(3, 250.0) * rng.uniform(0.92, 1.0)
        cell = (which % 2, which // 2 % 2)
        lit = {"glow": GLOW_UNIT * 1.2, "switch": switch}
        sketch.quads(glass[k], SHOP_LAYERS[which // 4], tint, cell=cell, **lit)
    y = glass[:, :2, 1].mean(axis=1)
    span = glass[0, 1, 1] - glass[0, 0, 1]
    boards = np.column_stack([np.full(count, 0.06), y, np.full(count, 3.02)])
    board_tint = np.clip(wall * 0.62, 0, 255)
    sketch.boxes(boards, (0.14, span + 0.1, 0.66), "plaster", board_tint, NO_BACK)
    columns, rows = MATERIALS["shop_signs"].cells
    cell = (rng.integers(0, columns, count), rng.integers(0, rows, count))
    half = min(span * 0.8, 2.5) / 2
    signs = upright(0.145, y - half, y + half, 3.05, 3.65)
    lit = np.repeat(np.where(rng.random(count) < 0.6, GLOW_UNIT // 3, 0), 4)
    sketch.quads(signs, "shop_signs", (245, 245, 245), cell=cell, glow=lit, switch=SWITCH_LAMP)
    cloth = np.asarray(AWNING_COLOURS[int(rng.integers(len(AWNING_COLOURS)))], float)
    for k in np.flatnonzero(rng.random(count) < style.awning_chance):
        _awning(sketch, float(y[k]), float(span) + 0.1, np.clip(cloth * 1.1, 0, 255))


def _arcade_floor(sketch: Sketch, style: Style, width: float, wall: np.ndarray) -> None:
    """An open passage behind square piers, shop fronts at its back."""
    rng = sketch.rng
    heights = (0.0, style.lift, 3.05) if style.lift else (0.0, 3.05)
    solid, sides, back = _open_floor(width, (3.4, 2.5), heights, len(heights) - 2, 2.4)
    sketch.add(solid, style.wall, weathered(solid, wall * 0.96, 9.0))
    sketch.add(sides, style.wall, weathered(sides, wall * 0.8, 9.0))
    for corners in back:
        which = int(rng.integers(4))
        layer = SHOP_LAYERS[int(rng.integers(3))]
        tint = np.full(3, 240.0) * rng.uniform(0.85, 1.0)
        lit = {"glow": GLOW_UNIT * 1.2, "switch": int(rng.integers(SWITCH_WINDOW, 140))}
        sketch.quads(corners, layer, tint, cell=(which % 2, which // 2), **lit)
    heads = [(0.0, y, 2.86) for y in back[:, :2, 1].mean(axis=1)]
    sketch.boxes(heads, (0.12, 2.6, 0.24), "plaster", style.trim, ("+x", "-z"))


def _awning(sketch: Sketch, y: float, width: float, cloth: np.ndarray) -> None:
    a, b, out = y - width / 2, y + width / 2, 1.25
    top = [(0.13, a, 3.0), (out, a, 2.55), (out, b, 2.55), (0.13, b, 3.0)]
    uv = np.array([[(0, 0), (0, out), (width, out), (width, 0)]])[..., ::-1]
    sketch.quads(top, "awning", cloth, uv, two_sided=True)
    drop = np.array([[(0, 0), (width, 0), (width, 0.2), (0, 0.2)]])
    sketch.quads(upright(out, a, b, 2.34, 2.55), "awning", cloth * 0.9, drop, two_sided=True)


def _plain_floor(sketch: Sketch, style: Style, width: float, wall: np.ndarray) -> None:
    """A ground floor of house doors and windows."""
    rng = sketch.rng
    y_edges = bays(width, style.spacing, style.window[0])
    z_edges = np.array([0.0, 0.1, 1.1, 2.45, GROUND_STOREY])
    places = (len(y_edges) - 1) // 2
    is_door = np.arange(places) % 3 == int(rng.integers(3))
    hole = np.zeros((len(y_edges) - 1, 4), bool)
    hole[1::2, 2] = True
    hole[1::2, 1] = is_door
    base = np.clip(wall * 0.85, 0, 255)
    solid, sides, filled = pierced_wall(y_edges, z_edges, hole, style.reveal)
    sketch.add(solid, style.base_wall or style.wall, weathered(solid, base, 9.0))
    sketch.add(sides, "plaster", base * 0.85)
    centres = filled[:, :2, 1].mean(axis=1)
    middles = (y_edges[1:-1:2] + y_edges[2:-1:2]) / 2
    door = is_door[np.argmin(np.abs(centres[:, None] - middles[None]), axis=1)]
    doors = filled[door & (filled[:, 0, 2] < 0.5)]
    if len(doors):
        doors[:, 2:, 2] = 2.45
        which = rng.integers(0, 4, len(doors))
        sketch.quads(doors, "doors", (235, 235, 235), cell=(which, 0 * which))
    if not door.all():
        add_windows(sketch, filled[~door], "windows", (225, 225, 225))


def _office_floor(sketch: Sketch, style: Style, width: float, wall: np.ndarray) -> None:
    """Tall glazing between slim dark piers."""
    solid, sides, glass = _open_floor(width, (2.2, 1.9), (0.0, 0.35, 3.1), 1, 0.35)
    base = np.clip(np.asarray(style.trim, float) * 1.25, 0, 255)
    sketch.add(solid, "concrete", weathered(solid, base, 9.0))
    sketch.add(sides, "metal", base * 0.7)
    add_windows(sketch, glass, "panes", (230, 232, 236), last_switch=140)
    canopy = (1.4, min(width * 0.5, 5.0), 0.16)
    sketch.boxes((0.7, width / 2, 3.2), canopy, "metal", base * 0.8, NO_BACK)


GROUND_FLOORS: dict[str, Callable[[Sketch, Style, float, np.ndarray], None]] = {
    "shops": _shop_floor,
    "doors": _plain_floor,
    "office": _office_floor,
    "arcade": _arcade_floor,
}
"""What `Style.base` may name: draws the floor of a house of some width whose wall has a tint."""
