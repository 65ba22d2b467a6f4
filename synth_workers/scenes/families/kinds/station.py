"""Station concourses: a high hall with seats, boards and kiosks, shops at one side and trains
behind a line of gates at the other."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from synth_workers.scenes.families.furnishing import (
    bench,
    cafe,
    litter_bin,
    planter,
    pole,
)
from synth_workers.scenes.families.indoors import (
    ACCENTS,
    PAINTS,
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
    wall_mounts,
    without_band,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site

_PLATFORM = 8.4
_LOW = 4.4
"""Metres: depth of the platform's hall, height of what is not the great hall."""


class _Hall(NamedTuple):
    """``xs``, ``ys``: where the lanes run; ``platform``: the hall of the trains, if any."""

    main: Rect
    platform: Rect | None
    top: float
    xs: list[float]
    ys: list[float]
    lane: float
    livery: tuple[int, int, int]


@family("station", indoor=True)
def draw_station(site: Site) -> None:
    """A station concourse with seats, boards, kiosks and shops, perhaps open to a platform."""
    hall = _plan(site)
    halls = [hall.main, *([hall.platform] if hall.platform else [])]
    _lanes(site, hall)
    materials = ("terrazzo", "large_slabs", "marble", "slabs", "checker_tiles", "banded_slabs")
    lay(site, halls, [flooring(site, materials) for _ in range(2)])
    looks = paint(site) | {"material": site.pick(("plaster", "ashlar", "brick", "concrete"))}
    _walls(site, hall, looks)
    _above(site, hall)
    _columns(site, hall)
    for x0, x1 in itertools.pairwise(hall.xs):
        for y0, y1 in itertools.pairwise(hall.ys):
            half = hall.lane / 2 + 0.25
            _field(site, hall, (x0 + half, y0 + half, x1 - half, y1 - half))
    _boards(site, hall)
    if hall.platform:
        _platform(site, hall, hall.platform)
    night_lamps(site, halls, _LOW)


def _plan(site: Site) -> _Hall:
    half_x, half_y = site.between(17, 26), site.between(9.5, 13.5)
    lane = site.between(2.0, 2.8)
    edge = lane / 2 + site.between(1.0, 1.6)
    columns, rows = round(2 * half_x / site.between(8.5, 11)), site.pick((2, 2, 3))
    across, along = 2 * (half_x - edge), 2 * (half_y - edge)
    xs = [-half_x + edge + across * k / columns for k in range(columns + 1)]
    ys = [-half_y + edge + along * k / rows for k in range(rows + 1)]
    main = (-half_x, -half_y, half_x, half_y)
    behind = (-half_x, half_y, half_x, half_y + _PLATFORM) if site.chance(0.65) else None
    livery = site.pick(((34, 70, 120), (150, 46, 44), (40, 96, 70), (90, 60, 110), (176, 120, 40)))
    return _Hall(main, behind, site.between(7.0, 10.0), xs, ys, lane, livery)


def _gaps(hall: _Hall) -> list[float]:
    """Where people pass the gates."""
    return [hall.xs[1], hall.xs[-2]]


def _lanes(site: Site, hall: _Hall) -> None:
    for y in hall.ys:
        site.lane((hall.xs[0], y), (hall.xs[-1], y), width=hall.lane)
    for x in hall.xs:
        site.lane((x, hall.ys[0]), (x, hall.ys[-1]), width=hall.lane)
    if hall.platform:
        y = hall.main[3] + 2.6
        site.lane((hall.xs[0], y), (hall.xs[-1], y), width=2.2)
        for x in _gaps(hall):
            site.lane((x, hall.ys[-1]), (x, y), width=1.8)


def _walls(site: Site, hall: _Hall, looks: dict[str, Any]) -> None:
    x0, y0, x1, y1 = hall.main
    shops, south = site.chance(0.75), Wall((x1, y0), 90.0, x1 - x0)
    if shops:
        shop_row(site, south, _LOW, closed=0.05)
        upper = (*south.corner, _LOW)
        site.put("inner_wall", upper, south.heading, length=south.length, height=hall.top - _LOW,
                 **without_band(looks))  # fmt: skip
        wall_mounts(site, south, hall.top, low=3.2)
    else:
        build_wall(site, south, hall.top, looks)
        _wall_row(site, hall, south)
    if not hall.platform:
        north = Wall((x0, y1), -90.0, x1 - x0)
        if site.chance(0.4):
            _glazed(site, north, hall.top)
        else:
            build_wall(site, north, hall.top, looks)
            _wall_row(site, hall, north)
    for wall in (Wall((x0, y0), 0.0, y1 - y0), Wall((x1, y1), 180.0, y1 - y0)):
        if site.chance(0.6):
            _glazed(site, wall, hall.top)
            continue
        build_wall(site, wall, hall.top, looks)
        for share in (0.2, 0.5, 0.8):
            at = wall.at(share * wall.length)
            site.put("wall_poster", at, wall.heading, poster=site.count(0, 7), width=1.6)
    if hall.platform:
        over = Wall((x0, y1), -90.0, x1 - x0)
        site.put("inner_wall", (*over.corner, _LOW), over.heading, length=over.length,
                 height=hall.top - _LOW, **without_band(looks))  # fmt: skip
        for wall in outline([hall.main, hall.platform]):
            if wall.at(wall.length / 2)[1] > y1 + 0.01:
                build_wall(site, wall, _LOW, looks)


def _glazed(site: Site, wall: Wall, top: float) -> None:
    """Tall windows one above the other."""
    rows = max(round(top / 3.4), 1)
    for k in range(rows):
        place = (*wall.corner, k * top / rows)
        site.put("glass_front", place, wall.heading, length=wall.length, height=top / rows,
                 daylight=site.between(0.9, 1.2))  # fmt: skip
    wall_mounts(site, wall, top)


def _wall_row(site: Site, hall: _Hall, wall: Wall) -> None:
    """Ticket machines, lockers and posters along a wall."""
    step = 3.0
    for k in range(int(wall.length / step)):
        along = (k + 0.5) * step
        what = site.pick(("machine", "machine", "lockers", "poster", "poster", "seats", "door"))
        if what == "machine":
            for aside in (-0.5, 0.5):
                site.put("ticket_machine", wall.at(along + aside, 0.4), wall.heading,
                         tint=site.tint(hall.livery))  # fmt: skip
        elif what == "lockers":
            site.put("lockers", wall.at(along, 0.36), wall.heading, count=6,
                     tint=site.tint(site.pick(((150, 156, 148), *ACCENTS))))  # fmt: skip
        elif what == "poster":
            site.put("wall_poster", wall.at(along), wall.heading, poster=site.count(0, 7))
        elif what == "seats":
            site.put("seat_row", wall.at(along, 0.45), wall.heading, count=4,
                     tint=site.tint(hall.livery))  # fmt: skip
        else:
            site.put("inner_door", wall.at(along), wall.heading, width=1.7, double=True,
                     tint=site.tint((120, 124, 128)))  # fmt: skip


def _above(site: Site, hall: _Hall) -> None:
    x0, y0, x1, y1 = hall.main
    looks, steel = ceiling_looks(site), site.tint(site.pick(STEELS))
    sides = [hall.main]
    if site.chance(0.55):
        wide = site.between(3.0, min(y1 - 2.0, 7.0))
        site.put("glass_roof", (0, 0), 90, rect=(-wide, x0, wide, x1), z=hall.top, tint=steel,
                 rise=site.between(0.8, 2.4), bay=site.pick((2.0, 2.6, 3.2)))  # fmt: skip
        sides = [(x0, y0, x1, -wide), (x0, wide, x1, y1)]
    lid(site, sides, hall.top, **looks)
    lamps(site, sides, hall.top, kind=site.pick(("strips", "panels", "globe", "cone")))
    if site.chance(0.5):
        site.put("trusses", (0, 0), 90, rect=(y0, -x1, y1, -x0), z=hall.top, tint=steel,
                 pitch=site.between(4.0, 6.0), depth=site.between(0.8, 1.3))  # fmt: skip
    if hall.platform:
        lid(site, [hall.platform], _LOW, **looks)
        lamps(site, [hall.platform], _LOW, kind="strips")
        ceiling_mounts(site, hall.platform, _LOW)


def _columns(site: Site, hall: _Hall) -> None:
    """Columns beside the crossings of the lanes."""
    if site.chance(0.3):
        return
    round_ = site.chance(0.5)
    tint, size = site.tint(site.pick(PAINTS)), site.between(0.5, 0.8)
    aside = hall.lane / 2 + size / 2 + 0.15
    for x in hall.xs[1:-1]:
        for y in hall.ys:
            inwards = aside if y < 0 else -aside
            at = (x + aside, y + inwards)
            if round_:
                stands = site.put("column", at, fixed=False, radius=size / 2, height=hall.top,
                                  tint=tint)  # fmt: skip
            else:
                stands = site.put("pillar", at, site.pick((0, 90, 180, 270)), fixed=False,
                                  size=size, height=hall.top, tint=tint,
                                  guard=site.tint(hall.livery))  # fmt: skip
            if stands:
                pole(site, at, 7.5)


def _field(site: Site, hall: _Hall, rect: Rect) -> None:
    """What stands between four lanes."""
    x0, y0, x1, y1 = rect
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    what = site.pick(("seats", "seats", "seats", "kiosk", "desk", "cafe", "green", "machines"))
    accent = site.tint(site.pick((hall.livery, *ACCENTS)))
    if what == "seats":
        heading = site.pick((0, 90))
        count = max(int(((y1 - y0) if heading == 0 else (x1 - x0) / 2) / 0.56) - 1, 2)
        for k in (-1, 0, 1):
            at = (x + k * 2.0, y) if heading == 0 else (x, y + k * 2.0)
            site.put("seat_row", at, heading, fixed=False, count=min(count, 6), double=True,
                     tint=accent, material=site.pick(("metal", "planks")))  # fmt: skip
    elif what == "kiosk":
        site.put("kiosk", (x, y), site.pick((0, 90, 180, 270)), fixed=False, tint=accent)
    elif what == "desk":
        site.put("counter", (x, y), site.pick((0, 90, 180, 270)), fixed=False, front=accent,
                 length=site.between(2.4, 3.4), info=site.chance(0.7))  # fmt: skip
    elif what == "cafe":
        for dx, dy in itertools.product((-0.28, 0.28), (-0.25, 0.25)):
            cafe(site, (x + dx * (x1 - x0), y + dy * (y1 - y0)), 0)
    elif what == "green":
        planter(site, (x, y), site.pick((0, 90)))
        for dx in (-1.9, 1.9):
            bench(site, (x + dx, y), 0 if dx > 0 else 180)
    else:
        for k in (-1, 0, 1):
            for way in (0, 180):
                at = (x + (0.4 if way == 0 else -0.4), y + k * 0.9)
                site.put("ticket_machine", at, way, fixed=False, tint=site.tint(hall.livery))
    for _ in range(3):
        hall_oddment(site, (site.between(x0, x1), site.between(y0, y1)), site.pick((0, 90)))
    litter_bin(site, (x0 + 0.3, y0 + 0.3), 45)


def _boards(site: Site, hall: _Hall) -> None:
    """The board of departures and the clock."""
    x = site.pick((0.0, hall.main[0] * 0.4, hall.main[2] * 0.4))
    site.put("departure_board", (x, 0), site.pick((0, 90)), width=site.between(4, 6.5),
             rows=site.count(5, 9), z=site.between(3.4, 4.2), ceiling=hall.top)  # fmt: skip
    site.put("station_clock", (x + site.pick((-5.5, 5.5)), 0), site.pick((0, 90)),
             z=site.between(3.2, 4.4), ceiling=hall.top, hour=site.between(0, 12))  # fmt: skip


def _platform(site: Site, hall: _Hall, platform: Rect) -> None:
    """Gates with gaps, a train, seats and signs of platforms."""
    x0, y0, x1, y1 = platform
    stops = [x0 + 0.6, *(edge for x in _gaps(hall) for edge in (x - 1.15, x + 1.15)), x1 - 0.6]
    tint = site.tint(site.pick(((150, 154, 158), (96, 98, 102), hall.livery)))
    for start, end in zip(stops[::2], stops[1::2], strict=True):
        count = int((end - start - 0.3) / 0.9) + 1
        if count > 1:
            pitch = (end - start - 0.3) / (count - 1)
            site.put("ticket_gates", (end - 0.15, y0), 90, count=count, pitch=pitch, tint=tint)
    site.put("train", (0, y1 - 1.75), 90, length=x1 - x0 - 0.4, coach=site.between(13, 19),
             body=site.tint(site.pick(((206, 208, 210), (176, 44, 40), (230, 226, 214),
                                       (60, 90, 130), (90, 120, 96)))),
             stripe=site.tint(hall.livery))  # fmt: skip
    for x in hall.xs:
        site.put("seat_row", (x + 2.4, y0 + 1.0), 90, fixed=False, count=3,
                 tint=site.tint(hall.livery))  # fmt: skip
    for x in _gaps(hall):
        site.put("exit_sign", (x, y0 + 0.1), 90, z=_LOW, rod=0.3)
