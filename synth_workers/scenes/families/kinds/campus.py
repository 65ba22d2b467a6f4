"""Campuses: buildings, lawns and courts between paths at right angles."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from synth_workers.scenes.families.furnishing import (
    PATHS,
    bench,
    block,
    grass,
    lamp,
    litter_bin,
    paving,
    planter,
    row,
    scatter,
    surround,
    tree,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Rect, Site
from synth_workers.scenes.families.streets import bicycles

_STYLES: tuple[str, ...] = (
    "modern", "brick", "stone", "modest", "panels", "glass", "bond", "render", "works",
)  # fmt: skip


@family("campus", indoor=False)
def draw_campus(site: Site) -> None:
    """Buildings of a campus with lawns, courts and paths between them."""
    path = site.between(3.0, 4.4)
    xs, ys = _edges(site, site.count(2, 3), path), _edges(site, site.count(2, 3), path)
    lanes_x, lanes_y = _middles(xs, path), _middles(ys, path)
    for x in lanes_x:
        site.lane((x, lanes_y[0]), (x, lanes_y[-1]), width=path - 0.9)
    for y in lanes_y:
        site.lane((lanes_x[0], y), (lanes_x[-1], y), width=path - 0.9)
    cells = [(a[1], b[1], c[0], d[0]) for (a, c), (b, d) in itertools.product(_gaps(xs), _gaps(ys))]
    whole = (xs[0][0], ys[0][0], xs[-1][1], ys[-1][1])
    site.ground_around(whole, cells, **paving(site))
    houses = set(site.some(range(len(cells)), site.count(1, max(len(cells) // 3, 1))))
    style = site.some(_STYLES, 2)
    green = grass(site)
    for k, cell in enumerate(cells):
        if k in houses:
            _building(site, cell, style[k % 2], green)
        elif site.chance(0.65):
            _lawn(site, cell, green, path)
        else:
            _court(site, cell)
    _belt(site, whole, style, green)
    for x, y in itertools.product(lanes_x, lanes_y):
        side = site.pick((-1, 1))
        lamp(site, (x + side * path * 0.62, y + path * 0.62), 180 if side > 0 else 0)


def _edges(site: Site, cells: int, path: float) -> list[tuple[float, float]]:
    """From where to where each path reaches, across ``cells`` cells of their own sizes."""
    sizes = [site.between(10.0, 15.0) for _ in range(cells)]
    at = -(sum(sizes) + path * (cells + 1)) / 2
    edges = []
    for size in [*sizes, 0.0]:
        edges.append((at, at + path))
        at += path + size
    return edges


def _middles(edges: list[tuple[float, float]], path: float) -> list[float]:
    return [low + path / 2 for low, _ in edges]


def _gaps(edges: list[tuple[float, float]]) -> list[tuple[tuple[float, float], ...]]:
    return list(itertools.pairwise(edges))


def _building(site: Site, cell: Rect, style: str, green: dict[str, Any]) -> None:
    """A building that leaves a green or paved strip around it."""
    x0, y0, x1, y1 = cell
    strip = site.between(0.9, 2.2)
    if site.chance(0.5):
        site.ground(cell, **green)
    else:
        site.ground(cell, **paving(site))
    size = (x1 - x0 - 2 * strip, y1 - y0 - 2 * strip)
    block(site, ((x0 + x1) / 2, (y0 + y1) / 2), size, style)
    if strip > 1.2:
        for y in (y0 + strip / 2 - 0.15, y1 - strip / 2 + 0.15):
            for at in row((x0 + 1, y), (x1 - 1, y), 4.0):
                if site.chance(0.5):
                    length, height = site.between(2.0, 3.4), site.between(0.6, 1.0)
                    site.put("hedge", at, 90, fixed=False, length=length, height=height, width=0.6)
    scatter(site, cell, 10)


def _lawn(site: Site, cell: Rect, green: dict[str, Any], path: float) -> None:
    """Grass with trees, perhaps a path across."""
    x0, y0, x1, y1 = cell
    site.ground(cell, **green, dirt=0.06)
    if site.chance(0.55):
        ends = ((x0, y0), (x1, y1)) if site.chance(0.5) else ((x0, y1), (x1, y0))
        _diagonal(site, *ends, path / 2)
    if site.chance(0.4):
        middle, length = (x0 + x1) / 2, x1 - x0 - 4
        site.put("hedge", (middle, y0 + 0.5), 90, fixed=False, length=length, height=0.7)
    for _ in range(site.count(2, 6)):
        at = (site.between(x0 + 1, x1 - 1), site.between(y0 + 1, y1 - 1))
        tree(site, at, height=(5.0, 7.6), grate=False)
    for heading, at in ((270, ((x0 + x1) / 2, y0 + 0.6)), (90, ((x0 + x1) / 2, y1 - 0.6))):
        bench(site, (at[0] + site.between(-3, 3), at[1]), heading)


def _diagonal(
    site: Site, start: tuple[float, float], end: tuple[float, float], step: float
) -> None:
    """A path over a lawn, between the crossings ``step`` metres beyond two of its corners."""
    width = site.between(1.8, 2.4)
    out_x = 1.0 if end[0] > start[0] else -1.0
    out_y = 1.0 if end[1] > start[1] else -1.0
    a = (start[0] - out_x * step, start[1] - out_y * step)
    b = (end[0] + out_x * step, end[1] + out_y * step)
    site.lane(a, b, width=width - 0.2)
    inset = 0.9
    points = [
        (start[0] + out_x * inset, start[1] + out_y * inset),
        (end[0] - out_x * inset, end[1] - out_y * inset),
    ]
    kind = paving(site, site.pick(PATHS))
    site.put("trail", (0, 0), points=points, width=width, **kind)


def _court(site: Site, cell: Rect) -> None:
    """A paved court with trees in rows, benches and troughs."""
    x0, y0, x1, y1 = cell
    site.ground(cell, **paving(site))
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    what = site.pick(("grove", "pond", "lawn", "racks"))
    if what == "pond":
        site.put("pond", (x, y), radius=min(x1 - x0, y1 - y0) * 0.28)
    elif what == "lawn":
        size = ((x1 - x0) * 0.5, (y1 - y0) * 0.5)
        site.put("lawn", (x, y), size=size, height=0.45)
        tree(site, (x, y, 0.41), grate=False)
    elif what == "racks":
        for dx in (-3.0, 0.0, 3.0):
            bicycles(site, (x + dx, y - 2.4), site.count(4, 7))
    else:
        for px in row((x0 + 1, 0), (x1 - 1, 0), 4.2):
            for py in row((0, y0 + 1), (0, y1 - 1), 4.2):
                if site.chance(0.7):
                    tree(site, (px[0], py[1]), height=(4.4, 5.6))
    for heading in (0, 90, 180, 270):
        bench(site, _beside(cell, heading), heading)
        planter(site, (site.between(x0 + 1, x1 - 1), site.between(y0 + 1, y1 - 1)), heading)
    scatter(site, cell, 8)


def _beside(cell: Rect, heading: int) -> tuple[float, float]:
    x0, y0, x1, y1 = cell
    middle = {0: (x1 - 0.7, 0.0), 90: (0.0, y1 - 0.7), 180: (x0 + 0.7, 0.0), 270: (0.0, y0 + 0.7)}
    x, y = middle[heading]
    return (x or (x0 + x1) / 2, y or (y0 + y1) / 2)


def _belt(site: Site, whole: Rect, styles: Sequence[str], green: dict[str, Any]) -> None:
    """Green and more buildings around everything."""
    x0, y0, x1, y1 = whole
    deep = site.between(4.0, 6.5)
    outer = (x0 - deep, y0 - deep, x1 + deep, y1 + deep)
    site.ground_around((x0 - deep - 1, y0 - deep - 1, x1 + deep + 1, y1 + deep + 1), [whole],
                       **green)  # fmt: skip
    surround(site, outer, [styles, site.some(_STYLES, 2)])
    for _ in range(site.count(10, 16)):
        side = site.count(0, 3)
        along_x, along_y = site.between(x0, x1), site.between(y0, y1)
        off = site.between(1.4, deep - 1.6)
        at = (
            (along_x, y0 - off), (x1 + off, along_y), (along_x, y1 + off), (x0 - off, along_y),
        )[side]  # fmt: skip
        if site.chance(0.5):
            tree(site, at, height=(4.6, 6.4), grate=False)
        else:
            length = site.between(2.0, 4.5)
            site.put("hedge", at, 90 * (side % 2) + 90, fixed=False, length=length, height=0.9)
    for _ in range(8):
        edge = site.pick((y0 - 0.6, y1 + 0.6))
        heading = 90 if edge < 0 else 270
        at = (site.between(x0 + 2, x1 - 2), edge)
        site.pick((bench, litter_bin))(site, at, heading)
