"""Town squares: something in the middle, fields around it, houses on four sides."""

from __future__ import annotations

from synth_workers.scenes.families.furnishing import (
    bench,
    cafe,
    facing,
    lamp,
    litter_bin,
    paving,
    planter,
    scatter,
    shop_glow,
    stall,
    surround,
    tree,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site


@family("plaza", indoor=False)
def draw_plaza(site: Site) -> None:
    """A town square with a fountain, a statue or a lawn in its middle."""
    half_x, half_y = site.between(15, 24), site.between(15, 24)
    middle = site.between(5.2, 6.6)
    outer_x, outer_y = half_x - site.between(5.0, 6.5), half_y - site.between(5.0, 6.5)
    width = site.between(2.2, 3.2)
    for x in (-outer_x, -middle, middle, outer_x):
        site.lane((x, -outer_y), (x, outer_y), width=width)
    for y in (-outer_y, -middle, middle, outer_y):
        site.lane((-outer_x, y), (outer_x, y), width=width)
    _ground(site, half_x, half_y, middle)
    surround(site, (-half_x, -half_y, half_x, half_y))
    _middle(site)
    inner, rest_x, rest_y = middle + width / 2, outer_x - width / 2, outer_y - width / 2
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            x0, x1 = sorted((side_x * inner, side_x * rest_x))
            y0, y1 = sorted((side_y * inner, side_y * rest_y))
            _field(site, (x0, y0, x1, y1))
    _edges(site, half_x, half_y, outer_x + width / 2, outer_y + width / 2)


def _ground(site: Site, half_x: float, half_y: float, middle: float) -> None:
    """One paving, or nine fields of their own."""
    xs, ys = (-half_x - 1, -middle, middle, half_x + 1), (-half_y - 1, -middle, middle, half_y + 1)
    kinds = [paving(site) for _ in range(site.count(2, 9))]
    for i in range(3):
        for j in range(3):
            rect = (xs[i], ys[j], xs[i + 1], ys[j + 1])
            site.ground(rect, **kinds[(3 * i + j) % len(kinds)])


def _middle(site: Site) -> None:
    what = site.pick(("fountain", "fountain", "statue", "lawn", "trees"))
    if what == "fountain":
        site.put("fountain", (0, 0), radius=site.between(2.0, 3.2), tint=site.tint((206, 198, 184)))
    elif what == "statue":
        site.put("statue", (0, 0), site.between(0, 360), tint=site.tint((86, 104, 94), 0.15))
    elif what == "lawn":
        site.put("lawn", (0, 0), size=(5.0, 5.0), height=0.4)
        tree(site, (0, 0, 0.36), grate=False)
    else:
        for x, y in ((-2, -2), (2, -2), (-2, 2), (2, 2)):
            tree(site, (x, y), height=(4.6, 5.4))
    for heading in (0, 90, 180, 270):
        x, y = facing(heading)
        bench(site, (x * 3.6, y * 3.6), heading)
    for x in (-3.4, 3.4):
        lamp(site, (x, site.pick((-3.2, 3.2))), 90, style="globe")


def _field(site: Site, rect: Rect) -> None:
    """One quarter between the lanes."""
    x0, y0, x1, y1 = rect
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    wide, deep = x1 - x0 - 0.4, y1 - y0 - 0.4
    what = site.pick(("lawn", "market", "cafe", "trees"))
    if what == "lawn" and wide > 2 and deep > 2:
        height = site.between(0.3, 0.5)
        site.put("lawn", (x, y), size=(wide, deep), height=height, tint=site.tint((200, 196, 188)))
        for _ in range(site.count(1, 4)):
            place = (x + site.between(-0.3, 0.3) * wide, y + site.between(-0.3, 0.3) * deep)
            tree(site, (*place, height - 0.04), grate=False)
    elif what == "market":
        heading = site.pick((0, 90))
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                stall(site, (x + i * wide / 3, y + j * deep / 3), heading + site.pick((0, 180)))
    elif what == "cafe":
        for i in range(4):
            for j in range(4):
                at = (x0 + (i + 0.5) * wide / 4 + 0.2, y0 + (j + 0.5) * deep / 4 + 0.2)
                cafe(site, at, site.between(0, 360))
    else:
        for i in (-1, 1):
            for j in (-1, 1):
                tree(site, (x + i * wide / 3.2, y + j * deep / 3.2))
        planter(site, (x, y), 0)
    scatter(site, rect, 6)


def _edges(site: Site, half_x: float, half_y: float, walk_x: float, walk_y: float) -> None:
    """Lamps, trees and small things before the houses."""
    for side in (-1, 1):
        for share in (-0.6, 0.0, 0.6):
            lamp(site, (side * (walk_x + 0.6), share * walk_y), 90 + side * 90)
            lamp(site, (share * walk_x, side * (walk_y + 0.6)), 180 + side * 90)
        shop_glow(site, (side * (half_x - 1.2), -half_y), (side * (half_x - 1.2), half_y))
    if site.chance(0.6):
        side = site.pick((-1, 1))
        kiosk = (side * (half_x - 2.6), site.between(-walk_y, walk_y))
        tint = site.tint(site.pick(((74, 96, 90), (112, 62, 52), (84, 78, 104))))
        site.put("kiosk", kiosk, 90 + side * 90, fixed=False, tint=tint)
    for x0, y0, x1, y1 in (
        (-half_x + 1.2, -half_y + 1, -walk_x, half_y - 1),
        (walk_x, -half_y + 1, half_x - 1.2, half_y - 1),
        (-half_x + 1, -half_y + 1.2, half_x - 1, -walk_y),
        (-half_x + 1, walk_y, half_x - 1, half_y - 1.2),
    ):
        for _ in range(site.count(1, 4)):
            tree(site, (site.between(x0, x1), site.between(y0, y1)), height=(4.4, 6.0))
        scatter(site, (x0, y0, x1, y1), 14)
    litter_bin(site, (walk_x + 0.5, 0), 0)
