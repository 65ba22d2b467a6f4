"""Parks: winding paths over grass, trees, water, a street of houses around."""

from __future__ import annotations

import itertools

import numpy as np

from synth_workers.scenes.families.furnishing import (
    PATHS,
    bench,
    grass,
    lamp,
    litter_bin,
    paving,
    planter,
    surround,
    tree,
)
from synth_workers.scenes.families.registry import family
from synth_workers.scenes.families.site import Site
from synth_workers.scenes.scene_file import Point2

_LAWN = -0.03
_RISES = (0.012, 0.026)
"""Metres of a park's grass below its paths' top, and of paths above it: each may cross another."""


@family("park", indoor=False)
def draw_park(site: Site) -> None:
    """A park with winding paths, trees, and a pond, a fountain or a monument."""
    site.datum = _LAWN
    radius_x, radius_y = site.between(14, 23), site.between(14, 23)
    width = site.between(2.2, 3.0)
    ring = _ring(site, radius_x, radius_y, site.count(8, 11))
    loop = [*ring, ring[0]]
    site.lane(*loop, width=width)
    kind = paving(site, site.pick(PATHS))
    paths = [(loop, _RISES[0])]
    core = site.between(3.6, 5.4)
    inner = _circle(core + 2.6, 8)
    round_core = [*inner, inner[0]]
    site.lane(*round_core, width=width - 0.2)
    paths.append((round_core, _RISES[0]))
    reached: list[Point2] = []
    for k in site.some(range(8), site.count(3, 5)):
        angle = 2 * np.pi * (k + 0.5) / 8
        near, far = _towards(inner, angle), _towards(ring, angle)
        if far in reached:
            continue
        reached.append(far)
        bend = site.between(-2.0, 2.0)
        x = (near[0] + far[0]) / 2 - bend * float(np.sin(angle))
        y = (near[1] + far[1]) / 2 + bend * float(np.cos(angle))
        spoke = [near, (x, y), far]
        site.lane(*spoke, width=width - 0.2)
        paths.append((spoke, _RISES[1]))
    outer_x, outer_y = radius_x + site.between(6.5, 10), radius_y + site.between(6.5, 10)
    _ground(site, outer_x, outer_y)
    for points, rise in paths:
        site.put("trail", (0, 0), points=points, width=width + 0.3, rise=rise, **kind)
    surround(site, (-outer_x, -outer_y, outer_x, outer_y))
    _core(site, core)
    _along(site, paths, width)
    _greenery(site, outer_x - 3.2, outer_y - 3.2)


def _ring(site: Site, x: float, y: float, count: int) -> list[Point2]:
    """Corners of a bent ellipse, the first in no particular direction."""
    angles = (np.arange(count) + site.rng.uniform(-0.18, 0.18, count)) * 2 * np.pi / count
    reach = site.rng.uniform(0.86, 1.06, count)
    at = np.column_stack([np.cos(angles) * x * reach, np.sin(angles) * y * reach])
    return [(float(a), float(b)) for a, b in np.round(at, 3)]


def _circle(radius: float, count: int) -> list[Point2]:
    angles = (np.arange(count) + 0.5) * 2 * np.pi / count
    at = np.round(np.column_stack([np.cos(angles), np.sin(angles)]) * radius, 3)
    return [(float(a), float(b)) for a, b in at]


def _towards(corners: list[Point2], angle: float) -> Point2:
    """The corner that lies most nearly in a direction, radians."""
    return max(corners, key=lambda at: float(np.cos(np.arctan2(at[1], at[0]) - angle)))


def _ground(site: Site, x: float, y: float) -> None:
    """Grass, and pavement before the houses."""
    lawn = (-x + 2.6, -y + 2.6, x - 2.6, y - 2.6)
    site.ground(lawn, z=_LAWN, **grass(site), dirt=0.08)
    site.ground_around((-x - 0.5, -y - 0.5, x + 0.5, y + 0.5), [lawn], **paving(site))


def _core(site: Site, radius: float) -> None:
    """What the paths lead to."""
    what = site.pick(("pond", "pond", "fountain", "statue", "grove"))
    if what == "pond":
        site.put("pond", (0, 0), radius=radius - 0.7, tint=site.tint((176, 172, 160)))
    elif what == "fountain":
        site.put("fountain", (0, 0), radius=min(radius - 0.8, 3.2), tint=site.tint((206, 198, 184)))
    elif what == "statue":
        site.put("statue", (0, 0), site.between(0, 360), tint=site.tint((86, 104, 94), 0.15))
        for k in range(8):
            angle = k * np.pi / 4
            at = (float(np.cos(angle)) * 2.4, float(np.sin(angle)) * 2.4)
            planter(site, at, 90 * round(k / 2))
    else:
        for x, y in ((-1.6, -1.6), (1.6, -1.6), (-1.6, 1.6), (1.6, 1.6)):
            tree(site, (x, y), height=(6.0, 7.4), grate=False)


def _along(site: Site, paths: list[tuple[list[Point2], float]], width: float) -> None:
    """Benches, lamps and bins beside the paths."""
    for points, _ in paths:
        for a, b in itertools.pairwise(points):
            along = np.subtract(b, a)
            length = float(np.hypot(*along))
            side = np.array([-along[1], along[0]]) / max(length, 1e-6)
            if length < 3.0:
                continue
            for share in (0.3, 0.7):
                turn = site.pick((-1.0, 1.0))
                place = np.add(a, along * share) + side * turn * (width / 2 + 0.75)
                at = (float(place[0]), float(place[1]))
                heading = float(np.degrees(np.arctan2(*(-side * turn)[::-1])))
                what = site.pick(("bench", "bench", "lamp", "lamp", "bin"))
                if what == "bench":
                    bench(site, at, heading)
                elif what == "lamp":
                    lamp(site, at, heading, style=site.pick(("globe", "mast")))
                elif what == "bin":
                    litter_bin(site, at, heading)


def _greenery(site: Site, x: float, y: float) -> None:
    """Trees, hedges and flowers where nobody walks."""
    for _ in range(site.count(26, 40)):
        at = (site.between(-x, x), site.between(-y, y))
        what = site.pick(("tree", "tree", "tree", "hedge", "flowers"))
        if what == "tree":
            tree(site, at, height=(5.0, 8.6), grate=False)
        elif what == "hedge":
            length, height = site.between(2.0, 4.5), site.between(0.7, 1.3)
            site.put("hedge", at, 90 * site.count(0, 1), fixed=False, length=length, height=height)
        else:
            planter(site, at, 90 * site.count(0, 1))
    for side in (-1, 1):
        for start in np.arange(-x, x - 4, 4.6):
            if site.chance(0.75):
                site.put(
                    "fence", (float(start) + 4.3, side * (y + 0.3)), 90, length=4.3, fixed=False
                )
        for start in np.arange(-y, y - 4, 4.6):
            if site.chance(0.75):
                site.put("fence", (side * (x + 0.3), float(start)), 0, length=4.3, fixed=False)
