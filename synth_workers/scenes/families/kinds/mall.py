"""Malls and arcades: shops on both sides of a hall, perhaps in two storeys, perhaps with arms."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from synth_workers.scenes.families.furnishing import (
    CAR_PAINTS,
    bench,
    cafe,
    litter_bin,
    planter,
    tree,
)
from synth_workers.scenes.families.indoors import (
    ACCENTS,
    STEELS,
    Wall,
    build_wall,
    ceiling_looks,
    ceiling_mounts,
    flooring,
    hall_oddment,
    lamps,
    lay,
    lid,
    night_lamps,
    outline,
    paint,
    shop_row,
    split,
    wall_mounts,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site
from synth_workers.scenes.kit.building_styles import LIFT
from synth_workers.scenes.kit.storeys import ESCALATOR, SLOPE

_ROOM = 3.7
"""How far shops reach behind their fronts, metres."""


class _Mall(NamedTuple):
    """``storey``: height of the ground floor; ``top``: of the hall; ``gallery``: depth of the
    upper floors, 0 without; ``off``: where the two lanes lie; ``lane``: their width."""

    main: Rect
    arms: list[Rect]
    storey: float
    top: float
    gallery: float
    off: float
    lane: float


@family("mall", indoor=True)
def draw_mall(site: Site) -> None:
    """A mall or an arcade: shops on both sides, one or two storeys, perhaps arms to the sides."""
    mall = _plan(site)
    halls = [mall.main, *mall.arms]
    crossings = _lanes(site, mall)
    lay(site, halls, [flooring(site) for _ in range(site.count(1, 2))])
    looks = paint(site)
    _shops(site, mall, looks)
    rails = {
        "solid": site.chance(0.3),
        "rail": site.tint(site.pick(STEELS)),
        "tint": site.tint((226, 222, 214)),
    }
    _above(site, mall, rails)
    _islands(site, mall, crossings, rails)
    for x0, y0, x1, y1 in mall.arms:
        for _ in range(5):
            hall_oddment(site, (site.between(x0, x1), site.between(y0, y1)), site.pick((0, 90)))
    night_lamps(site, halls, mall.storey)


def _plan(site: Site) -> _Mall:
    length, width = site.between(38, 56), site.between(8.6, 14.5)
    storey = site.between(4.2, 5.0)
    upper = width > 11.5 and site.chance(0.75)
    gallery = site.between(2.7, 3.3) if upper else 0.0
    lane = gallery - 1.0 if upper else site.between(2.0, 2.6)
    half_x, half_y = length / 2, width / 2
    arms: list[Rect] = []
    for side in site.some((-1, 1), site.count(0, 2)):
        wide, deep = site.between(5.5, 8.0), site.between(9, 15)
        x = site.between(-half_x + 8, half_x - 8)
        y0, y1 = sorted((side * half_y, side * (half_y + deep)))
        arms.append((x - wide / 2, y0, x + wide / 2, y1))
    top = storey + site.between(4.0, 4.6) if upper else storey
    main = (-half_x, -half_y, half_x, half_y)
    return _Mall(main, arms, storey, top, gallery, half_y - 0.62 - lane / 2, lane)


def _lanes(site: Site, mall: _Mall) -> list[float]:
    """Two lanes along the hall, some across; returns where these are."""
    x0, _, x1, _ = mall.main
    start, end = x0 + 1.8, x1 - 1.8
    for side in (-1, 1):
        site.lane((start, side * mall.off), (end, side * mall.off), width=mall.lane)
    count = round((end - start) / site.between(11, 15))
    crossings = [start + (end - start) * k / count for k in range(count + 1)]
    arms = [(arm[0] + arm[2]) / 2 for arm in mall.arms]
    crossings = [x for x in crossings if all(abs(x - arm) > 2.2 for arm in arms)]
    for x in crossings:
        site.lane((x, -mall.off), (x, mall.off), width=1.8)
    for a0, b0, a1, b1 in mall.arms:
        x, inwards = (a0 + a1) / 2, b0 if b0 > 0 else b1
        outwards = b1 - 1.6 if b0 > 0 else b0 + 1.6
        site.lane((x, -mall.off if inwards > 0 else mall.off), (x, outwards),
                  width=min(a1 - a0 - 2.4, 3.4))  # fmt: skip
    return sorted([*crossings, *arms])


def _shops(site: Site, mall: _Mall, looks: dict[str, Any]) -> None:
    _, _, x1, y1 = mall.main
    below = mall.storey - (0.45 if mall.gallery else 0.0)
    glazed = site.chance(0.6)
    for wall in outline([mall.main, *mall.arms]):
        across = wall.heading in (0.0, 180.0)
        end_of_arm = wall.heading in (-90.0, 90.0) and abs(wall.corner[1]) > y1 + 0.1
        is_end = (across and abs(wall.corner[0]) > x1 - 0.01) or end_of_arm
        if is_end and wall.length > 4:
            height = mall.top if across else below
            if glazed:
                front = min(height, 4.2)
                site.put("glass_front", wall.corner, wall.heading, length=wall.length, height=front)
                if height > front + 0.3:
                    above = (*wall.corner, front)
                    site.put("glass_front", above, wall.heading, length=wall.length,
                             height=height - front)  # fmt: skip
                wall_mounts(site, wall, height)
            else:
                build_wall(site, wall, height, looks)
                for along in (wall.length * 0.3, wall.length * 0.7):
                    site.put("wall_poster", wall.at(along), wall.heading, poster=site.count(0, 7))
        elif wall.length > 3.0:
            _shops_beside(site, wall, below, looks, _ROOM if across else 0.0)
        else:
            build_wall(site, wall, below, looks)
    if mall.gallery:
        for wall in outline([mall.main])[1::2]:
            shop_row(site, wall, mall.top - mall.storey, mall.storey, depth=2.4)


def _shops_beside(
    site: Site, wall: Wall, height: float, looks: dict[str, Any], bare: float
) -> None:
    """Shops along a wall. Those of an arm begin ``bare`` metres from the hall, behind its shops."""
    # The hall is south of walls that begin in it, else at their other end.
    near = abs(wall.corner[1]) < abs(wall.at(wall.length)[1])
    start, length = (bare if near else 0.0), wall.length - bare
    if bare:
        build_wall(site, wall.part(0.0 if near else length, bare), height, looks)
    if length > 3.0:
        shop_row(site, wall.part(start, length), height)
        wall_mounts(site, wall, height, low=3.0)
    else:
        build_wall(site, wall.part(start, length), height, looks)


def _above(site: Site, mall: _Mall, rails: dict[str, Any]) -> None:
    """Ceilings, lamps, the upper floor and perhaps a roof of glass."""
    x0, y0, x1, y1 = mall.main
    plain = ceiling_looks(site)
    low = mall.storey - (0.45 if mall.gallery else 0.0)
    if mall.arms:
        arms = split([mall.main, *mall.arms])[1:]
        lid(site, arms, low, **plain)
        lamps(site, arms, low)
        for arm in arms:
            ceiling_mounts(site, arm, low)
    open_ = y1 - mall.gallery - 0.2
    if site.chance(0.6):
        wide = min(site.between(3.0, 6.0), 2 * open_) / 2
        roof = (x0, -wide, x1, wide)
        site.put("glass_roof", (0, 0), 90, rect=(-wide, x0, wide, x1), z=mall.top,
                 rise=site.between(0.8, 2.0), bay=site.pick((1.6, 2.0, 2.6)),
                 tint=site.tint(site.pick(STEELS)))  # fmt: skip
        sides = [(x0, y0, x1, roof[1]), (x0, roof[3], x1, y1)]
    else:
        sides = [mall.main]
    lid(site, sides, mall.top, **plain)
    lamps(site, sides, mall.top)
    if not mall.gallery:
        ceiling_mounts(site, mall.main, mall.top)
        return
    for wall in outline([mall.main])[1::2]:
        site.put("gallery", (*wall.corner, mall.storey), wall.heading, length=wall.length,
                 depth=mall.gallery, **rails)  # fmt: skip
        for along in range(3, int(wall.length), 5):
            x, y = wall.at(along, mall.gallery + 0.5)
            site.mount(x, y, mall.storey - 0.3, min(mall.top - 0.5, 8.0), wall.heading)
        for along in range(4, int(wall.length), 8):
            pillar = wall.at(along, mall.gallery - 0.05)
            site.put("column", pillar, fixed=False, radius=0.2, height=mall.storey - 0.45)


def _bridge(site: Site, mall: _Mall, x: float, rails: dict[str, Any], opening: float = 0.0) -> None:
    """A way from one gallery to the other, beginning in ``x``, where an escalator may arrive."""
    deck = mall.main[3] - mall.gallery
    site.put("gallery", (x, -deck, mall.storey), length=2 * deck, depth=2.6, bridge=True,
             opening=opening, **rails)  # fmt: skip


def _islands(site: Site, mall: _Mall, crossings: list[float], rails: dict[str, Any]) -> None:
    """What stands in the middle of the hall between two crossings."""
    wide = 2 * (mall.off - mall.lane / 2) - 0.3
    climbed = not mall.gallery
    for start, end in itertools.pairwise(crossings):
        x0, x1, middle = start + 1.3, end - 1.3, (start + end) / 2
        if x1 - x0 < 2.0:
            continue
        run = mall.storey / SLOPE
        if not climbed and wide > 3.0 and x1 - x0 > run + 1.4:
            tint = site.tint(site.pick(((150, 152, 154), (96, 98, 102), (176, 168, 150))))
            climbed = site.put("escalator", (middle - run / 2 + 0.5, 0), fixed=False,
                               rise=mall.storey, tint=tint)  # fmt: skip
            if climbed:
                _bridge(site, mall, middle + run / 2 + 0.5, rails, ESCALATOR)
                continue
        if mall.gallery and site.chance(0.2):
            _bridge(site, mall, middle - 1.3, rails)
        theme = site.pick(("seats", "seats", "kiosk", "cafe", "green", "posters", "car", "stalls"))
        places = [x0 + 0.8 + k * (x1 - x0 - 1.6) / 2 for k in range(3)]
        if theme == "kiosk" and wide > 2.9:
            tint = site.tint(site.pick(ACCENTS))
            site.put("kiosk", (middle, 0), site.pick((0, 180)), fixed=False, tint=tint)
        elif theme == "cafe":
            cloth = site.pick(ACCENTS)
            for x in places:
                for y in (-0.25, 0.25):
                    cafe(site, (x, y * wide if wide > 3.4 else 0), 0, cloth=cloth)
        elif theme == "green":
            for x in places:
                planter(site, (x, 0), 90)
            if mall.gallery:
                tree(site, (middle + 1.9, 0), height=(4.4, 5.6), grate=False)
        elif theme == "posters":
            for x in places:
                site.put("poster_board", (x, 0), 90, fixed=False, poster=site.count(0, 7))
        elif theme == "car" and wide > 2.2 and x1 - x0 > 5:
            paint_ = site.tint(site.pick(CAR_PAINTS), 0.1)
            kind = site.pick(("saloon", "hatchback"))
            site.put("car", (middle, 0), site.pick((0, 180)), fixed=False, kind=kind,
                     paint=paint_, lift=LIFT)  # fmt: skip
        elif theme == "stalls" and wide > 2.9:
            for x in (x0 + 1.6, x1 - 1.6):
                site.put("stall", (x, 0), site.pick((90, -90)), fixed=False, length=2.2,
                         cloth=site.tint(site.pick(ACCENTS)),
                         goods=site.pick(("cloth", "flowers")))  # fmt: skip
        for x in places:
            bench(site, (x, site.pick((-0.5, 0.0, 0.5))), site.pick((90, -90)))
            hall_oddment(site, (x + 1.1, 0), 90)
        litter_bin(site, (x1 - 0.3, 0), 0)
