"""What several families share: houses with their mounts, rows of things, things strewn about.

Everything is drawn from the site's ``rng``; what finds no free place is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from synth_workers.scenes.families.site import Rect, Site
from synth_workers.scenes.kit.building_styles import LIFT
from synth_workers.scenes.scene_file import Point2

CAR_PAINTS = (
    (186, 188, 192), (40, 42, 46), (96, 28, 28), (44, 58, 88), (222, 222, 220), (108, 112, 116),
    (64, 80, 72), (150, 138, 118), (28, 46, 60), (132, 40, 34), (200, 190, 160), (70, 72, 76),
    (206, 150, 60), (116, 150, 166), (70, 104, 84), (196, 92, 60), (92, 60, 80), (236, 234, 226),
    (160, 172, 140), (40, 76, 128),
)  # fmt: skip
LEAVES = (
    (150, 170, 110), (168, 166, 100), (158, 164, 100), (140, 160, 112), (132, 154, 116),
    (172, 158, 96), (126, 146, 96), (190, 150, 84), (196, 122, 72), (150, 92, 86), (206, 180, 96),
    (128, 146, 134), (104, 128, 92),
)  # fmt: skip
NEEDLES = ((96, 122, 92), (112, 136, 122), (84, 104, 82), (126, 134, 92))
CLOTHS = (
    (168, 60, 50), (66, 92, 78), (176, 164, 138), (70, 86, 118), (196, 186, 160), (152, 70, 58),
    (206, 194, 166), (190, 140, 60), (110, 60, 90), (210, 206, 198),
)  # fmt: skip
WOODS = ((206, 170, 132), (150, 116, 84), (186, 160, 130), (120, 92, 70), (96, 98, 100))
STONES = ((206, 200, 192), (150, 146, 142), (150, 110, 84), (190, 176, 160), (176, 178, 180))
PAVINGS = {
    "slabs": (214, 208, 200), "large_slabs": (206, 202, 198), "setts": (222, 216, 210),
    "clay_pavers": (212, 210, 208), "concrete_pavers": (212, 208, 202), "tarmac": (250, 246, 240),
    "concrete": (204, 200, 194), "herringbone": (222, 216, 210), "flagstones": (216, 210, 204),
    "cobbles": (224, 218, 210), "hexagons": (214, 210, 204), "mosaic": (220, 214, 206),
    "banded_slabs": (212, 208, 202), "gravel": (226, 220, 210),
}  # fmt: skip
"""Grounds that are walked on, and their usual tints."""

PATHS = (
    "soil", "gravel", "gravel", "tarmac", "concrete_pavers", "clay_pavers", "slabs", "herringbone",
    "cobbles", "flagstones", "mosaic",
)  # fmt: skip
"""What paths over grass are made of."""

_SOIL = (216, 210, 200)
_GRASS = {"grass": (218, 200, 188), "lawn_grass": (226, 222, 214)}
STYLES: tuple[str, ...] = (
    "townhouse", "brick", "stone", "arcade", "modern", "modest", "painted", "tiled", "timber",
    "rubble", "panels", "glass", "render", "bond",
)  # fmt: skip

_MOUNT_STEP = 4.0
_OFF_WALL = 1.8
"""Metres before a front at which cameras hang, clear of balconies and awnings."""


def facing(heading: float) -> Point2:
    """The unit vector in which something with this heading looks."""
    angle = np.radians(heading)
    return (float(np.cos(angle)), float(np.sin(angle)))


def inner_sides(rect: Rect) -> tuple[tuple[Point2, float, float], ...]:
    """The four sides of a rectangle that look inwards: corner (left end seen from behind), heading
    in degrees, length in metres."""
    x0, y0, x1, y1 = rect
    return (
        ((x0, y0), 0.0, y1 - y0), ((x0, y1), -90.0, x1 - x0),
        ((x1, y1), 180.0, y1 - y0), ((x1, y0), 90.0, x1 - x0),
    )  # fmt: skip


def houses(
    site: Site, corner: Point2, heading: float, length: float,
    styles: Sequence[str] | None = None, **parameters: Any,
) -> None:  # fmt: skip
    """A row of houses that looks in ``heading``: from ``corner``, its left end seen from behind,
    as long as ``length``. Cameras may hang along its front."""
    chosen = list(styles or site.some(STYLES, 2))
    site.put("terrace", corner, heading, length=length, styles=chosen, lift=LIFT, **parameters)
    (fx, fy), (sx, sy) = facing(heading), facing(heading + 90)
    for along in np.arange(_MOUNT_STEP / 2, length, _MOUNT_STEP):
        x, y = corner[0] + fx * _OFF_WALL + sx * along, corner[1] + fy * _OFF_WALL + sy * along
        site.mount(x, y, 3.0, 8.0, heading)


def block(site: Site, at: Point2, size: tuple[float, float], style: str) -> None:
    """A free-standing building, ``size`` along x and y. Cameras may hang on its walls."""
    x, y = size[0] / 2, size[1] / 2
    site.put("block", at, size=size, storeys=site.count(2, 4), style=style, lift=LIFT)
    sides = ((0.0, x, y), (90.0, y, x), (180.0, x, y), (270.0, y, x))
    for heading, off, half in sides:
        (fx, fy), (sx, sy) = facing(heading), facing(heading + 90)
        for along in np.arange(-half + 1.5, half - 1.0, _MOUNT_STEP):
            out = off + _OFF_WALL
            site.mount(
                at[0] + fx * out + sx * along, at[1] + fy * out + sy * along, 3.4, 8.0, heading
            )


def surround(site: Site, rect: Rect, styles: Sequence[Sequence[str]] = ()) -> None:
    """Houses on all four sides of a rectangle, looking inwards."""
    for k, (corner, heading, length) in enumerate(inner_sides(rect)):
        houses(site, corner, heading, length, styles[k % len(styles)] if styles else None)


def row(start: Point2, end: Point2, step: float) -> list[Point2]:
    """Places every ``step`` metres from ``start`` to ``end``, both half a gap away."""
    a, span = np.asarray(start), np.asarray(end) - np.asarray(start)
    length = float(np.hypot(*span))
    count = max(int(length / step), 1)
    at = a + (np.arange(count)[:, None] + 0.5) / count * span
    return [(float(x), float(y)) for x, y in at]


def paving(site: Site, material: str | None = None) -> dict[str, Any]:
    """A ground material with its tint and its dirt."""
    chosen = material or site.pick([name for name in PAVINGS if name != "gravel"])
    return {
        "material": chosen,
        "tint": site.tint(PAVINGS.get(chosen, _SOIL), 0.12, 0.05),
        "dirt": site.between(0.03, 0.1),
    }


def grass(site: Site) -> dict[str, Any]:
    """A lawn's material and tint."""
    material = site.pick(("grass", "lawn_grass", "lawn_grass"))
    return {"material": material, "tint": site.tint(_GRASS[material], 0.1, 0.04)}


def tree(
    site: Site, at: Sequence[float], *, height: tuple[float, float] = (4.8, 7.2), **more: Any
) -> bool:
    """A tree of its own height, width and green; out of doors sometimes a conifer."""
    turn, tall = site.between(0, 360), site.between(*height)
    if not site.indoor and site.chance(0.15):
        return site.put(
            "conifer", at, turn, fixed=False, height=tall, spread=site.between(0.8, 1.2),
            colour=site.tint(site.pick(NEEDLES)),
        )  # fmt: skip
    return site.put(
        "tree", at, turn, fixed=False, height=tall, spread=site.between(0.65, 1.15),
        leaves=site.count(360, 460), colour=site.tint(site.pick(LEAVES)), **more,
    )  # fmt: skip


def lamp(site: Site, at: Point2, heading: float, *, style: str | None = None) -> bool:
    """A street lamp; a camera may hang on its mast."""
    chosen = style or site.pick(("mast", "mast", "globe"))
    height = site.between(4.6, 6.2) if chosen == "mast" else site.between(4.2, 5.0)
    stands = site.put(
        "lamp", at, heading, fixed=False, style=chosen, height=height,
        power=site.between(20, 28) if chosen == "mast" else site.between(12, 20),
    )  # fmt: skip
    if stands:
        pole(site, at, height)
    return stands


def pole(site: Site, at: Point2, height: float) -> None:
    """Cameras may hang on a pole, on four sides of it."""
    for heading in (0.0, 90.0, 180.0, 270.0):
        x, y = facing(heading)
        site.mount(at[0] + x * 0.55, at[1] + y * 0.55, 2.4, max(height, 3.0), heading)


def car(site: Site, at: Sequence[float], heading: float) -> bool:
    """A parked car of some kind and paint."""
    kind = site.pick(("saloon", "hatchback", "saloon", "hatchback", "van"))
    turned = heading + site.between(-1.5, 1.5)
    paint = site.tint(site.pick(CAR_PAINTS), 0.08)
    return site.put("car", at, turned, fixed=False, kind=kind, paint=paint, lift=LIFT)


def parked(
    site: Site, start: Point2, end: Point2, heading: float, *, z: float = 0.0, step: float = 5.6,
    share: float = 0.75,
) -> None:  # fmt: skip
    """Cars parked in a row, some places empty."""
    for x, y in row(start, end, step):
        if site.chance(share):
            car(site, (x, y, z), heading + (180 if site.chance(0.3) else 0))


def bench(site: Site, at: Point2, heading: float) -> bool:
    """A bench that looks in ``heading``."""
    return site.put(
        "bench", at, heading, fixed=False, length=site.pick((1.5, 1.7, 2.0)),
        back=site.chance(0.75), tint=site.tint(site.pick(WOODS)),
    )  # fmt: skip


def planter(site: Site, at: Point2, heading: float) -> bool:
    """A trough with shrubs or flowers."""
    return site.put(
        "planter", at, heading, fixed=False, length=site.between(1.4, 2.8),
        shrub=site.between(0.4, 0.7), material=site.pick(("concrete", "ashlar", "planks")),
        tint=site.tint(site.pick(STONES)), colour=site.tint(site.pick(LEAVES)),
        flowers=site.chance(0.5),
    )  # fmt: skip


def cafe(site: Site, at: Point2, heading: float, *, cloth: Sequence[float] | None = None) -> bool:
    """A cafe table, perhaps under a parasol."""
    return site.put(
        "cafe_table", at, heading, fixed=False, parasol=site.chance(0.6),
        cloth=site.tint(cloth or site.pick(CLOTHS)), tint=site.tint(site.pick(WOODS)),
    )  # fmt: skip


def stall(site: Site, at: Point2, heading: float, *, length: float | None = None) -> bool:
    """A market stall."""
    return site.put(
        "stall", at, heading, fixed=False, length=length or site.between(2.4, 3.6),
        cloth=site.tint(site.pick(CLOTHS)), goods=site.pick(("fruit", "cloth", "flowers", "fruit")),
    )  # fmt: skip


def litter_bin(site: Site, at: Point2, heading: float) -> bool:
    """A litter bin."""
    tints = ((62, 80, 66), (70, 72, 76), (110, 64, 48), (54, 66, 92))
    return site.put("bin", at, heading, fixed=False, tint=site.tint(site.pick(tints)))


def oddment(site: Site, at: Point2, heading: float) -> bool:
    """One of the small things that stand about on pavements."""
    quarter = round(heading / 90) * 90.0
    kind = site.pick(("bin", "planter", "bench", "poster", "column", "cabinet", "bollard", "sign"))
    if kind == "bin":
        return litter_bin(site, at, heading)
    if kind == "planter":
        return planter(site, at, quarter)
    if kind == "bench":
        return bench(site, at, quarter)
    if kind == "poster":
        return site.put("poster_board", at, quarter, fixed=False, poster=site.count(0, 7))
    if kind == "column":
        return site.put("poster_column", at, heading, fixed=False)
    if kind == "cabinet":
        return site.put("cabinet", at, quarter, fixed=False, tint=site.tint((150, 156, 148), 0.12))
    if kind == "sign":
        return site.put("sign_post", at, quarter, fixed=False, sign=site.count(0, 15))
    return site.put("bollard", at, heading, fixed=False)


def scatter(site: Site, rect: Rect, count: int) -> None:
    """Small things at random places of a rectangle, ``count`` tries."""
    x0, y0, x1, y1 = rect
    for _ in range(count):
        oddment(site, (site.between(x0, x1), site.between(y0, y1)), site.between(0, 360))


def shop_glow(site: Site, start: Point2, end: Point2, step: float = 9.0) -> None:
    """What falls out of shop windows at night, along a front."""
    for at in row(start, end, step):
        site.put("glow", at, power=site.between(4, 7), reach=9.0)
