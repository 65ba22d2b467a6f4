"""Bus terminals: a paved island between two rows of bays, roofs over its edges."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synth_workers.scenes.families.furnishing import (
    PAVINGS,
    bench,
    cafe,
    facing,
    lamp,
    litter_bin,
    paving,
    planter,
    pole,
    scatter,
    shop_glow,
    surround,
    tree,
)
from synth_workers.scenes.families.indoors import ACCENTS, STEELS
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.kit.ground import KERB_HEIGHT

_LIVERIES = (
    ((206, 60, 50), (226, 226, 222)), ((40, 84, 140), (222, 224, 226)),
    ((60, 120, 80), (232, 230, 220)), ((226, 186, 60), (60, 62, 66)),
    ((226, 226, 224), (120, 40, 60)), ((90, 70, 120), (220, 220, 224)),
)  # fmt: skip
"""Colours of the buses of one company: body and trim."""


_ENDS = 8.5
"""Metres of road before the ends of the island."""


class _Terminal(NamedTuple):
    """``half_x``, ``half_y``: of the island; ``road``: width of the drive at either side."""

    half_x: float
    half_y: float
    road: float
    lane: float
    off: float


@family("bus_terminal", indoor=False)
def draw_bus_terminal(site: Site) -> None:
    """A bus terminal: an island with roofs and seats, buses in bays at both sides."""
    place = _plan(site)
    _lanes(site, place)
    _ground(site, place)
    liveries = site.some(_LIVERIES, 2)
    for side in (-1, 1):
        _bays(site, place, side, liveries)
        _edge(site, place, side)
    _middle(site, place)
    _around(site, place)


def _plan(site: Site) -> _Terminal:
    half_x, half_y = site.between(17, 23), site.between(8.0, 11.5)
    lane = site.between(2.2, 3.0)
    return _Terminal(half_x, half_y, site.between(15, 16.5), lane, half_y - 2.0 - lane / 2)


def _lanes(site: Site, place: _Terminal) -> None:
    end = place.half_x - 2.6
    for side in (-1, 1):
        site.lane((-end, side * place.off), (end, side * place.off), width=place.lane)
    for x in np.linspace(-end, end, site.count(4, 5)):
        site.lane((float(x), -place.off), (float(x), place.off), width=site.between(2.0, 2.6))


def _ground(site: Site, place: _Terminal) -> None:
    x, y, road = place.half_x, place.half_y, place.road
    # It lies in a road of asphalt.
    kinds = [name for name in PAVINGS if name not in ("tarmac", "gravel")]
    first, second = (paving(site, kind) for kind in site.some(kinds, 2))
    inner = place.off - place.lane / 2 - 0.2
    site.ground((-x, -y, x, -inner), **first)
    site.ground((-x, inner, x, y), **first)
    site.ground((-x, -inner, x, inner), **second)
    tar = {"material": "tarmac", "tint": site.tint((250, 246, 240), 0.12), "z": -KERB_HEIGHT}
    out_x, out_y = x + _ENDS, y + road
    holes = [(-x, -y, x, y)]
    site.ground_around((-out_x, -out_y, out_x, out_y), holes, **tar, dirt=0.09, step=2.2)
    site.ground_around((-out_x - 6, -out_y - 7, out_x + 6, out_y + 7),
                       [(-out_x, -out_y, out_x, out_y)], **paving(site), step=2.2)  # fmt: skip
    for corner, heading, length in (
        ((-x, -y), 0, 2 * y), ((x, -y), 0, 2 * y), ((x, -y), 90, 2 * x), ((x, y), 90, 2 * x),
    ):  # fmt: skip
        site.put("kerb", corner, heading, length=length)


def _bays(site: Site, place: _Terminal, side: int, liveries: list) -> None:
    """Buses with their noses at the island, hatching between the bays, signs before them."""
    pitch = site.between(4.4, 5.4)
    count = int((2 * place.half_x - 5) / pitch)
    start, share = -(count - 1) * pitch / 2, site.between(0.45, 0.8)
    for k in range(count):
        x = start + k * pitch
        nose = (x, side * (place.half_y + 0.45), -KERB_HEIGHT)
        if site.chance(share):
            paint, trim = site.pick(liveries)
            site.put("bus", nose, -side * 90 + site.between(-1, 1), fixed=False,
                     paint=site.tint(paint), trim=site.tint(trim),
                     length=site.pick((9.5, 11.5, 11.5, 12.0)))  # fmt: skip
        site.put("bay_sign", (x + 1.6, side * (place.half_y - 0.7)), 90, fixed=False,
                 timetable=site.count(0, 3), tint=site.tint(site.pick(ACCENTS)))  # fmt: skip
        line = (x + pitch / 2, side * (place.half_y + 6.0), -KERB_HEIGHT)
        site.put("stripes", line, count=1, length=11.0, width=0.14)


def _edge(site: Site, place: _Terminal, side: int) -> None:
    """Roofs over one edge of the island, seats and posters under them."""
    roofs = site.count(2, 3)
    length = (2 * place.half_x - 4) / roofs
    y = side * (place.half_y - 1.0)
    looks = {
        "width": site.between(3.4, 3.9), "height": site.between(3.3, 4.2),
        "step": site.between(4.5, 6.0), "shape": site.pick(("wings", "flat")),
        "tint": site.tint(site.pick(STEELS)), "power": site.between(14, 22),
        "deck": site.tint(site.pick(((206, 208, 208), (150, 160, 150), (180, 120, 100)))),
    }  # fmt: skip
    for k in range(roofs):
        x = -place.half_x + 2 + (k + 0.5) * length
        site.put("platform_roof", (x, y), 90, length=length - 1.2, **looks)
        for along in (-0.3, 0.0, 0.3):
            at = x + along * length
            site.put("seat_row", (at, y + side * 0.1), -side * 90, fixed=False,
                     count=site.count(3, 5), tint=site.tint(site.pick(ACCENTS)))  # fmt: skip
            if site.chance(0.4):
                site.put("poster_board", (at + 2.2, y), 90, fixed=False, poster=site.count(0, 7))
            for heading in (0.0, 180.0, -90.0 * side):
                dx, dy = facing(heading)
                site.mount(at + 1.4 + 0.3 * dx, y + 0.3 * dy, 2.6, looks["height"] - 0.45, heading)
        litter_bin(site, (x + length * 0.42, y), 0)


def _middle(site: Site, place: _Terminal) -> None:
    """Kiosks, waiting rooms, trees and cafes between the lanes."""
    inner = place.off - place.lane / 2
    for x in np.linspace(-place.half_x + 5, place.half_x - 5, 7):
        what = site.pick(("kiosk", "tree", "cafe", "seats", "planter", "stop", "machines"))
        at = (float(x), site.between(-0.4, 0.4) * inner)
        if what == "kiosk":
            site.put("kiosk", at, site.pick((0, 90, 180, 270)), fixed=False,
                     tint=site.tint(site.pick(ACCENTS)))  # fmt: skip
        elif what == "tree":
            tree(site, at, height=(4.6, 6.0))
            bench(site, (at[0] + 1.0, at[1]), 0)
        elif what == "cafe":
            for dx in (-0.9, 0.9):
                cafe(site, (at[0] + dx, at[1]), 0)
        elif what == "seats":
            for dx in (-1.0, 1.0):
                site.put("seat_row", (at[0] + dx, at[1]), 0, fixed=False, double=True, count=4,
                         tint=site.tint(site.pick(ACCENTS)))  # fmt: skip
        elif what == "stop":
            site.put("bus_stop", at, site.pick((90, -90)), fixed=False)
        elif what == "machines":
            for dx in (-0.5, 0.5):
                site.put("ticket_machine", (at[0] + dx, at[1]), 90, fixed=False,
                         tint=site.tint(site.pick(ACCENTS)))  # fmt: skip
        else:
            planter(site, at, site.pick((0, 90)))
        mast = (float(x) + 2.0, site.pick((-0.6, 0.6)) * inner)
        lamp(site, mast, site.between(0, 360))
    scatter(site, (-place.half_x + 1, -inner, place.half_x - 1, inner), 16)
    for side in (-1, 1):
        mast = (side * (place.half_x - 1.2), 0.0)
        if site.put("sign_post", mast, 90 - side * 90, fixed=False, sign=8):
            pole(site, mast, 5.0)


def _around(site: Site, place: _Terminal) -> None:
    """Houses all around, trees and lamps at the far pavement."""
    out_x, out_y = place.half_x + _ENDS, place.half_y + place.road
    surround(site, (-out_x - 5, -out_y - 5, out_x + 5, out_y + 5))
    for side in (-1, 1):
        shop_glow(site, (-out_x, side * (out_y + 3.6)), (out_x, side * (out_y + 3.6)))
        for x in np.linspace(-out_x + 3, out_x - 3, 7):
            if site.chance(0.35):
                tree(site, (float(x), side * (out_y + 1.4)), height=(4.4, 6.0))
            else:
                lamp(site, (float(x), side * (out_y + 0.8)), -side * 90)
        for y in np.linspace(-out_y + 4, out_y - 4, 4):
            if site.chance(0.35):
                tree(site, (side * (out_x + 1.4), float(y)), height=(4.4, 6.0))
            else:
                lamp(site, (side * (out_x + 0.8), float(y)), 90 + side * 90)
        near, far = sorted((side * (out_y + 0.6), side * (out_y + 3.4)))
        scatter(site, (-out_x, near, out_x, far), 10)
