"""Crossroads: two streets, four corners of their own, zebra crossings."""

from __future__ import annotations

from synth_workers.scenes.families.furnishing import houses, paving, scatter, shop_glow, tree
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.families.streets import (
    END,
    RAMP_RUN,
    carriageway,
    crossing,
    dashes,
    front_furniture,
    kerb_furniture,
    kerbside,
    parked_along,
    road_end,
)


@family("crossing", indoor=False)
def draw_crossing(site: Site) -> None:
    """A crossroads with zebra crossings, some of its corners set back as small squares."""
    road = site.between(3.4, 4.8)
    length = site.between(22, 30)
    deep = site.between(6.2, 8.2)
    most = min(length - road - deep - 14, 8.0)
    setbacks = [site.pick((0.0, 0.0, max(site.between(3, most), 0.0))) for _ in range(4)]
    far = site.between(length - 9, length - 6)
    walk = road + RAMP_RUN + (deep - RAMP_RUN - 1.2) / 2
    over = walk + site.pick((0.0, site.between(0.6, 2.4)))
    arms = site.some((0, 1, 2, 3), site.count(1, 3))
    for quarter in range(4):
        with site.turned(quarter):
            site.lane((walk, length - 4), (walk, walk), (length - 4, walk), width=2.4)
            crossing(site, -road, road, over, -walk, walk)
            if quarter in arms:
                crossing(site, -road, road, far, -walk, walk)
    end = length - END
    carriageway(site, (-road, -end, road, end))
    carriageway(site, (road, -road, end, road))
    carriageway(site, (-end, -road, -road, road))
    for quarter in range(4):
        with site.turned(quarter):
            left = road + deep + setbacks[(quarter + 1) % 4]
            right = road + deep + setbacks[quarter]
            houses(site, (-left, length), 270, left + right)
            dashes(site, 0, over + 4, (far - 3) if quarter in arms else length - 4)
            road_end(site, -road, road, length, paving(site))
    for quarter in range(4):
        with site.turned(quarter):
            own = [over, far] if quarter in arms else [over]
            other = [over, far] if (quarter + 3) % 4 in arms else [over]
            _corner(site, road, length, deep, setbacks[quarter], own, other)


def _corner(
    site: Site, road: float, length: float, deep: float, back: float, own: list[float],
    other: list[float],
) -> None:  # fmt: skip
    """The quarter x > road, y > road. ``own``: where the arm along y is crossed, ``other``: that
    along x."""
    paved, second = paving(site), paving(site)
    edge, inner = road + deep, road + RAMP_RUN
    front = edge + back
    kerbside(site, road, road, length, own, paved, 1)
    with site.turned(3):
        # The other edge of this corner is that of a street along y seen from the left.
        kerbside(site, -road, inner, length, other, paved, -1)
        site.put("kerb", (-road, road), length=RAMP_RUN)
    site.ground((inner, inner, front + 0.5, length + 0.5), **paved)
    site.ground((front + 0.5, inner, length + 0.5, front + 0.5), **second)
    houses(site, (front, length), 180, length - front)
    start = front + 6.0
    houses(site, (start, front), 270, length - start)
    kerb_furniture(site, road, road + 3, length - 1, 1, trees=site.chance(0.7))
    parked_along(site, road, road + 6, length - 3, own, 1)
    front_furniture(site, front, front, length - 1, -1)
    with site.turned(3):
        kerb_furniture(site, -road, road + 3, length - 1, -1, trees=site.chance(0.5))
        parked_along(site, -road, road + 6, length - 3, other, -1)
        front_furniture(site, -front, front, length - 1, 1)
    if back:
        for _ in range(site.count(1, 4)):
            tree(site, (site.between(edge, front - 2), site.between(edge, front - 2)))
        scatter(site, (edge - 1, edge - 1, front - 1, length - 4), 14)
        scatter(site, (edge - 1, edge - 1, length - 4, front - 1), 14)
    shop_glow(site, (front - 1, front), (front - 1, length))
