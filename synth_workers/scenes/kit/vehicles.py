"""Parked cars and bicycles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.kit.registry import Box, Colour, around, piece
from synth_workers.scenes.mesh import Shape, lathe, loft, unit
from synth_workers.scenes.parts import Level, Sketch


@dataclass(frozen=True)
class _Model:
    """A car from the side, metres; the nose points towards +x.

    ``hull``: x, height of the lower body. ``belt``: height where the windows begin.
    ``cabin``, ``roof``: x of rear and front end at the belt and at the roof.
    ``panes``: shares along the side of the cabin that are glass.
    """

    hull: tuple[tuple[float, float], ...]
    belt: float
    top: float
    cabin: tuple[float, float]
    roof: tuple[float, float]
    panes: tuple[tuple[float, float], ...]
    rear_glass: bool = True


_MODELS = {
    "saloon": _Model(
        hull=((-2.2, 0.60), (-2.12, 0.84), (-1.9, 0.93), (-1.3, 0.95), (0.9, 0.94), (1.4, 0.88),
              (2.0, 0.76), (2.16, 0.62), (2.2, 0.5)),
        belt=0.93, top=1.44, cabin=(-1.62, 1.12), roof=(-0.95, 0.30),
        panes=((0.20, 0.46), (0.50, 0.80)),
    ),
    "hatchback": _Model(
        hull=((-1.95, 0.62), (-1.92, 0.88), (-1.8, 0.96), (0.9, 0.95), (1.4, 0.90), (1.85, 0.78),
              (1.98, 0.64), (2.02, 0.5)),
        belt=0.95, top=1.50, cabin=(-1.88, 1.08), roof=(-1.42, 0.32),
        panes=((0.08, 0.24), (0.28, 0.50), (0.54, 0.82)),
    ),
    "van": _Model(
        hull=((-2.4, 0.7), (-2.38, 1.02), (1.4, 1.02), (1.95, 0.98), (2.3, 0.8), (2.38, 0.62),
              (2.4, 0.5)),
        belt=1.0, top=1.95, cabin=(-2.37, 1.78), roof=(-2.32, 1.02),
        panes=((0.72, 0.92),), rear_glass=False,
    ),
}  # fmt: skip
_WHEEL = (
    (0.31, -0.1), (0.33, -0.06), (0.33, 0.06), (0.31, 0.1), (0.2, 0.1), (0.19, 0.085), (0.0, 0.09),
)  # fmt: skip
"""Radius and place along the axle, from the inner side outwards."""


def _model(kind: str) -> _Model:
    if kind not in _MODELS:
        raise BadScene(f"unknown kind of car {kind!r}; known are {', '.join(_MODELS)}")
    return _MODELS[kind]


def _car_boxes(kind: str, **_: object) -> list[Box]:
    model = _model(kind)
    return [(model.hull[0][0], -0.9, 0.0, model.hull[-1][0], 0.9, model.top)]


def _hull(model: _Model) -> Shape:
    """The lower body up to the belt: rounded sections along x."""
    outline = np.asarray(model.hull)
    rear, nose = outline[0, 0], outline[-1, 0]
    xs = np.unique(np.concatenate([np.linspace(rear, nose, 12), outline[:, 0]]))
    top = np.interp(xs, outline[:, 0], outline[:, 1])
    share = (xs - rear) / (nose - rear)
    half = np.interp(share, [0, 0.05, 0.25, 0.75, 0.93, 1], [0.76, 0.85, 0.89, 0.89, 0.84, 0.72])
    low = np.interp(share, [0, 0.06, 0.94, 1], [0.36, 0.2, 0.2, 0.34])
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False) + np.pi / 16
    c, s = np.cos(angle), np.sin(angle)
    y = np.sign(c) * np.abs(c) ** 0.38 * half[:, None]
    z = (low + top)[:, None] / 2 + np.sign(s) * np.abs(s) ** 0.5 * (top - low)[:, None] / 2
    return loft(np.stack([np.broadcast_to(xs[:, None], z.shape), y, z], axis=-1))


def _cabin_rings(model: _Model) -> np.ndarray:
    """(3, 4, 3) corners at the belt, at the gutter and on the roof: rear left first."""
    rings = []
    for share, half, z in ((0.0, 0.83, 0.0), (0.84, 0.64, 0.84), (1.0, 0.52, 1.0)):
        rear = model.cabin[0] + (model.roof[0] - model.cabin[0]) * share
        front = model.cabin[1] + (model.roof[1] - model.cabin[1]) * share
        height = model.belt - 0.04 + (model.top - model.belt + 0.04) * z
        half = half if model.top < 1.7 else 0.87 - 0.12 * share
        ends = ((rear, half), (rear, -half), (front, -half), (front, half))
        rings.append([(x, y, height) for x, y in ends])
    return np.asarray(rings)


def _pane(corners: np.ndarray, u0: float, u1: float, v0: float, v1: float) -> np.ndarray:
    """(4, 3) part of a quad, 8 mm in front of it."""
    a, b, c, d = corners
    normal = unit(np.cross(b - a, d - a))

    def point(u: float, v: float) -> np.ndarray:
        return (a * (1 - u) + b * u) * (1 - v) + (d * (1 - u) + c * u) * v + 0.008 * normal

    return np.stack([point(u0, v0), point(u1, v0), point(u1, v1), point(u0, v1)])


@piece("car", boxes=_car_boxes)
def build_car(
    sketch: Sketch, kind: str = "saloon", paint: Colour = (190, 192, 196), lift: float = 0.0
) -> None:
    """A parked car, nose towards +x; ``kind``: saloon, hatchback or van; ``lift``: by how many
    metres more than in older scenes its wheel arches and bumpers stand out, which flicker there."""
    model = _model(kind)
    colour = np.asarray(paint, float)
    rear, nose = model.hull[0][0], model.hull[-1][0]
    body = _hull(model)
    shade = np.clip((body.positions[:, 2:] - 0.16) / 0.3, 0.3, 1.0)
    sketch.add(body, "metal", colour * shade, specular=150)
    belt, gutter, roof = _cabin_rings(model)
    walls = [
        np.stack([low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i]])
        for low, high in ((belt, gutter), (gutter, roof))
        for i in range(4)
    ]
    sketch.quads([*walls, roof], "metal", colour * 0.97, specular=150)
    # Sides run from the rear to the front on the right, the other way on the left.
    glass = [_pane(walls[1], *span, 0.12, 0.94) for span in model.panes]
    glass += [_pane(walls[3], 1 - u1, 1 - u0, 0.12, 0.94) for u0, u1 in model.panes]
    glass.append(_pane(walls[2], 0.07, 0.93, 0.10, 0.95))
    if model.rear_glass:
        glass.append(_pane(walls[0], 0.09, 0.91, 0.14, 0.92))
    dark, sky = (26.0, 30.0, 34.0), (58.0, 68.0, 78.0)
    sketch.quads(glass, "glass", np.tile([dark, dark, sky, sky], (len(glass), 1)), casts=False)
    wheel = lathe(_WHEEL, 12)
    x, y, z = wheel.positions.T
    rim = (np.hypot(x, y) < 0.205) & (z > 0.05)
    tyre = np.where(rim[:, None], (118.0, 120.0, 124.0), (34.0, 34.0, 36.0))
    arch = lathe([(0.385, 0.0), (0.0, 0.001)], 14)
    for x in (rear + 0.80, nose - 0.80):
        for sign in (1, -1):
            # Turns the axle (z of the wheel) towards the side of the car.
            turn = np.array([[sign, 0, 0], [0, 0, sign], [0, -1, 0]], float)
            sketch.add(arch, "white", (22, 22, 24), at=(x, sign * (0.888 + lift), 0.36), turn=turn)
            sketch.add(wheel, "white", tyre, at=(x, sign * 0.81, 0.33), turn=turn)
    lamps = [(nose - 0.1, -0.58, 0.56), (nose - 0.1, 0.58, 0.56)]
    sketch.boxes(lamps, (0.12, 0.34, 0.13), "glass", (226, 228, 222))
    tails = [(rear + 0.08, -0.62, 0.66), (rear + 0.08, 0.62, 0.66)]
    sketch.boxes(tails, (0.1, 0.24, 0.16), "glass", (124, 22, 22))
    plates = [(nose - 0.02, 0, 0.40), (rear + 0.01, 0, 0.55)]
    sketch.boxes(plates, (0.06, 0.5, 0.11), "white", (216, 216, 210))
    bumper = [(nose - 0.06 + lift, 0, 0.26), (rear + 0.07 - lift, 0, 0.28)]
    sketch.boxes(bumper, (0.14, 1.36, 0.16), "white", (48, 50, 52))
    mirrors = [(model.cabin[1] - 0.42, side * 0.94, model.belt) for side in (-1, 1)]
    sketch.boxes(mirrors, (0.1, 0.18, 0.13), "metal", colour * 0.8, level=Level.NEAR)
    doors = (model.cabin[0] + 1.0, model.cabin[0] + 2.0)
    seams, size = [(x, side * 0.885, 0.34) for x in doors for side in (-1, 1)], (0.012, 0.02, 0.5)
    sketch.boxes(seams, size, "white", colour * 0.35, ("+y", "-y"), level=Level.NEAR)


@piece("bicycle", boxes=lambda **_: around(0.9, 0.25, 1.0))
def build_bicycle(sketch: Sketch, paint: Colour = (60, 72, 84), stand: bool = True) -> None:
    """A bicycle along x, leaning on a hoop stand."""
    angle = np.linspace(0, 2 * np.pi, 19)
    for x in (-0.53, 0.53):
        ring = np.column_stack([x + 0.34 * np.cos(angle), 0 * angle, 0.35 + 0.34 * np.sin(angle)])
        sketch.tube(ring, 0.02, 5, "white", (30, 30, 32))
        spokes = angle[:-1:3]
        hub = np.zeros((len(spokes), 4, 3))
        hub[:] = (x, 0, 0.35)
        hub[:, 1:3, 0] += 0.33 * np.cos(spokes[:, None] + [-0.02, 0.02])
        hub[:, 1:3, 2] += 0.33 * np.sin(spokes[:, None] + [-0.02, 0.02])
        thin = {"two_sided": True, "level": Level.NEAR, "casts": False}
        sketch.quads(hub, "metal", (150, 150, 152), **thin)
    frame = [
        [(-0.53, 0, 0.35), (-0.1, 0, 0.32), (0.36, 0, 0.8)],
        [(-0.53, 0, 0.35), (-0.22, 0, 0.78), (0.38, 0, 0.85)],
        [(-0.1, 0, 0.32), (-0.24, 0, 0.92)],
        [(0.53, 0, 0.35), (0.36, 0, 0.8), (0.32, 0, 1.0)],
        [(0.32, -0.24, 1.0), (0.34, 0, 1.02), (0.32, 0.24, 1.0)],
    ]
    for path in frame:
        sketch.tube(path, 0.018, 5, "metal", paint)
    sketch.boxes((-0.27, 0, 0.9), (0.26, 0.13, 0.06), "white", (34, 30, 28))
    if stand:
        hoop = [(-0.3, 0), (-0.3, 0.75), (-0.1, 0.85), (0.1, 0.85), (0.3, 0.75), (0.3, 0)]
        sketch.tube([(x, 0.12, z) for x, z in hoop], 0.025, 6, "metal", (150, 152, 154))
