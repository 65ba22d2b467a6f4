"""What takes both hands: boxes in the arms, and things that are pushed over the ground.

Nobody has them unless a recipe asks for them. Where hands hold them is ``body.held``'s.
Pushed things hang on the upright bone of a hand, which then goes with the root; their wheels do
not turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synth_workers.people.body.held import (
    BIKE_ASIDE,
    CRANK,
    OUTWARD,
    PEDAL,
    bar_place,
    bicycle_scale,
    box_half,
    box_place,
)
from synth_workers.people.mesh.parts import LEVELS, Part
from synth_workers.people.mesh.pieces import chosen_level
from synth_workers.people.mesh.primitives import Mesh, joined, rounded_box, tube, vector
from synth_workers.people.spec import CarryPose
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer

_PAINT = (
    (28, 28, 30), (96, 98, 102), (176, 178, 182), (122, 26, 28), (30, 52, 96), (34, 74, 58),
    (214, 212, 206),
)  # fmt: skip
_RUBBER, _METAL, _BLACK = (30, 30, 32), (150, 152, 156), (34, 34, 36)


def _whole(part: Part) -> Part:
    """The part in full at every level of detail: what is thin would fall apart."""
    assert part.uv is not None
    return replace(part, levels=(chosen_level(part.faces, part.uv),) * LEVELS)


def _rod(*points: Sequence[float] | np.ndarray, thick: float = 0.016) -> Mesh:
    return tube(np.array(points, float), thick, 5)


def _ring(radius: float, thick: float, sides: int = 22) -> Mesh:
    """A tyre about the x axis."""
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    return tube(np.stack([0 * angle, radius * np.cos(angle), radius * np.sin(angle)], 1), thick, 5)


def _spokes(radius: float, count: int) -> Mesh:
    angles = np.arange(count) * (np.pi / count)
    ends = [np.array([0.0, np.cos(a), np.sin(a)]) * radius for a in angles]
    return joined(*(_rod(-end, end, thick=0.003) for end in ends))


@accessory(
    "box",
    Place.arms,
    colours=((168, 128, 84), (188, 150, 106), (206, 202, 194), (62, 72, 92)),
    pose=CarryPose.box,
    other_pose=CarryPose.box,
)
def _box(wearer: Wearer) -> list[Part]:
    joint = wearer.body.joint
    half, middle = box_half(joint), box_place(joint)
    tape = rounded_box(half * [0.16, 1.005, 1.005], 0.06, 8).moved(middle)
    return [
        wearer.rigid(rounded_box(half, 0.06, 8).moved(middle), "spine_03"),
        wearer.rigid(tape, "spine_03", "tape", wearer.trim(0.85)),
    ]


@accessory(
    "bicycle",
    Place.arms,
    colours=_PAINT,
    pose=CarryPose.saddle,
    other_pose=CarryPose.handlebar,
)
def _bicycle(wearer: Wearer) -> list[Part]:
    """Beside the person, the near hand on the saddle and the far one on the near grip.

    The cranks hang on the bone of the other hand, so that they turn under those who ride.
    """
    bone, _ = wearer.hand
    other = "prop_r" if wearer.accessory.hand == "l" else "prop_l"
    size = bicycle_scale(wearer.body.joint)
    aside = vector(OUTWARD[wearer.accessory.hand] * BIKE_ASIDE, 0.0, 0.0)
    wheel, rear, front = 0.33, (0.0, 0.35, -0.42), (0.0, 0.35, 0.60)
    seat, crank = (0.0, 0.86, -0.13), vector(*CRANK)
    axle, low = vector(0.09, 0.0, 0.0), vector(*PEDAL)
    high = 2 * crank - low
    head, neck = (0.0, 0.90, 0.40), (0.0, 0.68, 0.46)

    def placed(*meshes: Mesh) -> Mesh:
        whole = joined(*meshes)
        return whole.moved(aside).moved(scale=size)

    frame = [
        _rod(crank, seat), _rod(crank, neck, thick=0.02), _rod((0.0, 0.80, -0.11), head),
        _rod(crank, rear, thick=0.012), _rod((0.0, 0.80, -0.11), rear, thick=0.010),
        _rod(head, neck, thick=0.019), _rod(neck, (0.0, 0.52, 0.54), front, thick=0.014),
    ]  # fmt: skip
    bars = [
        _rod((-0.29, 1.0, 0.37), (-0.18, 1.0, 0.42), (0.0, 0.98, 0.45), (0.18, 1.0, 0.42),
             (0.29, 1.0, 0.37), thick=0.012),
        _rod(head, (0.0, 0.98, 0.44), thick=0.013),
        _rod(seat, (0.0, 0.93, -0.14), thick=0.013),
        *(_spokes(wheel, 7).moved(hub) for hub in (rear, front)),
    ]  # fmt: skip
    cranks = [
        _rod(crank - axle, crank + axle, thick=0.012),
        _rod(crank + axle, low * [0, 1, 1] + axle, thick=0.009),
        _rod(crank - axle, high * [0, 1, 1] - axle, thick=0.009),
    ]
    pedals = [rounded_box((0.05, 0.012, 0.04), 0.3, 6).moved(end) for end in (low, high)]
    soft = [
        *(_ring(wheel, 0.021).moved(hub) for hub in (rear, front)),
        rounded_box((0.075, 0.03, 0.13), 0.7, 8).moved((0.0, 0.945, -0.15)),
        *(_rod((x, 1.0, 0.375), (x * 0.72, 1.0, 0.412), thick=0.018) for x in (-0.29, 0.29)),
    ]
    return [
        _whole(wearer.rigid(placed(*frame), bone, specular=0.3)),
        _whole(wearer.rigid(placed(*bars), bone, "metal", _METAL, specular=0.3)),
        _whole(wearer.rigid(placed(*soft), bone, "rubber", _RUBBER)),
        _whole(wearer.rigid(placed(*cranks), other, "cranks", _METAL, specular=0.3)),
        _whole(wearer.rigid(placed(*pedals), other, "pedals", _RUBBER)),
    ]


@accessory(
    "pram",
    Place.arms,
    men=0.7,
    cloth={"plain": 4, "heather": 1},
    pose=CarryPose.bar,
    other_pose=CarryPose.bar,
)
def _pram(wearer: Wearer) -> list[Part]:
    bone, _ = wearer.hand
    bar = bar_place(wearer.body.joint)
    floor, deep = -float(bar[1]), 0.585
    cot = rounded_box((0.19, 0.13, 0.255), 0.35).moved(bar + vector(0.0, 0.60 * floor + 0.24, 0.33))
    hood = rounded_box((0.195, 0.19, 0.16), 0.6).moved(
        bar + vector(0.0, 0.60 * floor + 0.44, deep - 0.17)
    )
    cover = rounded_box((0.192, 0.03, 0.18), 0.4, 8).moved(
        bar + vector(0.0, 0.60 * floor + 0.375, 0.24)
    )
    wheels = [
        _ring(0.10, 0.02, 14).moved(bar + vector(x, floor + 0.12, z))
        for x in (-0.24, 0.24)
        for z in (0.12, deep - 0.11)
    ]
    rods = [
        _rod(
            bar + vector(x * 0.9, 0.0, 0.0),
            bar + vector(x, 0.45 * floor, 0.16),
            bar + vector(x, floor + 0.14, deep - 0.12),
            thick=0.012,
        )
        for x in (-0.22, 0.22)
    ]
    legs = [
        _rod(bar + vector(x, 0.52 * floor, 0.42), bar + vector(x, floor + 0.12, 0.12), thick=0.012)
        for x in (-0.22, 0.22)
    ]
    grip = _rod(bar - [0.21, 0.0, 0.0], bar + [0.21, 0.0, 0.0], thick=0.016)
    return [
        wearer.rigid(joined(cot, hood), bone),
        wearer.rigid(cover, bone, "cover", wearer.cloth(0.8)),
        _whole(wearer.rigid(joined(*rods, *legs, grip), bone, "metal", _BLACK, specular=0.2)),
        _whole(wearer.rigid(joined(*wheels), bone, "rubber", _RUBBER)),
    ]


@accessory(
    "shopping_trolley",
    Place.arms,
    colours=((150, 152, 156), (186, 188, 190), (118, 122, 128)),
    pose=CarryPose.bar,
    other_pose=CarryPose.bar,
)
def _shopping_trolley(wearer: Wearer) -> list[Part]:
    """A wire basket on wheels with some shopping in it."""
    bone, _ = wearer.hand
    bar = bar_place(wearer.body.joint)
    floor, near, far, rim, base = -float(bar[1]), 0.05, 0.60, -0.07, -0.40

    def loop(height: float, share: float) -> list[Mesh]:
        """A ring of the basket, which is narrower below and ahead."""
        half, ahead = 0.24 - 0.05 * share, far - 0.06 * share
        corners = [(-half, near), (half, near), (half - 0.05, ahead), (-half + 0.05, ahead)]
        points = [bar + vector(x, height, z) for x, z in (*corners, corners[0])]
        return [_rod(*pair, thick=0.007) for pair in itertools.pairwise(points)]

    heights = np.linspace(rim, base, 5)
    rings = [rod for i, height in enumerate(heights) for rod in loop(float(height), i / 4)]
    along = np.linspace(0.0, 1.0, 7)
    uprights = [
        _rod(
            bar + vector(side * (0.24 - 0.05 * s), rim, near + (far - near) * s),
            bar + vector(side * (0.19 - 0.05 * s), base, near + (far - 0.06 - near) * s),
            thick=0.005,
        )
        for side in (-1.0, 1.0)
        for s in along
    ]
    ends = [
        _rod(bar + vector(x, rim, z), bar + vector(0.8 * x, base, z - slope), thick=0.005)
        for z, slope, half in ((near, 0.0, 0.24), (far, 0.06, 0.19))
        for x in np.linspace(-half, half, 6)
    ]
    legs = [
        _rod(bar + vector(x, -0.02, 0.02), bar + vector(x, 0.85 * floor, 0.10),
             bar + vector(0.75 * x, floor + 0.12, far - 0.06), thick=0.013)
        for x in (-0.24, 0.24)
    ]  # fmt: skip
    wheels = [
        _ring(0.05, 0.016, 12).moved(bar + vector(x * s, floor + 0.066, z))
        for x in (-0.23, 0.23)
        for s, z in ((1.0, 0.12), (0.75, far - 0.06))
    ]
    goods = [
        rounded_box((0.07, 0.10, 0.06), 0.2, 8).moved(bar + vector(-0.08, base + 0.11, 0.20)),
        rounded_box((0.06, 0.07, 0.09), 0.4, 8).moved(bar + vector(0.07, base + 0.08, 0.30)),
        rounded_box((0.05, 0.12, 0.05), 0.6, 8).moved(bar + vector(-0.03, base + 0.13, 0.40)),
    ]
    grip = _rod(bar - [0.25, 0.0, 0.0], bar + [0.25, 0.0, 0.0], thick=0.016)
    return [
        _whole(wearer.rigid(joined(*rings, *uprights, *ends, *legs), bone, specular=0.35)),
        _whole(wearer.rigid(grip, bone, "grip", (120, 30, 32))),
        _whole(wearer.rigid(joined(*wheels), bone, "rubber", _RUBBER)),
        wearer.rigid(joined(*goods), bone, "goods", (176, 150, 96)),
    ]
