"""Shopping streets: a carriageway between two pavements of their own widths."""

from __future__ import annotations

import itertools

from synth_workers.scenes.families.furnishing import (
    bench,
    cafe,
    houses,
    lamp,
    paving,
    planter,
    shop_glow,
    tree,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.families.streets import (
    END,
    carriageway,
    crossing,
    dashes,
    front_furniture,
    kerb_furniture,
    kerbside,
    parked_along,
    road_end,
)


@family("street", indoor=False)
def draw_street(site: Site) -> None:
    """A shopping street with parked cars and crossings, one pavement often a promenade."""
    half = site.between(20, 29)
    road = site.between(6.4, 9.2)
    wide = site.pick((site.between(4.6, 6.5), site.between(8.0, 15.0)))
    narrow = site.between(4.4, 6.4)
    x0, x1 = -road / 2, road / 2
    west, east = x0 - wide, x1 + narrow
    crossings = [site.between(-half + 6, -half + 12), site.between(half - 12, half - 6)]
    if site.chance(0.4):
        crossings.append(site.between(-3, 3))
    walks = _lanes(site, half, x0, x1, west, east, crossings)
    ends = (-half, half)
    carriageway(site, (x0, -half + END, x1, half - END))
    paved = [paving(site) for _ in range(site.count(1, 3))]
    cut = site.between(-half * 0.4, half * 0.4)
    site.ground((west - 0.5, -half, x0 - 1, cut), **paved[0])
    site.ground((west - 0.5, cut, x0 - 1, half), **paved[-1])
    kerbside(site, x0, *ends, crossings, paved[0], -1)
    other = paving(site)
    site.ground((x1 + 1, -half, east + 0.5, half), step=1.2, **other)
    kerbside(site, x1, *ends, crossings, other, 1)
    dashes(site, site.between(-0.4, 0.4), -half + 4, half - 3)
    for turn in (0, 2):
        with site.turned(turn):
            road_end(site, x0, x1, half, paved[0])
    houses(site, (west, -half), 0, 2 * half)
    houses(site, (east, half), 180, 2 * half)
    houses(site, (west, half), -90, east - west)
    houses(site, (east, -half), 90, east - west)
    parked_along(site, x1, -half + 3, half - 3, crossings, 1)
    if road > 7.4 or site.chance(0.4):
        parked_along(site, x0, -half + 3, half - 3, crossings, -1)
    kerb_furniture(site, x0, -half + 2, half - 2, -1, trees=site.chance(0.8), cafes=wide > 8)
    kerb_furniture(site, x1, -half + 2, half - 2, 1, trees=site.chance(0.4))
    front_furniture(site, west, -half + 1, half - 1, 1)
    front_furniture(site, east, -half + 1, half - 1, -1)
    _promenade(site, half, walks)
    shop_glow(site, (west + 1.1, -half), (west + 1.1, half))


def _lanes(
    site: Site, half: float, x0: float, x1: float, west: float, east: float,
    crossings: list[float],
) -> list[float]:  # fmt: skip
    """Lanes on both pavements and over the road; where those of the promenade run."""
    free = x0 - 1.9 - (west + 2.0)
    count = 1 if free < 5.0 else 2 if free < 9.5 else 3
    width = min(free / count - 0.2, site.between(2.2, 3.0)) if count == 1 else 2.4
    xs = [west + 2.0 + free * (k + 0.5) / count for k in range(count)]
    for x in xs:
        site.lane((x, -half + 3.5), (x, half - 3.5), width=width)
    if count > 1:
        for y in (-half + 3.5, *crossings, half - 3.5):
            site.lane((xs[0], y), (xs[-1], y), width=2.4)
    right = (x1 + 1.9 + east - 1.9) / 2
    site.lane((right, min(crossings)), (right, max(crossings)), width=min(east - x1 - 3.6, 2.4))
    for y in crossings:
        crossing(site, x0, x1, y, xs[-1], right)
    return xs


def _promenade(site: Site, half: float, walks: list[float]) -> None:
    """What stands between the lanes of a wide pavement."""
    for a, b in itertools.pairwise(walks):
        x = (a + b) / 2
        y = -half + 5.0
        while y < half - 5:
            what = site.pick(("tree", "bench", "planter", "cafe", "lamp", "kiosk", "board"))
            if what == "tree":
                tree(site, (x, y))
            elif what == "bench":
                bench(site, (x, y), site.pick((0.0, 180.0)))
            elif what == "planter":
                planter(site, (x, y), 0)
            elif what == "cafe":
                for k in range(3):
                    cafe(site, (x, y + 1.8 * k), 0)
                y += 3.6
            elif what == "lamp":
                lamp(site, (x, y), 0, style="globe")
            elif what == "kiosk":
                tint = site.tint(site.pick(((74, 96, 90), (112, 62, 52), (84, 78, 104))))
                site.put("kiosk", (x, y), site.pick((0, 180)), fixed=False, tint=tint)
            else:
                site.put("poster_board", (x, y), 90, fixed=False, poster=site.count(0, 7))
            y += site.between(2.5, 4.5)
