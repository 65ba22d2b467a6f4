"""Corridors of offices, hospitals and schools, with doors at both sides and a lobby."""

from __future__ import annotations

from dataclasses import dataclass

from synth_workers.scenes.families.furnishing import WOODS, litter_bin
from synth_workers.scenes.families.indoors import (
    ACCENTS,
    Wall,
    build_wall,
    ceiling_looks,
    ceiling_mounts,
    flooring,
    lamps,
    lay,
    lid,
    night_lamps,
    outline,
    paint,
    pot_plant,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site

_FREE = 1.5
"""Metres of a corridor's width that are left for what stands along its walls."""


_SHEETS = ((214, 222, 226), (170, 196, 206), (200, 214, 190))


@dataclass(frozen=True)
class _House:
    """What a house has along its corridors. ``slots``: what a stretch of wall shows, one of them
    at random; ``loose``: what stands about."""

    floors: tuple[str, ...]
    doors: tuple[tuple[int, int, int], ...]
    glazed: float
    double: float
    slots: tuple[str, ...]
    loose: tuple[str, ...]


_HOUSES = {
    "office": _House(
        ("vinyl", "terrazzo", "carpet", "carpet", "parquet", "marble"),
        ((178, 140, 100), (120, 92, 70), (226, 224, 218), (96, 100, 106)), 0.6, 0.1,
        ("door", "door", "window", "window", "board", "poster", "copier", "plant", "extinguisher"),
        ("plant", "plant", "bin", "copier", "vending"),
    ),
    "hospital": _House(
        ("vinyl", "shop_tiles", "rubber", "checker_tiles"),
        ((206, 186, 150), (186, 206, 206), (196, 212, 190), (226, 226, 222)), 0.4, 0.45,
        ("door", "door", "door", "board", "seats", "extinguisher", "cart", "rail", "rail"),
        ("bed", "bed", "cart", "plant", "vending"),
    ),
    "school": _House(
        ("terrazzo", "vinyl", "large_slabs", "parquet", "checker_tiles", "pattern_tiles"),
        ((150, 62, 48), (62, 98, 80), (54, 84, 124), (186, 150, 100)), 0.5, 0.2,
        ("door", "door", "board", "board", "lockers", "lockers", "poster", "seats", "window"),
        ("plant", "bin", "vending", "seats"),
    ),
}  # fmt: skip


@family("corridor", indoor=True)
def draw_corridor(site: Site) -> None:
    """Corridors of an office, a hospital or a school, with doors and a lobby."""
    house = _HOUSES[site.pick(tuple(_HOUSES))]
    top = site.between(2.75, 3.4)
    corridors, lobby = _plan(site)
    halls = [*corridors, lobby]
    _lanes(site, corridors, lobby)
    floors = [flooring(site, house.floors)] * len(corridors) + [flooring(site, house.floors)]
    lay(site, halls, floors)
    looks, accent = paint(site), site.tint(site.pick(ACCENTS))
    door = site.tint(site.pick(house.doors))
    for wall in outline(halls):
        build_wall(site, wall, top, looks)
        _furnish_wall(site, house, wall, door, accent, top)
    _fill_lobby(site, house, lobby, accent)
    lid(site, halls, top, **ceiling_looks(site))
    lamps(site, halls, top, kind=site.pick(("panels", "panels", "strips")))
    for hall in halls:
        ceiling_mounts(site, hall, top, pitch=4.0)
        x0, y0, x1, y1 = hall
        along = 0 if x1 - x0 > y1 - y0 else 90
        site.put("exit_sign", ((x0 + x1) / 2, (y0 + y1) / 2), along, z=top - 0.02)
    night_lamps(site, halls, top, pitch=9.0)


def _plan(site: Site) -> tuple[list[Rect], Rect]:
    """Corridors in the shape of an L, T, H or a ring, and a lobby at one of them."""
    length, wide = site.between(32, 46), site.between(3.1, 4.2)
    half, w = length / 2, wide / 2
    corridors: list[Rect] = [(-half, -w, half, w)]
    deep, arm = site.between(12, 18), site.between(3.1, 4.0)
    shape = site.pick("LTHO")
    if shape == "L":
        corridors.append((half - arm, w, half, w + deep))
    elif shape == "T":
        x = site.between(-half * 0.4, half * 0.6)
        corridors.append((x, w, x + arm, w + deep))
    elif shape == "H":
        x = site.between(-half * 0.3, half * 0.6)
        corridors.append((x, w, x + arm, w + deep))
        corridors.append((-half * 0.8, w + deep, half * 0.9, w + deep + wide))
    else:
        corridors.append((half - arm, w, half, w + deep))
        corridors.append((-half, w, -half + arm, w + deep))
        corridors.append((-half, w + deep, half, w + deep + wide))
    across, depth = site.between(8.5, 12), site.between(7.0, 9.0)
    x = site.between(-half + 2, half - across - 2)
    return corridors, (x, -w - depth, x + across, -w)


def _lanes(site: Site, corridors: list[Rect], lobby: Rect) -> None:
    main = corridors[0]
    for x0, y0, x1, y1 in corridors:
        if x1 - x0 > y1 - y0:
            y, width = (y0 + y1) / 2, y1 - y0 - _FREE
            site.lane((x0 + 1.2, y), (x1 - 1.2, y), width=width)
            continue
        x, width = (x0 + x1) / 2, x1 - x0 - _FREE
        far = [hall for hall in corridors[1:] if hall[1] >= y1 - 0.01 and hall[2] - hall[0] > 9]
        end = (far[0][1] + far[0][3]) / 2 if far else y1 - 1.2
        # Ends of the corridors that it joins may lie a little before its own middle line.
        site.lane((x, (main[1] + main[3]) / 2), (x, end), width=width)
    x0, y0, x1, y1 = lobby
    left, right, low, high = x0 + 2.0, x1 - 2.0, y0 + 2.8, y1 - 1.1
    for x in (left, right):
        site.lane((x, low), (x, (main[1] + main[3]) / 2), width=1.7)
    for y in (low, high):
        site.lane((left, y), (right, y), width=1.7)


def _furnish_wall(
    site: Site, house: _House, wall: Wall, door: list[int], accent: list[int], top: float
) -> None:
    """Doors, windows, boards and what stands along one wall."""
    if wall.length < 5.0:
        _end(site, wall, door, top)
        return
    step = site.between(2.6, 3.4)
    count = int(wall.length / step)
    last = ""
    for k in range(count):
        along = (k + 0.5) * wall.length / count
        at, heading = wall.at(along), wall.heading
        what = site.pick([slot for slot in house.slots if slot != last or slot == "door"])
        last = what
        if what == "door":
            double = site.chance(house.double)
            site.put("inner_door", at, heading, width=1.6 if double else 0.95, double=double,
                     glazed=site.chance(house.glazed), tint=door)  # fmt: skip
        elif what == "window":
            site.put("inner_window", at, heading, width=site.between(1.4, min(step - 0.4, 2.4)),
                     low=site.pick((0.4, 0.95)), lit=site.between(0.3, 0.9))  # fmt: skip
        elif what == "board":
            site.put("notice_board", at, heading, width=site.between(1.2, 2.2))
        elif what == "poster":
            site.put("wall_poster", at, heading, poster=site.count(0, 7), lit=False,
                     width=site.between(0.7, 1.1))  # fmt: skip
        elif what == "extinguisher":
            site.put("extinguisher", at, heading)
        elif what == "rail":
            site.put("handrail", wall.at(along - step / 2 + 0.1), heading, length=step - 0.2,
                     tint=site.tint(site.pick(WOODS)))  # fmt: skip
        else:
            _stand(site, what, wall, along, accent)


def _stand(site: Site, what: str, wall: Wall, along: float, accent: list[int]) -> None:
    """Something that stands against a wall."""
    if what == "seats":
        site.put("seat_row", wall.at(along, 0.36), wall.heading, fixed=False, tint=accent,
                 count=site.count(2, 4))  # fmt: skip
    elif what == "lockers":
        site.put("lockers", wall.at(along, 0.34), wall.heading, fixed=False,
                 count=site.count(4, 6), tint=accent)  # fmt: skip
    elif what == "copier":
        site.put("copier", wall.at(along, 0.37), wall.heading, fixed=False)
    elif what == "cart":
        site.put("cart", wall.at(along, 0.35), wall.heading + 90, fixed=False,
                 tint=site.tint((170, 182, 188), 0.1))  # fmt: skip
    elif what == "vending":
        site.put("vending_machine", wall.at(along, 0.46), wall.heading, fixed=False, tint=accent)
    elif what == "bed":
        site.put("hospital_bed", wall.at(along, 0.55), wall.heading + 90, fixed=False,
                 sheet=site.tint(site.pick(_SHEETS)))  # fmt: skip
    elif what == "bin":
        litter_bin(site, wall.at(along, 0.32), wall.heading)
    else:
        pot_plant(site, wall.at(along, 0.3))


def _end(site: Site, wall: Wall, door: list[int], top: float) -> None:
    """What closes a corridor: a window, a double door or a picture."""
    what = site.pick(("window", "window", "door", "poster"))
    middle = wall.length / 2
    if wall.length < 2.4:
        return
    if what == "window":
        site.put("inner_window", wall.at(middle), wall.heading, width=wall.length - 0.6,
                 low=site.pick((0.1, 0.9)), high=top - 0.3, lit=1.0)  # fmt: skip
    elif what == "door":
        site.put("inner_door", wall.at(middle), wall.heading, width=1.7, double=True, glazed=True,
                 tint=door, plate=False)  # fmt: skip
    else:
        site.put("wall_poster", wall.at(middle), wall.heading, poster=site.count(0, 7))


def _fill_lobby(site: Site, house: _House, lobby: Rect, accent: list[int]) -> None:
    """A desk, seats in the middle, plants and machines along the walls."""
    x0, y0, x1, y1 = lobby
    x, y = (x0 + x1) / 2, (y0 + y1) / 2 + 0.85
    site.put("counter", (x, y0 + 0.9), 90, fixed=False, front=accent, info=site.chance(0.5),
             length=site.between(2.4, 3.6), tint=site.tint(site.pick(WOODS)))  # fmt: skip
    for k in (-1, 0, 1):
        site.put("seat_row", (x + k * 1.5, y), site.pick((0, 0, 90)), fixed=False, double=True,
                 count=site.count(2, 4), tint=accent)  # fmt: skip
    sides = ((x0, y0), 0.0, y1 - y0), ((x1, y1), 180.0, y1 - y0), ((x1, y0), 90.0, x1 - x0)
    for wall in (Wall(*side) for side in sides):
        for share in (0.15, 0.5, 0.85):
            _stand(site, site.pick(house.loose), wall, share * wall.length, accent)
