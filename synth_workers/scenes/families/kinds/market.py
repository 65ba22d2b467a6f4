"""Market squares: rows of stalls with aisles between them, houses around."""

from __future__ import annotations

from synth_workers.scenes.families.furnishing import (
    car,
    lamp,
    paving,
    planter,
    pole,
    scatter,
    shop_glow,
    stall,
    surround,
    tree,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site

_FRONT, _BACK = 1.5, 1.4
"""Metres from the middle of a stall to the end of its roof, before and behind it."""


@family("market", indoor=False)
def draw_market(site: Site) -> None:
    """A market square: stalls in rows, aisles between them, vans behind."""
    aisle = site.between(3.0, 4.2)
    aisles = site.count(2, 4)
    period = aisle + 2 * (_FRONT + _BACK)
    half_x = aisles * period / 2 + site.between(0.2, 1.0)
    half_y = site.between(11, 19)
    margin = site.between(6.0, 8.5)
    middles = [(k + 0.5 - aisles / 2) * period for k in range(aisles)]
    cuts = [-half_y - 1.6, half_y + 1.6]
    if half_y > 13:
        cuts.append(site.between(-3, 3))
    for x in middles:
        site.lane((x, cuts[0]), (x, cuts[1]), width=aisle - 0.5)
    ring = half_x + 1.6
    for y in cuts:
        site.lane((-ring, y), (ring, y), width=2.6)
    for x in (-ring, ring):
        site.lane((x, cuts[0]), (x, cuts[1]), width=2.4)
    wall_x, wall_y = ring + margin - 2, half_y + margin
    kinds = [paving(site) for _ in range(site.count(1, 3))]
    bounds = (-wall_x - 0.5, -half_x, half_x, wall_x + 0.5)
    for k in range(3):
        site.ground(
            (bounds[k], -wall_y - 0.5, bounds[k + 1], wall_y + 0.5), **kinds[k % len(kinds)]
        )
    surround(site, (-wall_x, -wall_y, wall_x, wall_y))
    for x in middles:
        _aisle(site, x, aisle, half_y)
    for x in middles[:-1]:
        for y in (-half_y * 0.5, half_y * 0.5):
            pole_at = (x + period / 2, y)
            if site.put("lamp", pole_at, 0, fixed=False, style="globe", height=5.0, power=18):
                pole(site, pole_at, 4.4)
    _edges(site, ring + 1.3, half_y + 3.0, wall_x, wall_y)


def _aisle(site: Site, x: float, aisle: float, half_y: float) -> None:
    """Stalls on both sides of an aisle along y."""
    for side in (-1, 1):
        y = -half_y + site.between(0.2, 1.2)
        while y < half_y - 1.5:
            length = site.between(2.3, 3.6)
            gap = site.pick((0.55, 0.6, 0.9, 2.0))
            if site.chance(0.9):
                at = (x + side * (aisle / 2 + _FRONT - 0.1), y + length / 2)
                if not stall(site, at, 90 + side * 90, length=length):
                    y += 0.6
                    continue
            if site.chance(0.3):
                crate = (x + side * (aisle / 2 + _FRONT + 1.2), y + length + 0.3)
                site.put("pallet", crate, 90, fixed=False, layers=site.count(1, 3), boxed=True)
            y += length + gap


def _edges(site: Site, x: float, y: float, wall_x: float, wall_y: float) -> None:
    """Vans, trees and lamps between the stalls and the houses."""
    for side in (-1, 1):
        for share in (-0.7, -0.2, 0.3, 0.8):
            lamp(site, (side * (x + 0.2), share * y), 90 + side * 90)
            lamp(site, (share * x, side * (y + 0.3)), 180 + side * 90)
        for _ in range(site.count(1, 4)):
            place = (side * (x + 1.8), site.between(-y, y))
            if site.chance(0.6):
                car(site, place, 90 + 180 * site.count(0, 1))
            else:
                tree(site, place, height=(4.4, 6.0))
        for _ in range(site.count(1, 3)):
            tree(site, (site.between(-x, x), side * (y + 1.6)), height=(4.4, 6.0))
            planter(site, (site.between(-x, x), side * (y + 0.8)), 90)
        scatter(site, (side * x, -y, side * (wall_x - 1.2), y), 10)
        scatter(site, (-x, side * y, x, side * (wall_y - 1.2)), 10)
    shop_glow(site, (-wall_x + 1.2, -wall_y), (-wall_x + 1.2, wall_y))
    shop_glow(site, (wall_x - 1.2, -wall_y), (wall_x - 1.2, wall_y))
