"""Parked cars and bicycles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.kit.registry import Box, piece
from synth_workers.scenes.mesh import boxes, lathe, loft, quads, tube
from synth_workers.scenes.parts import Level, Sketch

# Side outlines: x, height of the skin, from the tail to the nose, for a car of 4.3 m;
# x, width; and the span of the windows.
_OUTLINES = {
    "saloon": (
        ((-2.15, 0.62), (-2.05, 0.9), (-1.5, 0.97), (-0.95, 1.38), (-0.35, 1.45), (0.55, 1.40),
         (1.1, 0.98), (1.95, 0.84), (2.1, 0.68), (2.15, 0.52)),
        (-1.42, 1.06),
    ),
    "hatchback": (
        ((-2.0, 0.6), (-1.95, 0.95), (-1.7, 1.15), (-1.25, 1.46), (-0.4, 1.52), (0.5, 1.46),
         (1.05, 1.02), (1.8, 0.9), (1.98, 0.7), (2.02, 0.52)),
        (-1.62, 1.0),
    ),
    "van": (
        ((-2.4, 0.6), (-2.36, 1.5), (-2.2, 1.9), (-1.4, 1.97), (0.2, 1.97), (1.25, 1.88),
         (1.85, 1.18), (2.25, 0.98), (2.38, 0.75), (2.4, 0.52)),
        (0.25, 1.8),
    ),
}  # fmt: skip

_WHEEL = (
    (0.31, -0.1), (0.33, -0.06), (0.33, 0.06), (0.31, 0.1), (0.2, 0.1), (0.19, 0.085), (0.0, 0.09),
)  # fmt: skip
"""Radius and place along the axle, from the inner side outwards."""


def _car_boxes(kind: str = "saloon", **_: object) -> list[Box]:
    points = _OUTLINES.get(kind, _OUTLINES["saloon"])[0]
    xs = [p[0] for p in points]
    top = max(p[1] for p in points)
    return [(min(xs), -0.9, 0.0, max(xs), 0.9, top)]


@piece("car", boxes=_car_boxes)
def build_car(
    rng: np.random.Generator, kind: str = "saloon", paint: Sequence[float] = (190, 192, 196)
) -> Sketch:
    """A parked car, nose towards +x."""
    if kind not in _OUTLINES:
        raise BadScene(f"unknown kind of car {kind!r}; known are {', '.join(_OUTLINES)}")
    outline, (glass_from, glass_to) = _OUTLINES[kind]
    points = np.asarray(outline)
    rear, nose = points[0, 0], points[-1, 0]
    xs = np.unique(np.concatenate([np.linspace(rear, nose, 15), points[:, 0]]))
    top = np.interp(xs, points[:, 0], points[:, 1])
    relative = (xs - rear) / (nose - rear)
    half = np.interp(relative, [0, 0.05, 0.25, 0.75, 0.93, 1], [0.74, 0.84, 0.89, 0.89, 0.83, 0.68])
    low = np.interp(relative, [0, 0.06, 0.94, 1], [0.36, 0.2, 0.2, 0.34])
    angle = np.linspace(0, 2 * np.pi, 18, endpoint=False) + np.pi / 18
    c, s = np.cos(angle), np.sin(angle)
    round_y, round_z = np.sign(c) * np.abs(c) ** 0.42, np.sign(s) * np.abs(s) ** 0.5
    middle, tall = (low + top) / 2, (top - low) / 2
    z = middle[:, None] + round_z[None] * tall[:, None]
    belt = 0.93 if kind != "van" else 1.12
    tuck = np.clip((z - belt) / 0.55, 0, 1)
    y = round_y[None] * half[:, None] * (1 - (0.22 if kind != "van" else 0.1) * tuck)
    sections = np.stack([np.broadcast_to(xs[:, None], z.shape), y, z], axis=-1)
    body = loft(sections)
    px, py, pz = body.positions.T
    skin_top = np.interp(px, xs, top)
    pillars = np.abs((px - 0.1 + 5.25) % 1.05 - 0.5) > 0.055
    side = (np.abs(py) > 0.45) & (pz > belt + 0.05) & (pz < skin_top - 0.06)
    screen = (np.abs(py) < 0.62) & (pz > belt + 0.08) & (pz < skin_top.max() - 0.07)
    at_screen = (px > glass_to - 0.4) & (px < glass_to + 0.1) & (pz > belt + 0.08)
    at_rear = (px < glass_from + 0.4) & (px > glass_from - 0.12) & (kind != "van")
    glass = (side & pillars & (px > glass_from) & (px < glass_to)) | (
        screen & (at_screen | at_rear)
    )
    tint = np.where(glass[:, None], (34.0, 40.0, 46.0), np.asarray(paint, float))
    sill = np.clip((pz - 0.2) / 0.3, 0.35, 1.0)
    sketch = Sketch()
    sketch.add(body, "metal", tint * sill[:, None], specular=150)
    axles = (rear + 0.82, nose - 0.82)
    wheel = lathe(_WHEEL, 12)
    rim = (np.hypot(wheel.positions[:, 0], wheel.positions[:, 1]) < 0.205) & (
        wheel.positions[:, 2] > 0.05
    )
    tyre = np.where(rim[:, None], (150.0, 152.0, 156.0), (34.0, 34.0, 36.0))
    for x in axles:
        for sign in (1, -1):
            turn = np.array([[1, 0, 0], [0, 0, sign], [0, -sign, 0]], float)
            turn = turn if np.linalg.det(turn) > 0 else turn @ np.diag([-1.0, 1, 1])
            sketch.add(wheel, "white", tyre, at=(x, sign * 0.8, 0.33), turn=turn)
    lamps = [(nose - 0.08, -0.56, 0.6), (nose - 0.08, 0.56, 0.6)]
    sketch.add(boxes(lamps, (0.1, 0.32, 0.13)), "glass", (232, 232, 226))
    tails = [(rear + 0.07, -0.58, 0.72), (rear + 0.07, 0.58, 0.72)]
    sketch.add(boxes(tails, (0.1, 0.26, 0.15)), "glass", (128, 22, 22))
    plates = [(nose - 0.02, 0, 0.42), (rear + 0.02, 0, 0.56)]
    sketch.add(boxes(plates, (0.06, 0.5, 0.11)), "white", (220, 220, 214))
    bumper = [(nose - 0.05, 0, 0.3), (rear + 0.06, 0, 0.32)]
    sketch.add(boxes(bumper, (0.12, 1.3, 0.16)), "white", (44, 46, 48))
    mirrors = [(glass_to - 0.32, -0.97, belt + 0.02), (glass_to - 0.32, 0.97, belt + 0.02)]
    sketch.add(
        boxes(mirrors, (0.1, 0.17, 0.13)), "metal", np.asarray(paint) * 0.8, level=Level.NEAR
    )
    return sketch


def _bicycle_boxes(**_: object) -> list[Box]:
    return [(-0.9, -0.25, 0.0, 0.9, 0.25, 1.0)]


@piece("bicycle", boxes=_bicycle_boxes)
def build_bicycle(
    rng: np.random.Generator, paint: Sequence[float] = (60, 72, 84), stand: bool = True
) -> Sketch:
    """A bicycle along x, leaning on a hoop stand."""
    sketch = Sketch()
    angle = np.linspace(0, 2 * np.pi, 19)
    for x in (-0.53, 0.53):
        ring = np.column_stack([x + 0.34 * np.cos(angle), 0 * angle, 0.35 + 0.34 * np.sin(angle)])
        sketch.add(tube(ring, 0.02, 5), "white", (30, 30, 32))
        spokes = angle[:-1:3]
        hub = np.zeros((len(spokes), 4, 3))
        hub[:] = (x, 0, 0.35)
        hub[:, 1:3, 0] += 0.33 * np.cos(spokes[:, None] + [-0.02, 0.02])
        hub[:, 1:3, 2] += 0.33 * np.sin(spokes[:, None] + [-0.02, 0.02])
        sketch.add(
            quads(hub), "metal", (150, 150, 152), two_sided=True, level=Level.NEAR, casts=False
        )
    frame = [
        [(-0.53, 0, 0.35), (-0.1, 0, 0.32), (0.36, 0, 0.8)],
        [(-0.53, 0, 0.35), (-0.22, 0, 0.78), (0.38, 0, 0.85)],
        [(-0.1, 0, 0.32), (-0.24, 0, 0.92)],
        [(0.53, 0, 0.35), (0.36, 0, 0.8), (0.32, 0, 1.0)],
        [(0.32, -0.24, 1.0), (0.34, 0, 1.02), (0.32, 0.24, 1.0)],
    ]
    for path in frame:
        sketch.add(tube(path, 0.018, 5), "metal", paint)
    sketch.add(boxes([(-0.27, 0, 0.9)], (0.26, 0.13, 0.06)), "white", (34, 30, 28))
    if stand:
        hoop = [(-0.3, 0.12, 0), (-0.3, 0.12, 0.75), (-0.1, 0.12, 0.85), (0.1, 0.12, 0.85),
                (0.3, 0.12, 0.75), (0.3, 0.12, 0)]  # fmt: skip
        sketch.add(tube(hoop, 0.025, 6), "metal", (150, 152, 154))
    return sketch
