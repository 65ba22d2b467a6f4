"""Open car parks: rows of bays under lamps and trees, houses or a shop around."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from synth_workers.scenes.families.bays import BAY_DEPTH, BayRow, fill_bays
from synth_workers.scenes.families.furnishing import (
    CAR_PAINTS,
    lamp,
    litter_bin,
    paving,
    planter,
    scatter,
    shop_glow,
    surround,
    tree,
)
from synth_workers.scenes.families.indoors import ACCENTS
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site

_EDGE = 5.0
"""Width of the pavement around the bays, metres."""

_STRIP = 1.6
"""Width of the strip between two rows of bays."""


class _Lot(NamedTuple):
    """``half_x``, ``half_y``: of what is driven on; ``drives``: y of the middle of each drive."""

    half_x: float
    half_y: float
    drives: list[float]
    drive: float
    bay: float


@family("parking_lot", indoor=False)
def draw_parking_lot(site: Site) -> None:
    """An open car park with rows of cars, strips of trees and a pavement around."""
    lot = _plan(site)
    _lanes(site, lot)
    _ground(site, lot)
    _fronts(site, lot)
    for k, y in enumerate(lot.drives):
        for side in (-1, 1):
            start = -lot.half_x + 6.0
            count = int(2 * (lot.half_x - 6.0) / lot.bay)
            row = BayRow(start, count, lot.bay, y + side * lot.drive / 2, side)
            fill_bays(site, row, site.between(0.4, 0.85))
        for x in (-0.55, 0.0, 0.55):
            place = (x * lot.half_x, y + site.pick((-1, 1)) * (lot.drive / 2 - 1.0))
            site.put("road_arrow", place, site.pick((0, 180)))
        if k:
            _strip(site, lot, (y + lot.drives[k - 1]) / 2)
    _pavement(site, lot)


def _plan(site: Site) -> _Lot:
    half_x, drive = site.between(18, 24), site.between(5.8, 6.8)
    count = site.pick((1, 2, 2))
    pitch = drive + 2 * BAY_DEPTH + _STRIP
    drives = [(k - (count - 1) / 2) * pitch for k in range(count)]
    half_y = drives[-1] + drive / 2 + BAY_DEPTH
    return _Lot(half_x, half_y, drives, drive, site.between(2.4, 2.7))


def _lanes(site: Site, lot: _Lot) -> None:
    """People walk along the drives, round the lot on its pavement, and across at its ends."""
    x, y = lot.half_x + 1.6, lot.half_y + 2.0
    for drive in lot.drives:
        site.lane((-x, drive), (x, drive), width=lot.drive - site.between(2.2, 2.8))
    for side in (-1, 1):
        site.lane((-x, side * y), (x, side * y), width=2.2)
        site.lane((side * x, -y), (side * x, y), width=2.2)
        site.lane((side * (lot.half_x - 3.0), -y), (side * (lot.half_x - 3.0), y), width=2.4)


def _ground(site: Site, lot: _Lot) -> None:
    """All in one plane: the pavement differs by its stones."""
    x, y = lot.half_x, lot.half_y
    driven = paving(
        site, site.pick(("tarmac", "tarmac", "concrete", "concrete_pavers", "gravel", "hexagons"))
    )
    site.ground((-x, -y, x, y), **driven, step=2.0)
    stones = site.pick(("slabs", "setts", "clay_pavers", "large_slabs"))
    site.ground_around((-x - 7, -y - 7, x + 7, y + 7), [(-x, -y, x, y)], **paving(site, stones))


def _fronts(site: Site, lot: _Lot) -> None:
    """Houses on all sides, whose shops shine."""
    x, y = lot.half_x + _EDGE, lot.half_y + _EDGE
    surround(site, (-x, -y, x, y))
    for side in (-1, 1):
        shop_glow(site, (-x, side * (y - 1.2)), (x, side * (y - 1.2)))


def _strip(site: Site, lot: _Lot, y: float) -> None:
    """Lamps, trees and planters between two rows of bays."""
    for x in np.linspace(-lot.half_x + 7.5, lot.half_x - 7.5, 5):
        at = (float(x), y)
        if site.chance(0.4):
            lamp(site, at, site.pick((90, -90)), style="mast")
        elif site.chance(0.6):
            tree(site, at, height=(4.4, 5.6))
        else:
            planter(site, at, 90)


def _pavement(site: Site, lot: _Lot) -> None:
    """Lamps, ticket machines, trolleys and small things on the pavement."""
    x, y = lot.half_x, lot.half_y
    for side in (-1, 1):
        for share in (-0.75, -0.25, 0.25, 0.75):
            lamp(site, (share * x, side * (y + 0.5)), -side * 90)
            lamp(site, (side * (x + 3.4), share * y), 90 + side * 90)
        for share in site.some((-0.6, -0.1, 0.4), site.count(1, 2)):
            tree(site, (share * x, side * (y + 3.9)), height=(4.4, 5.6))
        tint = site.tint(site.pick((*ACCENTS, *CAR_PAINTS)))
        site.put("ticket_machine", (side * (x + 3.3), side * 2.0), 90 + side * 90, fixed=False,
                 tint=tint)  # fmt: skip
        site.put("trolleys", (site.between(-x, x), side * (y + 4.0)), 90, fixed=False,
                 count=site.count(4, 8))  # fmt: skip
        litter_bin(site, (side * (x + 3.3), -side * 2.0), 0)
        near, far = sorted((side * (y + 3.3), side * (y + 4.6)))
        scatter(site, (-x, near, x, far), 12)
