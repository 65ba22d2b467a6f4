"""Things of stations: ticket machines, gates, departure boards, clocks, trains."""

from __future__ import annotations

import numpy as np

from synth_workers.scenes.geometry import GLOW_UNIT, SWITCH_ALWAYS, SWITCH_LAMP
from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import ALL_SIDES, upright
from synth_workers.scenes.parts import Level, Sketch


@piece("ticket_machine", boxes=lambda **_: around(0.33, 0.42, 1.9))
def build_ticket_machine(sketch: Sketch, tint: Colour = (34, 70, 120)) -> None:
    """A ticket machine that looks towards +x."""
    body = np.asarray(tint, float)
    sketch.boxes((-0.02, 0, 0), (0.56, 0.8, 0.12), "metal", (60, 62, 64))
    sketch.boxes((0, 0, 0.12), (0.6, 0.84, 1.7), "metal", body)
    face = upright(0.305, -0.34, 0.34, 1.05, 1.55)
    sketch.quads(face, "posters", (226, 232, 238), cell=(int(sketch.rng.integers(4)), 1),
                 glow=GLOW_UNIT, switch=SWITCH_ALWAYS)  # fmt: skip
    parts = [(0.31, 0.2, 0.7), (0.31, -0.15, 0.75), (0.31, 0, 0.4)]
    sizes = [(0.03, 0.16, 0.22), (0.03, 0.24, 0.1), (0.05, 0.5, 0.14)]
    sketch.boxes(parts, sizes, "metal", (196, 198, 200))
    head = upright(0.306, -0.4, 0.4, 1.6, 1.8)
    sketch.quads(head, "white", (240, 232, 200), glow=GLOW_UNIT, switch=SWITCH_LAMP)


def _gate_boxes(count: int, pitch: float, **_: object) -> list[Box]:
    return [(-0.75, -0.15, 0.0, 0.75, (count - 1) * pitch + 0.15, 1.05)]


@piece("ticket_gates", boxes=_gate_boxes)
def build_ticket_gates(
    sketch: Sketch, count: int = 6, pitch: float = 0.9, tint: Colour = (150, 154, 158)
) -> None:
    """Gates one beside the other along +y, passed along x, all of them closed."""
    steel = np.asarray(tint, float)
    ys = np.arange(count) * pitch
    sketch.boxes([(0, y, 0) for y in ys], (1.4, 0.24, 0.95), "metal", steel)
    sketch.boxes([(0, y, 0.95) for y in ys], (1.44, 0.28, 0.05), "metal", steel * 0.6, ALL_SIDES)
    for way in (1, -1):
        lamp = upright(way * 0.722, ys - way * 0.07, ys + way * 0.07, 0.7, 0.84)
        colour = np.array((90.0, 200, 110)) if way > 0 else np.array((220.0, 80, 60))
        sketch.quads(lamp, "white", colour, glow=GLOW_UNIT, switch=SWITCH_ALWAYS)
    wings = [(0, y + side * pitch * 0.28, 0.3) for y in ys[:-1] + pitch / 2 for side in (-1, 1)]
    sketch.boxes(wings, (0.03, pitch * 0.36, 0.6), "glass", (150, 172, 180), ALL_SIDES)


@piece(
    "departure_board",
    overhead=lambda width, z, rows, **_: [
        (-0.25, -width / 2, z, 0.25, width / 2, z + 0.6 + rows * 0.24)
    ],
)
def build_departure_board(
    sketch: Sketch, width: float = 5.0, rows: int = 8, z: float = 3.2, ceiling: float = 7.0,
    tint: Colour = (30, 32, 36),
) -> None:  # fmt: skip
    """A board of departures that hangs from the ceiling, read from +x and -x."""
    rng, height, half = sketch.rng, 0.5 + rows * 0.24, width / 2
    sketch.boxes((0, 0, z), (0.3, width, height), "metal", tint, ALL_SIDES)
    columns = (-0.94, -0.62, 0.3, 0.62)
    for way in (1, -1):
        head = upright(way * 0.152, -way * (half - 0.1), way * (half - 0.1), z + height - 0.4,
                       z + height - 0.08)  # fmt: skip
        sketch.quads(head, "white", (38, 74, 128), glow=GLOW_UNIT, switch=SWITCH_ALWAYS)
        starts, ends, lows = [], [], []
        for k in range(rows):
            for column in columns:
                a = column * half + 0.05
                starts.append(a)
                ends.append(a + half * rng.uniform(0.14, 0.28 if column != -0.62 else 0.8))
                lows.append(z + 0.12 + k * 0.24)
        a, b, low = np.array(starts), np.array(ends), np.array(lows)
        text = upright(way * 0.153, way * a, way * b, low, low + 0.12)
        amber = {"glow": GLOW_UNIT * 1.5, "switch": SWITCH_ALWAYS, "level": Level.ALWAYS}
        sketch.quads(text, "white", (244, 190, 90), casts=False, **amber)
    rods = [(0, side * half * 0.8, z + height) for side in (-1, 1)]
    rod = (0.05, 0.05, max(ceiling - z - height, 0.05))
    sketch.boxes(rods, rod, "metal", (110, 112, 114), casts=False)


@piece("station_clock", overhead=lambda z, **_: [(-0.2, -0.5, z, 0.2, 0.5, z + 1.0)])
def build_station_clock(
    sketch: Sketch, z: float = 3.4, ceiling: float = 7.0, hour: float = 4.2
) -> None:
    """A round clock that hangs from the ceiling, faces towards +x and -x."""
    angle = np.linspace(0, 2 * np.pi, 21)
    middle = z + 0.45
    for way in (1, -1):
        rim = np.column_stack([0 * angle + way * 0.1, way * 0.45 * np.cos(angle),
                               middle + 0.45 * np.sin(angle)])  # fmt: skip
        hub = np.broadcast_to((way * 0.1, 0.0, middle), (20, 3))
        corners = np.stack([hub, rim[:-1], rim[1:], rim[1:]], axis=1)
        lit = {"glow": GLOW_UNIT, "switch": SWITCH_LAMP, "casts": False}
        sketch.quads(corners, "white", (244, 244, 236), **lit)
        for turn, length, wide in ((hour / 12, 0.24, 0.03), (hour % 1, 0.38, 0.02)):
            a = np.pi / 2 - 2 * np.pi * turn
            tip = np.array((np.cos(a), np.sin(a)))
            side = np.array((-tip[1], tip[0])) * wide
            flat = [-side, side, tip * length + side * 0.6, tip * length - side * 0.6]
            hand = [(way * 0.108, way * u, middle + v) for u, v in flat]
            sketch.quads(hand, "white", (24, 24, 26), two_sided=True, casts=False)
    edge = np.column_stack([0 * angle, 0.46 * np.cos(angle), middle + 0.46 * np.sin(angle)])
    ring = np.stack([edge[:-1] + (0.11, 0, 0), edge[:-1] - (0.11, 0, 0),
                     edge[1:] - (0.11, 0, 0), edge[1:] + (0.11, 0, 0)], axis=1)  # fmt: skip
    sketch.quads(ring, "metal", (70, 72, 76), two_sided=True, casts=False)
    rod = (0.04, 0.04, max(ceiling - z - 0.9, 0.05))
    sketch.boxes((0, 0, z + 0.9), rod, "metal", (90, 92, 94), casts=False)


@piece("train", boxes=lambda length, **_: [(-1.45, -length / 2, -0.4, 1.45, length / 2, 3.1)])
def build_train(
    sketch: Sketch, length: float = 40.0, body: Colour = (206, 208, 210),
    stripe: Colour = (150, 46, 44), coach: float = 18.0,
) -> None:  # fmt: skip
    """A train along y at a platform in z = 0 to either side; coaches of about ``coach`` metres."""
    paint, line = np.asarray(body, float), np.asarray(stripe, float)
    count = max(round(length / coach), 1)
    each = length / count
    ys = (np.arange(count) + 0.5) * each - length / 2
    sketch.boxes([(0, y, -0.2) for y in ys], (2.8, each - 0.5, 3.0), "metal", paint)
    sketch.boxes([(0, y, 2.8) for y in ys], (2.3, each - 0.5, 0.25), "metal", paint * 0.7)
    sketch.boxes([(0, y, -0.4) for y in ys], (2.3, each, 2.9), "metal", (44, 46, 48))
    for way in (1, -1):
        x = way * 1.404
        for y in ys:
            low, high = y - each / 2 + 0.3, y + each / 2 - 0.3
            edges = np.linspace(low, high, 4)
            bands = upright(x, edges[::way][:-1], edges[::way][1:], 0.35, 0.6)
            sketch.quads(bands, "white", line, casts=False)
            doors = np.array((y - each * 0.3, y + each * 0.3))
            wide = np.array((0.7, 0.7))
            a, b = (doors - wide, doors + wide) if way > 0 else (doors + wide, doors - wide)
            sketch.quads(upright(x + way * 0.004, a, b, 0.0, 2.1), "metal", line * 0.8, casts=False)
            panes = [k for k in np.arange(low + 0.8, high - 0.8, 1.7)
                     if np.all(np.abs(k + 0.6 - doors) > 1.4)]  # fmt: skip
            p = np.array(panes)
            a, b = (p, p + 1.25) if way > 0 else (p + 1.25, p)
            glass = upright(x + way * 0.006, a, b, 0.95, 1.9)
            cell = sketch.rng.integers(0, 4, (2, len(p)))
            lit = {"glow": GLOW_UNIT // 2, "switch": SWITCH_LAMP, "casts": False}
            sketch.quads(glass, "panes", (210, 214, 216), cell=cell, **lit)
            a, b = (doors - 0.5, doors + 0.5) if way > 0 else (doors + 0.5, doors - 0.5)
            glass = upright(x + way * 0.008, a, b, 0.9, 1.9)
            cell = sketch.rng.integers(0, 4, (2, 2))
            sketch.quads(glass, "panes", (190, 194, 196), cell=cell, casts=False)


@piece("lockers", boxes=lambda count, **_: [(-0.3, -count * 0.2, 0.0, 0.3, count * 0.2, 1.9)])
def build_lockers(sketch: Sketch, count: int = 8, tint: Colour = (150, 156, 148)) -> None:
    """A block of luggage lockers along y, doors towards +x."""
    shade = np.asarray(tint, float)
    sketch.boxes((-0.02, 0, 0), (0.54, count * 0.4, 1.9), "metal", shade * 0.7)
    ys = (np.arange(count) - (count - 1) / 2) * 0.4
    y, z = (g.ravel() for g in np.meshgrid(ys, (0.1, 0.7, 1.3), indexing="ij"))
    doors = upright(0.27, y - 0.18, y + 0.18, z, z + 0.56)
    tone = np.repeat(sketch.rng.uniform(0.9, 1.08, (len(y), 1)), 4, axis=0)
    sketch.quads(doors, "sheet_metal", shade * tone)
    keys = np.column_stack([np.full(len(y), 0.27), y + 0.12, z + 0.28])
    sketch.boxes(keys, (0.03, 0.03, 0.06), "metal", (210, 190, 90), level=Level.NEAR)
