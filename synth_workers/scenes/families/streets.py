"""Carriageways with kerbs, dropped kerbs and crossings, and what stands along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synth_workers.scenes.families.furnishing import (
    bench,
    cafe,
    lamp,
    litter_bin,
    oddment,
    parked,
    planter,
    row,
    tree,
)
from synth_workers.scenes.families.site import Rect, Site
from synth_workers.scenes.kit.ground import KERB_HEIGHT

END = 2.2
"""Metres of pavement between the end of a carriageway and the houses there."""

RAMP_WIDTH = 4.0
RAMP_RUN = 1.0
CROSSING_WIDTH = 2.6
_CAR_WIDTH = 1.9
_KERB_CLEAR = 0.65


def carriageway(site: Site, rect: Rect) -> None:
    """Asphalt a kerb's height below the pavements, with covers."""
    x0, y0, x1, y1 = rect
    tint = site.tint((246, 244, 242), 0.08)
    site.ground(rect, "tarmac", z=-KERB_HEIGHT, tint=tint, dirt=site.between(0.05, 0.09))
    middle = ((x0 + x1) / 2, (y0 + y1) / 2, -KERB_HEIGHT)
    spread = ((x1 - x0) * 0.5, (y1 - y0) * 0.8)
    site.put("manholes", middle, count=site.count(2, 5), spread=spread)


def road_end(site: Site, x0: float, x1: float, y: float, paved: dict[str, Any]) -> None:
    """Pavement and kerb across the end, at larger y, of a carriageway along y."""
    site.ground((x0, y - END, x1, y + 0.5), **paved)
    site.put("kerb", (x0, y - END), 270, length=x1 - x0)


def kerbside(
    site: Site, x: float, y0: float, y1: float, crossings: Sequence[float], paved: dict[str, Any],
    side: int,
) -> None:  # fmt: skip
    """The last metre of pavement before a carriageway along y whose edge is at ``x``: kerb, and a
    ramp at every crossing. ``side``: 1 if the pavement lies at larger x, else -1."""
    half = RAMP_WIDTH / 2
    inner = x + side * RAMP_RUN
    low, high = min(x, inner), max(x, inner)
    holes = [(low, y - half, high, y + half) for y in crossings]
    site.ground_around((low, y0, high, y1), holes, step=1.0, **paved)
    for y in crossings:
        tint = [int(v * 0.94) for v in paved["tint"]]
        heading = 180.0 if side > 0 else 0.0
        ramp = {"width": RAMP_WIDTH, "run": RAMP_RUN, "material": paved["material"], "tint": tint}
        site.put("ramp", (inner, y), heading, **ramp)
    edges = [y0, *(v for y in sorted(crossings) for v in (y - half, y + half)), y1]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > 0.3:
            site.put("kerb", (x, start), length=end - start)


def crossing(site: Site, x0: float, x1: float, y: float, from_x: float, to_x: float) -> None:
    """A zebra crossing over a carriageway along y, its lane from one pavement to the other."""
    bar, gap = 0.5, 0.48
    count = int((x1 - x0 - 0.4) / (bar + gap))
    start = (x0 + x1 - count * (bar + gap) + gap) / 2
    site.put("stripes", (start, y, -KERB_HEIGHT), count=count, length=3.4, width=bar, gap=gap)
    ends = (from_x, x0 - RAMP_RUN, x0, x1, x1 + RAMP_RUN, to_x)
    site.lane(*((x, y) for x in ends), width=CROSSING_WIDTH)


def dashes(site: Site, x: float, y0: float, y1: float) -> None:
    """A dashed line along the middle of a carriageway along y."""
    count = int((y1 - y0) / 4.0)
    if count > 0:
        site.put("stripes", (x, y0, -KERB_HEIGHT), 90, count=count, length=0.12, width=1.8, gap=2.2)


def parked_along(
    site: Site, x: float, y0: float, y1: float, crossings: Sequence[float], side: int
) -> None:
    """Cars at the kerb at ``x`` of a carriageway that lies at smaller x if ``side`` is 1."""
    clear = RAMP_WIDTH / 2 + 2.4
    edges = [y0, *(v for y in sorted(crossings) for v in (y - clear, y + clear)), y1]
    middle = x - side * (_CAR_WIDTH / 2 + 0.25)
    share = site.between(0.4, 0.95)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start > 5.0:
            heading = 90.0 if side > 0 else 270.0
            parked(site, (middle, start), (middle, end), heading, z=-KERB_HEIGHT, share=share)


def kerb_furniture(
    site: Site, x: float, y0: float, y1: float, side: int, *, trees: bool, cafes: bool = False
) -> None:
    """Lamps, trees and small things in a row beside the kerb at ``x``; ``side`` as in
    ``kerbside``. What they look at is the pavement."""
    line = x + side * _KERB_CLEAR
    inwards = 0.0 if side > 0 else 180.0
    for at in row((x + side * 0.6, y0), (x + side * 0.6, y1), site.between(11, 16)):
        lamp(site, at, inwards + 180, style=site.pick(("mast", "mast", "mast", "globe")))
    step = site.between(6.5, 9.0)
    for _, y in row((line, y0), (line, y1), step):
        if trees and site.chance(0.75):
            tree(site, (x + side * 1.1, y), height=(4.8, 6.6))
        elif site.chance(0.5):
            bench(site, (line, y), inwards + site.pick((0.0, 180.0)))
    if site.chance(0.5):
        site.put(
            "bus_stop", (line + side * 0.4, site.between(y0 + 4, y1 - 4)), inwards, fixed=False
        )
    kind = site.pick(("bollard", "planter", "none"))
    for at in row((x + side * 0.4, y0), (x + side * 0.4, y1), 2.4 if kind == "bollard" else 6.0):
        if kind == "bollard":
            site.put("bollard", at, fixed=False)
        elif kind == "planter" and site.chance(0.4):
            planter(site, (line, at[1]), 0)
    for _ in range(6):
        oddment(site, (line, site.between(y0, y1)), inwards)
    for _ in range(2):
        litter_bin(site, (line, site.between(y0, y1)), inwards)
    if cafes:
        for _ in range(4):
            cafe(site, (line + side * 0.3, site.between(y0, y1)), 0)


def front_furniture(site: Site, x: float, y0: float, y1: float, side: int) -> None:
    """Cafe tables, planters and cabinets before the houses, whose front is at ``x``; ``side``: 1 if
    the pavement lies at larger x."""
    line = x + side * 1.3
    for _ in range(site.count(1, 3)):
        y, cloth = site.between(y0 + 2, y1 - 4), None
        for k in range(site.count(2, 4)):
            cafe(site, (line, y + 1.75 * k), 0, cloth=cloth)
    inwards = 0.0 if side > 0 else 180.0
    for _ in range(7):
        oddment(site, (x + side * 0.75, site.between(y0, y1)), inwards)
    if site.chance(0.5):
        bicycles(site, (x + side * 1.4, site.between(y0 + 3, y1 - 6)), site.count(3, 6))


def bicycles(site: Site, at: tuple[float, float], count: int) -> None:
    """A rack along +y with some bicycles between its hoops, if there is room for all."""
    x, y = at
    room = (x - 0.95, y - 0.2, x + 0.95, y + 0.8 * count)
    if not site.free_area(room, 1.0):
        return
    site.put("bike_rack", at, count=count)
    paints = ((60, 72, 84), (130, 44, 40), (40, 42, 44), (180, 176, 160), (70, 96, 76))
    for k in range(count):
        if site.chance(0.6):
            paint = site.tint(site.pick(paints))
            site.put("bicycle", (x, y + 0.8 * k + 0.25), site.between(-4, 4), paint=paint)
