"""What indoor families share: halls of several rectangles with walls, floors, ceilings and lamps.

Halls may overlap or touch; where they do there is no wall. Everything is drawn from the site's
``rng``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synth_workers.scenes.families.furnishing import (
    LEAVES,
    STONES,
    bench,
    facing,
    inner_sides,
    litter_bin,
    planter,
    row,
)
from synth_workers.scenes.families.site import Rect, Site, without
from synth_workers.scenes.kit.shop_units import SHOP_KINDS
from synth_workers.scenes.scene_file import Point2

FLOORS = {
    "shop_tiles": (232, 229, 222), "terrazzo": (206, 196, 188), "vinyl": (226, 214, 200),
    "large_slabs": (222, 218, 212), "concrete": (206, 204, 200), "slabs": (214, 210, 204),
    "checker_tiles": (222, 220, 216), "marble": (222, 220, 216), "parquet": (222, 216, 208),
    "pattern_tiles": (220, 216, 210), "rubber": (222, 222, 222), "carpet": (222, 222, 222),
    "banded_slabs": (214, 210, 206),
}  # fmt: skip
"""Floor materials and their usual tints."""

WALLS = (
    "plaster", "plaster", "plaster", "plaster", "brick", "ashlar", "concrete", "glazed_tiles",
    "boards", "facade_panels", "wallpaper", "bond_brick",
)  # fmt: skip
"""What walls indoors are made of; often of plaster."""

PAINTS = (
    (222, 216, 202), (206, 214, 214), (206, 210, 216), (218, 210, 196), (226, 224, 220),
    (200, 206, 194), (214, 200, 186), (196, 200, 206), (224, 212, 190), (188, 196, 190),
)  # fmt: skip
ACCENTS = (
    (62, 98, 80), (150, 62, 48), (54, 84, 124), (186, 136, 60), (96, 70, 104), (60, 110, 118),
    (120, 124, 128), (158, 96, 60), (70, 74, 80), (168, 72, 88), (104, 120, 66),
)  # fmt: skip
STEELS = ((96, 100, 104), (206, 206, 202), (70, 88, 80), (60, 62, 64), (170, 150, 110))

_EPS = 1e-6
_OFF_WALL = 0.42
"""Metres before a wall at which cameras hang."""


@dataclass(frozen=True)
class Wall:
    """A straight wall that looks in ``heading``; ``corner``: its left end seen from behind."""

    corner: Point2
    heading: float
    length: float

    def at(self, along: float, off: float = 0.0) -> Point2:
        """The place ``along`` metres from the corner and ``off`` metres before the wall."""
        (fx, fy), (sx, sy) = facing(self.heading), facing(self.heading + 90)
        x, y = self.corner
        return (x + fx * off + sx * along, y + fy * off + sy * along)

    def part(self, start: float, length: float) -> Wall:
        """A piece of it."""
        return Wall(self.at(start), self.heading, length)


def split(halls: Sequence[Rect]) -> list[Rect]:
    """Halls as rectangles that do not overlap."""
    return [piece for k, hall in enumerate(halls) for piece in without(hall, halls[:k])]


def outline(halls: Sequence[Rect]) -> list[Wall]:
    """The walls around halls, looking inwards."""
    walls: list[Wall] = []
    for hall in halls:
        for corner, heading, length in inner_sides(hall):
            whole = Wall(corner, heading, length)
            gaps = [_covered(whole, other) for other in halls]
            at = 0.0
            for start, end in [*sorted(gap for gap in gaps if gap), (length, length)]:
                if start - at > 0.05:
                    walls.append(whole.part(at, start - at))
                at = max(at, end)
    return walls


def _covered(wall: Wall, hall: Rect) -> tuple[float, float] | None:
    """From where to where along a wall there is a hall behind it."""
    x0, y0, x1, y1 = hall
    (ax, ay), (bx, by) = wall.at(0, -0.02), wall.at(wall.length, -0.02)
    low, high = (min(ax, bx), min(ay, by)), (max(ax, bx), max(ay, by))
    if high[0] <= x0 or low[0] >= x1 or high[1] <= y0 or low[1] >= y1:
        return None
    sx, sy = facing(wall.heading + 90)
    cx, cy = wall.corner
    ends = [(x - cx) * sx + (y - cy) * sy for x, y in ((x0, y0), (x1, y1))]
    start, end = max(min(ends), 0.0), min(max(ends), wall.length)
    return (start, end) if end - start > _EPS else None


def flooring(site: Site, materials: Sequence[str] | None = None) -> dict[str, Any]:
    """A floor material with its tint, its age and its dirt; nothing soft unless asked for."""
    material = site.pick(tuple(materials or (name for name in FLOORS if name != "carpet")))
    age = site.between(0.82, 1.04)
    return {
        "material": material,
        "tint": site.tint([min(value * age, 255) for value in FLOORS[material]], 0.05),
        "dirt": site.between(0.015, 0.05),
        "step": 1.2,
    }


def lay(site: Site, halls: Sequence[Rect], floors: Sequence[dict[str, Any]], **more: Any) -> None:
    """A floor for every hall, none twice where they overlap."""
    for k, hall in enumerate(halls):
        for part in without(hall, halls[:k]):
            site.ground(part, **(floors[k % len(floors)] | more))


def paint(site: Site) -> dict[str, Any]:
    """Walls: material, colour, perhaps a coloured band, skirting."""
    accent = site.tint(site.pick(ACCENTS), 0.1)
    low = site.pick((0.9, 1.0, 1.3, 2.6, 2.7))
    looks: dict[str, Any] = {
        "material": site.pick(WALLS),
        "tint": site.tint(site.pick(PAINTS), 0.07),
        "skirting": site.tint(site.pick(((110, 108, 104), (70, 70, 72), (150, 144, 134)))),
    }
    if site.chance(0.6):
        looks |= {"band": accent, "band_from": low, "band_to": low + site.pick((0.12, 0.3, 0.5))}
    return looks


def without_band(looks: dict[str, Any]) -> dict[str, Any]:
    """What `paint` drew, less the coloured band: for walls high above the floor."""
    return {name: value for name, value in looks.items() if not name.startswith("band")}


def build_wall(site: Site, wall: Wall, height: float, looks: dict[str, Any]) -> None:
    """A plain wall, cameras along its upper part."""
    site.put("inner_wall", wall.corner, wall.heading, length=wall.length, height=height, **looks)
    wall_mounts(site, wall, height)


def wall_mounts(site: Site, wall: Wall, height: float, low: float = 2.4, step: float = 3.5) -> None:
    """Cameras may hang along a wall from ``low`` to its top, 0.3 m below a ceiling."""
    high = min(height - 0.3, 8.0)
    if high < low:
        return
    for along in np.arange(min(0.6, wall.length / 2), wall.length, step):
        site.mount(*wall.at(float(along), _OFF_WALL), low, high, wall.heading)


def shop_row(
    site: Site, wall: Wall, height: float, z: float = 0.0, *, depth: float = 3.5,
    closed: float = 0.07,
) -> None:  # fmt: skip
    """Shops of one width side by side along a wall, their floor in ``z``."""
    count = max(round(wall.length / site.between(5.0, 9.0)), 1)
    width = wall.length / count
    for k in range(count):
        kind = "closed" if site.chance(closed) else site.pick(SHOP_KINDS[:-1])
        site.put(
            "shop_unit", (*wall.at(k * width), z), wall.heading, length=width, height=height,
            depth=depth, kind=kind, sign=site.count(0, 15), pane=site.between(0.1, 0.65),
            tint=site.tint(site.pick(PAINTS)), fascia=site.tint(site.pick((*ACCENTS, *PAINTS))),
            room=site.tint(site.pick(PAINTS)), ground=site.pick(("vinyl", "shop_tiles")),
        )  # fmt: skip


def ceiling_mounts(site: Site, hall: Rect, z: float, pitch: float = 5.0) -> None:
    """Cameras may hang from a ceiling, looking anywhere."""
    x0, y0, x1, y1 = hall
    for x, y in itertools.product(_steps(x0, x1, pitch), _steps(y0, y1, pitch)):
        site.mount(x, y, max(z - 0.9, 2.35), z - 0.25)


def _steps(low: float, high: float, pitch: float) -> list[float]:
    count = max(int((high - low) / pitch), 1)
    return [low + (k + 0.5) * (high - low) / count for k in range(count)]


def ceiling_looks(site: Site) -> dict[str, Any]:
    """Material, colour and brightness of a ceiling."""
    kinds = ("ceiling_panels", "ceiling_panels", "plaster", "concrete", "slats")
    return {
        "tint": site.tint((238, 236, 230), 0.05),
        "bounce": site.between(0.28, 0.42),
        "material": site.pick(kinds),
    }


def lid(site: Site, halls: Sequence[Rect], z: float, **looks: Any) -> None:
    """A ceiling over halls."""
    for part in split(halls):
        site.put("ceiling", (0, 0), rect=part, z=z, **looks)


def lamps(site: Site, halls: Sequence[Rect], z: float, *, kind: str | None = None) -> None:
    """Ceiling lamps of one kind over all halls."""
    chosen = kind or site.pick(("strips", "strips", "panels", "globe", "cone", "ring"))
    pitch = (site.between(3.0, 4.4), site.between(3.0, 4.4))
    along, drop, radius = site.pick("xy"), site.between(0.4, 1.2), site.between(0.18, 0.3)
    for part in split(halls):
        if chosen == "strips":
            site.put("strip_lamps", (0, 0), rect=part, z=z, pitch=pitch, along=along,
                     length=site.pick((1.2, 1.8, 2.4)), width=0.24)  # fmt: skip
        elif chosen == "panels":
            site.put("strip_lamps", (0, 0), rect=part, z=z, pitch=pitch, length=0.6, width=0.6)
        else:
            # Hung lamps of low rooms stay above heads.
            site.put("pendants", (0, 0), rect=part, z=z, pitch=pitch, shape=chosen,
                     drop=min(drop, max(z - 2.9, 0.1)), radius=radius)  # fmt: skip


def night_lamps(site: Site, halls: Sequence[Rect], z: float, *, pitch: float = 8.5) -> None:
    """Light that stays when a hall is dimmed; ``z``: of its ceiling."""
    height = min(z - 0.3, 4.4)
    for x0, y0, x1, y1 in split(halls):
        if min(x1 - x0, y1 - y0) < 1.5:
            continue
        for x, y in itertools.product(_steps(x0, x1, pitch), _steps(y0, y1, pitch)):
            # Low lamps are near what they light.
            power = site.between(10, 16) * (height / 4.4) ** 2
            reach = site.between(11, 14)
            site.put("glow", (x, y), power=power, reach=reach, height=height)


def hall_oddment(site: Site, at: Point2, heading: float) -> bool:
    """One of the small things that stand about in halls."""
    kind = site.pick(("bin", "planter", "bench", "poster", "plant", "plant", "seats"))
    if kind == "bin":
        return litter_bin(site, at, heading)
    if kind == "planter":
        return planter(site, at, heading)
    if kind == "bench":
        return bench(site, at, heading)
    if kind == "poster":
        return site.put("poster_board", at, heading, fixed=False, poster=site.count(0, 7))
    if kind == "plant":
        return pot_plant(site, at)
    return site.put("seat_row", at, heading, fixed=False, count=site.count(2, 4),
                    tint=site.tint(site.pick(ACCENTS)))  # fmt: skip


def pot_plant(site: Site, at: Point2) -> bool:
    """A plant in a pot."""
    return site.put(
        "pot_plant", at, fixed=False, height=site.between(1.1, 1.9),
        pot=site.tint(site.pick((*STONES, *ACCENTS))), colour=site.tint(site.pick(LEAVES)),
    )  # fmt: skip


def along_walls(
    site: Site, walls: Sequence[Wall], step: float, put: Callable[[Point2, float], object],
    off: float = 0.4,
) -> None:  # fmt: skip
    """Calls ``put(place, heading)`` every ``step`` metres along walls, ``off`` metres before."""
    for wall in walls:
        for place in row(wall.at(0, off), wall.at(wall.length, off), step):
            put(place, wall.heading)
