"""Ground floors of houses: shops with signs and awnings, doors, offices, arcades."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP, SWITCH_WINDOW
from synth_workers.scenes.kit.building_styles import GROUND_STOREY, Style
from synth_workers.scenes.kit.walls import bays, pierced_wall, weathered, window_switches
from synth_workers.scenes.materials import atlas_uv
from synth_workers.scenes.mesh import boxes, quads, upright
from synth_workers.scenes.parts import Sketch
from synth_workers.scenes.textures import prints

SHOP_LAYERS = ("shop_fronts_a", "shop_fronts_b", "shop_fronts_c")
AWNING_COLOURS = (
    (128, 58, 52), (62, 84, 74), (176, 164, 138), (72, 82, 104), (150, 122, 84), (92, 92, 94),
)  # fmt: skip


def _shop_floor(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """Shop fronts between piers, fascia boards with names, awnings, some shutters down."""
    y_edges = bays(width, 4.2, 3.5)
    z_edges = np.array([0.0, 0.12, 2.95, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 3), bool)
    hole[1::2, 1] = True
    base = np.clip(wall * rng.uniform(0.72, 0.95), 0, 255)
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, 0.3)
    material = style.base_wall or style.wall
    sketch.add(solid, material, weathered(solid, base, GROUND_STOREY + 4))
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
    half = sign_width / 2
    corners = upright(0.145, centre[:, 1] - half, centre[:, 1] + half, 3.05, 3.65)
    lit = np.repeat(np.where(rng.random(count) < 0.6, GLOW_UNIT // 3, 0), 4)
    sketch.add(quads(corners, atlas), "shop_signs", (245, 245, 245), glow=lit, switch=SWITCH_LAMP)
    cloth = np.asarray(AWNING_COLOURS[int(rng.integers(len(AWNING_COLOURS)))], float)
    for k in np.flatnonzero(rng.random(count) < style.awning_chance):
        _awning(sketch, float(centre[k, 1]), float(span) + 0.1, np.clip(cloth * 1.1, 0, 255))


def _arcade_floor(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """An open passage behind square piers, shop fronts at its back."""
    y_edges = bays(width, 3.4, 2.5)
    z_edges = np.array([0.0, 3.05, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 2), bool)
    hole[1::2, 0] = True
    solid, sides, back = pierced_wall(y_edges, z_edges, hole, 2.4)
    sketch.add(solid, style.wall, weathered(solid, wall * 0.96, 9.0))
    sketch.add(sides, style.wall, weathered(sides, wall * 0.8, 9.0))
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


def _plain_floor(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """A ground floor of house doors and windows."""
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


def _office_floor(
    rng: np.random.Generator, sketch: Sketch, style: Style, width: float, wall: np.ndarray
) -> None:
    """Tall glazing between slim dark piers."""
    y_edges = bays(width, 2.2, 1.9)
    z_edges = np.array([0.0, 0.35, 3.1, GROUND_STOREY])
    hole = np.zeros((len(y_edges) - 1, 3), bool)
    hole[1::2, 1] = True
    solid, sides, glass = pierced_wall(y_edges, z_edges, hole, 0.35)
    base = np.clip(np.asarray(style.trim, float) * 1.25, 0, 255)
    sketch.add(solid, "concrete", weathered(solid, base, 9.0))
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


GROUND_FLOORS: dict[str, Callable[..., None]] = {
    "shops": _shop_floor,
    "doors": _plain_floor,
    "office": _office_floor,
    "arcade": _arcade_floor,
}
"""What `Style.base` may name: (rng, sketch, style, width, wall tint) -> parts in the sketch."""
