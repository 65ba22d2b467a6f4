"""Upper storeys of halls: galleries with railings, escalators up to them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Box, Colour, piece
from synth_workers.scenes.mesh import ALL_SIDES, floor, upright
from synth_workers.scenes.parts import Level, Sketch

_SLAB = 0.45
_RAIL = 1.05


def railing(sketch: Sketch, ends: Sequence[Sequence[float]], solid: bool, tint: Colour) -> None:
    """A railing along y between two places x, y, z: a parapet if ``solid``, else bars."""
    (x, y0, z), (_, y1, _) = ends
    length, middle = y1 - y0, (y0 + y1) / 2
    rail = np.asarray(tint, float)
    sketch.boxes((x, middle, z + _RAIL - 0.05), (0.07, length, 0.05), "metal", rail, ALL_SIDES)
    if solid:
        sketch.boxes((x, middle, z), (0.06, length, _RAIL - 0.12), "plaster", rail * 1.1)
        return
    posts = max(int(length / 1.4), 1)
    ys = np.linspace(y0 + 0.05, y1 - 0.05, posts + 1)
    sketch.boxes([(x, y, z) for y in ys], (0.05, 0.05, _RAIL - 0.05), "metal", rail)
    bars = [(x, middle, z + height) for height in (0.15, 0.37, 0.59, 0.81)]
    sketch.boxes(bars, (0.022, length, 0.022), "metal", rail * 1.1, ALL_SIDES, casts=False)


def _gallery_box(length: float, depth: float, **_: object) -> list[Box]:
    return [(0.0, 0.0, -_SLAB, depth, length, _RAIL)]


@piece("gallery", boxes=_gallery_box)
def build_gallery(
    sketch: Sketch, length: float = 10.0, depth: float = 2.6, bridge: bool = False,
    solid: bool = False, material: str = "shop_tiles", tint: Colour = (226, 222, 214),
    rail: Colour = (120, 124, 128), opening: float = 0.0,
) -> None:  # fmt: skip
    """A floor along +y that reaches from x = 0 to ``depth``, its surface in z = 0 and a railing at
    its far edge, at both edges if a ``bridge``: the near one with an ``opening`` of so many metres
    in its middle, where an escalator arrives. Nobody walks on it."""
    colour = np.asarray(tint, float)
    sketch.add(floor(0, 0, depth, length, 2.0), material, colour, casts=False)
    under = floor(0, 0, depth, length, 2.0, -_SLAB, up=False)
    lit = {"glow": GLOW_UNIT * 0.3, "switch": SWITCH_LAMP}
    sketch.add(under, "plaster", (236, 234, 230), casts=False, **lit)
    ys = np.linspace(0, length, max(int(length / 2), 1) + 1)
    sketch.quads(upright(depth, ys[:-1], ys[1:], -_SLAB, 0), "plaster", colour, casts=False)
    railing(sketch, ((depth - 0.06, 0, 0), (depth - 0.06, length, 0)), solid, rail)
    if bridge:
        sketch.quads(upright(0, ys[1:], ys[:-1], -_SLAB, 0), "plaster", colour, casts=False)
        low, high = (length - opening) / 2, (length + opening) / 2
        for start, end in ((0.0, low), (high, length)) if opening else ((0.0, length),):
            railing(sketch, ((0.06, start, 0), (0.06, end, 0)), solid, rail)
    spots = [(depth / 2, y, -_SLAB - 0.02) for y in np.arange(1.2, length, 2.4)]
    if spots:
        lamp = {"glow": GLOW_UNIT * 3, "switch": SWITCH_LAMP, "casts": False}
        sketch.boxes(spots, (0.26, 0.26, 0.03), "white", (255, 250, 238), ("-z",), **lamp)


SLOPE = 0.577
"""Rise over run of escalators: 30 degrees."""

ESCALATOR = 2.6
"""Width of two escalators side by side, metres."""


def _escalator_boxes(rise: float, width: float, **_: object) -> list[Box]:
    run, boxes = rise / SLOPE, []
    for k in range(6):
        x0, x1 = run * k / 6, run * (k + 1) / 6
        boxes.append((x0, -width / 2, 0.0, x1, width / 2, rise * (k + 1) / 6 + 1.05))
    return [(-1.2, -width / 2, 0.0, 0.0, width / 2, 1.05), *boxes]


@piece("escalator", boxes=_escalator_boxes)
def build_escalator(
    sketch: Sketch, rise: float = 4.5, width: float = ESCALATOR, tint: Colour = (150, 152, 154)
) -> None:
    """Two escalators side by side that rise by ``rise`` towards +x from a landing before x = 0."""
    run, steel, half = rise / SLOPE, np.asarray(tint, float), width / 2
    for y0, y1 in ((-half, -0.1), (0.1, half)):
        count = int(run / 0.4)
        xs = np.linspace(0, run, count + 1)
        zs = np.linspace(0, rise, count + 1)
        middle, wide = (y0 + y1) / 2, y1 - y0 - 0.3
        treads = [((a + b) / 2, middle, z) for a, b, z in zip(xs[:-1], xs[1:], zs[1:])]
        shade = np.where(np.arange(count) % 2, 1.0, 0.86).repeat(8)[:, None]
        bottoms = np.array(treads) - (0, 0, 0.24)
        grey = np.array((104.0, 106, 108)) * shade
        sketch.boxes(bottoms, (run / count, wide, 0.24), "metal", grey, ("-x", "+z"), casts=False)
        sketch.boxes((-0.6, middle, 0), (1.2, wide, 0.03), "metal", (120, 122, 124), ("+z", "-x"))
        for y in (y0 + 0.075, y1 - 0.075):
            low = [(-1.1, 0.0), (0.0, 0.0), (run, rise)]
            for outer, sign in ((y - 0.06, -1), (y + 0.06, 1)):
                faces = []
                for (xa, za), (xb, zb) in itertools.pairwise(low):
                    face = [(xa, outer, max(za - 0.5, 0)), (xb, outer, max(zb - 0.5, 0)),
                            (xb, outer, zb + 0.85), (xa, outer, za + 0.85)]  # fmt: skip
                    faces.append(face if sign < 0 else face[::-1])
                sketch.quads(faces, "metal", steel, casts=sign > 0)
            rail = [(-1.15, y, 0.9), (0.0, y, 0.92), (run, y, rise + 0.92)]
            sketch.tube(rail, 0.07, 6, "white", (30, 30, 32))
    skirts = []
    for y, sign in ((-half + 0.01, -1), (half - 0.01, 1)):
        face = [(0.0, y, 0), (run, y, 0), (run, y, rise - 0.5), (0.0, y, 0.0)]
        skirts.append(face if sign < 0 else face[::-1])
    sketch.quads(skirts, "plaster", np.clip(steel * 1.25, 0, 255))
    end = upright(run, -half, half, 0, rise - 0.45)
    sketch.quads(end, "plaster", np.clip(steel * 1.2, 0, 255))
    signs = upright(-1.16, 0.2, -0.2, 0.25, 0.65)
    sketch.quads(signs, "road_signs", (230, 230, 228), cell=(1, 1), level=Level.NEAR)
