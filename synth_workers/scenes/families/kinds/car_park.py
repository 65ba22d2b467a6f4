"""Decks of multi-storey car parks: rows of bays under a low ceiling on pillars."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from synth_workers.scenes.families.bays import BAY_DEPTH, BayRow, fill_bays
from synth_workers.scenes.families.furnishing import CAR_PAINTS, facing, litter_bin
from synth_workers.scenes.families.indoors import (
    ACCENTS,
    Wall,
    build_wall,
    ceiling_mounts,
    lamps,
    lid,
    night_lamps,
    outline,
    wall_mounts,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site


class _Deck(NamedTuple):
    """``aisles``: y of the middle of each drive; ``drive``: its width; ``bay``: width of a bay."""

    hall: Rect
    top: float
    aisles: list[float]
    drive: float
    bay: float
    accent: list[int]


@family("car_park", indoor=True)
def draw_car_park(site: Site) -> None:
    """A deck of a multi-storey car park with parked cars, pillars and a lift."""
    deck = _plan(site)
    _lanes(site, deck)
    _tower(site, deck)
    _shell(site, deck)
    _pillars(site, deck)
    for y in deck.aisles:
        for side in (-1, 1):
            _bays(site, deck, y, side)
        for x in np.linspace(deck.hall[0] * 0.6, deck.hall[2] * 0.6, 3):
            away = deck.drive / 2 - 1.1
            place = (float(x), y + site.pick((-1, 1)) * away)
            site.put("road_arrow", place, site.pick((0, 180)))
    _loose(site, deck)
    night_lamps(site, [deck.hall], deck.top, pitch=7.0)


def _plan(site: Site) -> _Deck:
    half, drive = site.between(18, 25), site.between(5.6, 6.8)
    count = site.pick((2, 2, 3)) if half < 22 else 2
    depth = count * (drive + 2 * BAY_DEPTH)
    aisles = [-depth / 2 + (k + 0.5) * (drive + 2 * BAY_DEPTH) for k in range(count)]
    hall = (-half, -depth / 2, half, depth / 2)
    accent = site.tint(site.pick(((206, 166, 50), *ACCENTS)), 0.1)
    return _Deck(hall, site.between(2.9, 3.6), aisles, drive, site.between(2.4, 2.7), accent)


def _lanes(site: Site, deck: _Deck) -> None:
    """People walk along the drives and across at both ends, where there are no bays."""
    x0, _, x1, _ = deck.hall
    ends = [x0 + 2.2, x1 - 2.2]
    for y in deck.aisles:
        site.lane((ends[0], y), (ends[1], y), width=deck.drive - site.between(2.2, 2.8))
    for x in ends:
        site.lane((x, deck.aisles[0]), (x, deck.aisles[-1]), width=2.6)
    site.lane((0, deck.aisles[0]), (0, deck.aisles[-1]), width=1.8)


def _shell(site: Site, deck: _Deck) -> None:
    hall, top = deck.hall, deck.top
    coats = ((156, 156, 154), (196, 194, 188), (130, 142, 134), (178, 130, 110), (124, 134, 150),
             (186, 176, 140))  # fmt: skip
    material = site.pick(("concrete", "tarmac", "concrete"))
    coat = (250, 246, 240) if material == "tarmac" else site.pick(coats)
    floor = {"material": material, "tint": site.tint(coat)}
    site.ground(hall, **floor, dirt=site.between(0.05, 0.12), step=1.4)
    tint = site.tint((196, 194, 190), 0.1)
    lid(site, [hall], top, material="concrete", tint=tint, bounce=site.between(0.18, 0.32))
    x0, y0, x1, y1 = hall
    along = site.pick("xy")
    site.put("beams", (0, 0), rect=(x0, y0, x1, y1), z=top, pitch=site.between(4.5, 7.5),
             depth=site.between(0.2, 0.32), along=along, tint=tint)  # fmt: skip
    lamps(site, [hall], top - 0.02, kind="strips")
    looks: dict[str, Any] = {
        "material": "concrete", "tint": tint, "skirting": (90, 90, 90), "band": deck.accent,
        "band_from": site.pick((0.9, 1.2)), "band_to": site.pick((1.4, 1.7)),
    }  # fmt: skip
    for wall in outline([hall]):
        if site.chance(0.45):
            _open_side(site, wall, top, looks)
        else:
            build_wall(site, wall, top, looks)
            for along_wall in np.arange(5.0, wall.length - 4.0, 9.0):
                site.put("extinguisher", wall.at(float(along_wall)), wall.heading, fixed=False)
    for x in site.some((x0 * 0.7, x0 * 0.35, x1 * 0.35, x1 * 0.7), site.count(1, 2)):
        site.put("ducts", (x, y0 + 0.4), length=y1 - y0 - 0.8, z=top - 0.33)
    ceiling_mounts(site, hall, top, pitch=6.0)


def _open_side(site: Site, wall: Wall, top: float, looks: dict[str, Any]) -> None:
    """A parapet with daylight over it."""
    low: dict[str, Any] = looks | {"band_from": 0.5, "band_to": 0.7}
    site.put("inner_wall", wall.corner, wall.heading, length=wall.length, height=1.1, **low)
    site.put("glass_front", (*wall.corner, 1.1), wall.heading, length=wall.length, height=top - 1.1,
             daylight=site.between(1.1, 1.5))  # fmt: skip
    wall_mounts(site, wall, top)


def _tower(site: Site, deck: _Deck) -> None:
    """Lifts and stairs in a corner of the deck, in the place of some bays."""
    x0, y0, x1, y1 = deck.hall
    side, end = site.pick((-1, 1)), site.pick((-1, 1))
    x = (x0 if end < 0 else x1) - end * site.between(7.5, 10.0)
    y = (y0 if side < 0 else y1) - side * 1.9
    site.put("lift_tower", (x, y), -side * 90, height=deck.top - 0.12, depth=3.6, width=5.0,
             tint=site.tint((200, 198, 192), 0.08), accent=deck.accent)  # fmt: skip


def _pillars(site: Site, deck: _Deck) -> None:
    """Pillars between the bays, one for every third of them."""
    x0, _, x1, _ = deck.hall
    tint = site.tint((190, 188, 184), 0.08)
    step, size = 3 * deck.bay, site.between(0.4, 0.6)
    for y in deck.aisles:
        for side in (-1, 1):
            at_y = y + side * (deck.drive / 2 + 0.9)
            for x in np.arange(x0 + 4.6, x1 - 4.0, step):
                at = (float(x), at_y)
                stands = site.put("park_pillar", at, site.pick((0, 90)), fixed=False, size=size,
                                  height=deck.top, tint=tint, band=deck.accent,
                                  sign=site.pick((0, 0, 12)))  # fmt: skip
                if stands:
                    for heading in (0.0, 180.0, -90.0 * side):
                        dx, dy = facing(heading)
                        place = (at[0] + 0.65 * dx, at[1] + 0.65 * dy)
                        site.mount(*place, 2.35, deck.top - 0.25, heading)


def _bays(site: Site, deck: _Deck, y: float, side: int) -> None:
    """Paint and cars of one row of bays beside a drive."""
    x0, _, x1, _ = deck.hall
    start = x0 + 4.6
    count = int((x1 - 4.6 - start) / deck.bay)
    row = BayRow(start, count, deck.bay, y + side * deck.drive / 2, side)
    fill_bays(site, row, site.between(0.45, 0.85))


def _loose(site: Site, deck: _Deck) -> None:
    """A barrier, ticket machines and bins at the ends."""
    x0, y0, x1, y1 = deck.hall
    for _ in range(6):
        at = (site.pick((x0 + 0.6, x1 - 0.6)), site.between(y0 + 1, y1 - 1))
        if site.chance(0.5):
            site.put("ticket_machine", at, 0 if at[0] < 0 else 180, fixed=False,
                     tint=site.tint(site.pick((deck.accent, *CAR_PAINTS))))  # fmt: skip
        else:
            litter_bin(site, at, 0)
    end = site.pick((x0 + 0.5, x1 - 0.5))
    site.put("barrier", (end, deck.aisles[0] + 1.2), 0, fixed=False, tint=deck.accent)
    site.put("ticket_post", (end, deck.aisles[0] - 2.0), 0, fixed=False, tint=deck.accent)
    for y in deck.aisles:
        site.put("exit_sign", (site.pick((x0 * 0.3, x1 * 0.3)), y), 0, z=deck.top, rod=0.34)
