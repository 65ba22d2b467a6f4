"""Supermarkets: tills behind a glass front, runs of shelves, fruit at one side, freezers at the
back."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from synth_workers.scenes.families.furnishing import planter
from synth_workers.scenes.families.indoors import (
    ACCENTS,
    PAINTS,
    Wall,
    build_wall,
    ceiling_looks,
    ceiling_mounts,
    flooring,
    hall_oddment,
    lamps,
    lid,
    night_lamps,
    paint,
    without_band,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site
from synth_workers.scenes.scene_file import Point2
from synth_workers.scenes.textures.goods import FAMILY_NAMES

_TILLS = 5.6
_FRONT = 9.2
"""Metres from the front wall: middle of the tills, first lane behind them."""

_RUN = 1.1
"""Width of a run of shelves."""


class _Shop(NamedTuple):
    """``flip``: 1 or -1, at which side fresh food is; ``split``: x where it begins; ``runs``: x of
    the runs; ``back``: y of the lane before the rear wall; ``middle``: of the one between, if
    any."""

    half: float
    depth: float
    top: float
    flip: int
    split: float
    runs: list[float]
    aisle: float
    back: float
    middle: float | None


@family("supermarket", indoor=True)
def draw_supermarket(site: Site) -> None:
    """A supermarket with tills, runs of shelves, fruit, wine and freezers."""
    shop = _plan(site)
    tills = _lanes(site, shop)
    _shell(site, shop)
    _shelves(site, shop)
    _fresh(site, shop)
    _rear(site, shop)
    _front(site, shop, tills)
    _loose(site, shop)
    night_lamps(site, [(-shop.half, 0.0, shop.half, shop.depth)], shop.top, pitch=8.0)


def _plan(site: Site) -> _Shop:
    half, depth = site.between(12, 17), site.between(27, 37)
    aisle = site.between(1.9, 2.6)
    flip = site.pick((-1, 1))
    fresh = site.between(8.0, 10.5)
    # Runs fill what fresh food leaves, one aisle beside each.
    room = 2 * half - fresh - 0.55
    count = max(int(room / (_RUN + aisle)), 3)
    pitch = room / count
    runs = [-half + 0.55 + (k + 1) * pitch - _RUN / 2 for k in range(count)]
    back = depth - site.between(3.0, 4.4)
    middle = (_FRONT + back) / 2 + site.between(-1.5, 1.5) if site.chance(0.75) else None
    split = runs[-1] + _RUN / 2
    return _Shop(half, depth, site.between(3.5, 4.8), flip, split, runs, pitch - _RUN, back, middle)


def _lanes(site: Site, shop: _Shop) -> list[float]:
    """Aisles and what joins them; returns x of the tills."""
    flip, half = shop.flip, shop.half
    aisles = [x - _RUN / 2 - shop.aisle / 2 for x in shop.runs]
    fresh = [shop.split + 1.1, half - 2.2]
    width = min(shop.aisle - 0.35, 1.9)
    for y in (_FRONT, shop.back, *([shop.middle] if shop.middle else [])):
        start = aisles[0] if y != _FRONT else -half + 1.4
        site.lane((flip * start, y), (flip * fresh[-1], y), width=1.7)
    for x in aisles:
        site.lane((flip * x, _FRONT), (flip * x, shop.back), width=width)
    for x in fresh:
        site.lane((flip * x, _FRONT), (flip * x, shop.back), width=1.6)
    count = int((half - 4.5 + half - 1.5) / 3.1)
    tills = [-half + 2.2 + k * 3.1 for k in range(count) if -half + 2.2 + k * 3.1 < half - 5.5]
    passes = [x + 1.5 for x in tills]
    door = half - 2.6
    site.lane((flip * passes[0], 2.2), (flip * door, 2.2), width=2.0)
    for x in passes:
        site.lane((flip * x, 2.2), (flip * x, _FRONT), width=1.3)
    site.lane((flip * door, 2.2), (flip * door, _FRONT), width=1.8)
    return tills


def _shell(site: Site, shop: _Shop) -> None:
    half, depth, top, flip = shop.half, shop.depth, shop.top, shop.flip
    materials = ("shop_tiles", "shop_tiles", "terrazzo", "vinyl", "checker_tiles", "concrete")
    general, fresh, rear = (flooring(site, materials) for _ in range(3))
    cut = flip * shop.split
    sides = [(-half, cut), (cut, half)] if flip > 0 else [(cut, half), (-half, cut)]
    if site.chance(0.6):
        site.ground((-half, 0, half, _FRONT - 1.0), **general)
        site.ground((sides[0][0], _FRONT - 1.0, sides[0][1], shop.back - 1.0), **general)
        site.ground((sides[1][0], _FRONT - 1.0, sides[1][1], shop.back - 1.0), **fresh)
        site.ground((-half, shop.back - 1.0, half, depth), **rear)
    else:
        site.ground((-half, 0, half, depth), **general)
    hall: Rect = (-half, 0.0, half, depth)
    lid(site, [hall], top, **ceiling_looks(site))
    lamps(site, [hall], top, kind=site.pick(("strips", "strips", "strips", "panels", "cone")))
    ceiling_mounts(site, hall, top, pitch=4.5)
    if site.chance(0.5):
        for x in site.some((-half * 0.6, 0.0, half * 0.6), site.count(1, 2)):
            site.put("ducts", (x, 0.5), length=depth - 1.0, z=top - 0.36)
    band = site.tint(site.pick(ACCENTS), 0.1)
    for wall in (Wall((-half, 0), 0, depth), Wall((half, depth), 180, depth),
                 Wall((-half, depth), -90, 2 * half)):  # fmt: skip
        looks = paint(site) | {"material": "plaster", "band": band, "band_from": top - 1.3}
        build_wall(site, wall, top, looks | {"band_to": top - 0.8})
    glazed = site.between(0.5, 0.9) * 2 * half
    start = half if flip > 0 else -half + glazed
    front = min(top, 3.2)
    site.put("glass_front", (start, 0), 90, length=glazed, height=front)
    looks = paint(site) | {"material": "plaster"}
    if top > front:
        site.put("inner_wall", (start, 0, front), 90, length=glazed, height=top - front,
                 **without_band(looks))  # fmt: skip
    rest = half - glazed if flip > 0 else half
    build_wall(site, Wall((rest, 0), 90, 2 * half - glazed), top, looks)
    for along in np.arange(2.0, glazed, 4.0):
        site.mount(start - along, 0.5, 2.5, top - 0.3, 90.0)


def _families(site: Site, count: int) -> list[str]:
    return site.some(FAMILY_NAMES, count)


def _frame(site: Site) -> dict[str, Any]:
    frames = ((214, 214, 210), (214, 214, 210), (150, 118, 84), (96, 98, 102), (226, 220, 206))
    return {"frame": site.tint(site.pick(frames)), "ends": site.tint(site.pick(ACCENTS), 0.1)}


def _run(site: Site, at: Point2, length: float, height: float, look: dict[str, Any]) -> None:
    site.put("shelf_run", at, fixed=False, length=length, height=height,
             families=_families(site, 2), back_families=_families(site, 2), **look)  # fmt: skip


def _sign(site: Site, shop: _Shop, at: Point2, sign: int, width: float) -> None:
    """A board under the ceiling with the name of a department."""
    z = max(shop.top - site.between(1.1, 1.4), 2.5)
    site.put("hanging_sign", at, -90, sign=sign, ceiling=shop.top, z=z, width=width)


def _shelves(site: Site, shop: _Shop) -> None:
    """Runs of shelves between the lanes, one more along the side wall, signs over the aisles."""
    stops = [_FRONT, *([shop.middle] if shop.middle else []), shop.back]
    own = site.chance(0.6)
    same, height = _frame(site), site.pick((1.5, 1.75, 1.75, 2.2))
    for x in shop.runs:
        look = same if own else _frame(site)
        for start, end in itertools.pairwise(stops):
            y0, length = start + 1.05, end - start - 2.1
            _run(site, (shop.flip * x, y0), length, height, look)
            if site.chance(0.3):
                site.put("pallet", (shop.flip * x, y0 - 0.55), 0, fixed=False,
                         layers=site.count(2, 4), family=site.pick(FAMILY_NAMES))  # fmt: skip
        aisle = shop.flip * (x - _RUN / 2 - shop.aisle / 2)
        for y in (_FRONT + 2.6, shop.back - 2.6):
            if site.chance(0.6):
                _sign(site, shop, (aisle, y), site.count(0, 7), min(shop.aisle, 1.9))
    _side(site, shop, -shop.flip, shop.back - _FRONT - 1.0)


def _side(site: Site, shop: _Shop, side: int, length: float) -> None:
    """Shelves along a side wall."""
    at = (side * (shop.half - 0.04), _FRONT if side < 0 else _FRONT + length)
    site.put("shelf_run", at, 0 if side < 0 else 180, fixed=False, sides=1, length=length,
             height=2.2, families=_families(site, 3), **_frame(site))  # fmt: skip


def _fresh(site: Site, shop: _Shop) -> None:
    """Fruit tables, racks and chests between the two lanes of the fresh side."""
    flip = shop.flip
    x0, x1 = shop.split + 2.0, shop.half - 3.1
    middle, y, stops = (x0 + x1) / 2, _FRONT + 1.1, [_FRONT, shop.middle, shop.back]
    wood = site.tint(site.pick(((206, 176, 134), (150, 116, 80), (120, 92, 70))))
    while y < shop.back - 2.0:
        what = site.pick(("fruit", "fruit", "fruit", "bottles", "pallets", "chest", "low"))
        deep = site.between(2.4, 3.2)
        for x in (middle - 1.15, middle + 1.15) if x1 - x0 > 3.8 else (middle,):
            at = (flip * x, y + deep / 2)
            if what == "fruit":
                site.put("fruit_table", at, fixed=False, length=deep, tint=wood)
            elif what == "bottles":
                for dy in (-0.8, 0.8):
                    site.put("bottles", (at[0], at[1] + dy), fixed=False)
            elif what == "pallets":
                for dy in (-0.6, 0.6):
                    site.put("pallet", (at[0], at[1] + dy), fixed=False, layers=site.count(1, 3),
                             family=site.pick(FAMILY_NAMES), boxed=site.chance(0.3))  # fmt: skip
            elif what == "chest":
                site.put("freezer_chest", at, fixed=False, length=deep,
                         families=_families(site, 2))  # fmt: skip
            else:
                _run(site, (at[0], y), deep, 1.5, _frame(site))
        y += deep + site.between(0.5, 1.0)
    for stop in stops:
        if stop and site.chance(0.8):
            _sign(site, shop, (flip * middle, stop + 1.6), site.pick((8, 10, 14)), 2.3)
    length = shop.back - _FRONT - 1.0
    if site.chance(0.5):
        at = (flip * (shop.half - 0.03), _FRONT if flip < 0 else _FRONT + length)
        site.put("freezer_wall", at, 0 if flip < 0 else 180, fixed=False, length=length, lift=0.01)
    else:
        _side(site, shop, flip, length)


def _rear(site: Site, shop: _Shop) -> None:
    """Freezers along the rear wall, shelves in its corners."""
    cold = site.between(0.5, 0.85) * 2 * shop.half
    start = -shop.half + 0.3 if site.chance(0.5) else shop.half - cold - 0.3
    site.put("freezer_wall", (start, shop.depth - 0.03), -90, fixed=False, length=cold, lift=0.01)
    for x0, x1 in ((-shop.half + 0.3, start - 0.2), (start + cold + 0.2, shop.half - 0.3)):
        if x1 - x0 > 1.5:
            site.put("shelf_run", (x0, shop.depth - 0.06), -90, fixed=False, sides=1, height=2.2,
                     length=x1 - x0, families=_families(site, 2), **_frame(site))  # fmt: skip
    y = (shop.back + 0.85 + shop.depth - 0.8) / 2
    for x in np.arange(-shop.half + 3.0, shop.half - 2.0, 4.6):
        if site.chance(0.5):
            site.put("freezer_chest", (float(x), y), 90, fixed=False, length=3.4,
                     families=_families(site, 2))  # fmt: skip
    _sign(site, shop, (0, shop.back), 9, 2.4)


def _front(site: Site, shop: _Shop, tills: list[float]) -> None:
    """Tills, trolleys and what stands at the entrance."""
    flip, tint = shop.flip, site.tint(site.pick(((186, 178, 164), (150, 154, 158), *PAINTS)))
    for k, x in enumerate(tills):
        at, heading = (flip * x, _TILLS), 0 if flip > 0 else 180
        site.put("checkout", at, heading, fixed=False, number=k + 1, staffed=site.chance(0.6),
                 tint=tint)  # fmt: skip
    for x in (shop.half - 0.9, shop.half - 4.6):
        site.put("trolleys", (flip * x, 3.6), fixed=False, count=site.count(4, 8))
    _sign(site, shop, (flip * tills[len(tills) // 2], _FRONT - 1.6), 11, 2.6)
    for _ in range(3):
        at = (site.between(-shop.half + 1, shop.half - 1), site.between(0.5, 0.9))
        planter(site, at, 90)


def _loose(site: Site, shop: _Shop) -> None:
    """Pillars, pallets, posters and baskets wherever there is room."""
    guard = site.tint(site.pick(((196, 164, 66), (70, 74, 78), *ACCENTS)))
    for x, y in itertools.product((-0.5, 0.0, 0.5), (_FRONT - 1.3, shop.back + 1.4)):
        if site.put("pillar", (x * shop.half, y), fixed=False, height=shop.top, guard=guard):
            site.mount(x * shop.half, y - 0.55, 2.5, shop.top - 0.3, -90.0)
            site.mount(x * shop.half, y + 0.55, 2.5, shop.top - 0.3, 90.0)
    for _ in range(14):
        at = (site.between(-shop.half + 1, shop.half - 1), site.between(1, shop.depth - 1))
        if site.chance(0.6):
            site.put("pallet", at, site.pick((0, 90)), fixed=False, layers=site.count(1, 4),
                     family=site.pick(FAMILY_NAMES), boxed=site.chance(0.4))  # fmt: skip
        else:
            hall_oddment(site, at, site.pick((0, 90)))
