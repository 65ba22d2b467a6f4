"""Bags: packs on the back, bags across the body, and what the carrying hand holds."""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.rig import trolley_grip_height
from synth_workers.people.body.straps import ribbon, shoulder_strap, torso_surface
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import Mesh, joined, rounded_box, tube, vector
from synth_workers.people.spec import CarryPose, CutKind
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer


@accessory(
    "backpack",
    Place.back,
    chance=0.24,
    cloth={"plain": 6, "heather": 1, "camouflage": 0.5, "colour_block": 0.8},
    pictures="bag",
    straps=True,
)
def _backpack(wearer: Wearer) -> list[Part]:
    body, size = wearer.body, wearer.size
    middle = 0.5 * (body.joint("spine_03")[1] + body.joint("neck_01")[1]) - 0.075 * size
    back = wearer.surface(middle, 0.12, 0.12)[:, 2].min() - wearer.over * 0.1
    depth = 0.072 * size
    centre = np.array([0.0, middle, back - depth - 0.004])
    bag = rounded_box((0.142 * size, 0.205 * size, depth), 0.42).moved(centre)
    pocket = rounded_box((0.112 * size, 0.085 * size, 0.03 * size), 0.42).moved(
        centre + vector(0, -0.085 * size, -depth)
    )
    lid = tube(
        centre + np.array([[x, 0.075 * size, -depth * 0.93] for x in np.linspace(-0.1, 0.1, 5)])
        * [size, 1, 1], 0.006,
    )  # fmt: skip
    loop = [[-0.03, 0.2, 0.03], [-0.02, 0.235, 0.03], [0.02, 0.235, 0.03], [0.03, 0.2, 0.03]]
    handle = tube(centre + np.array(loop) * size, 0.007)
    straps = []
    for side in (1.0, -1.0):
        way = shoulder_strap(
            body,
            side,
            centre + vector(0.055 * size, 0.17 * size, depth),
            centre + vector(0.11 * size, -0.13 * size, depth),
        )
        off = 0.1 * wearer.over + 0.008
        surface = torso_surface(body)
        straps.append(ribbon(surface, way, 0.048, off, wearer.trim(), "backpack.strap"))
    return [
        wearer.rigid(bag, "spine_03"),
        wearer.rigid(pocket, "spine_03", "pocket", wearer.cloth(0.85)),
        wearer.rigid(joined(lid, handle), "spine_03", "trim", wearer.trim()),
        *straps,
    ]


@accessory("crossbody", Place.back, chance=0.12, cloth={"plain": 3, "leather": 3}, pictures="bag")
def _crossbody(wearer: Wearer) -> list[Part]:
    size = wearer.size
    hip = wearer.body.joint("pelvis")[1]
    side = wearer.surface(hip, 0.05, 0.3)[:, 0].max()
    thick = 0.042 * size
    centre = np.array([side + wearer.over * 0.06 + thick, hip - 0.02, 0.02])
    bag = rounded_box((thick, 0.085 * size, 0.12 * size), 0.35).moved(centre)
    flap = rounded_box((0.008, 0.05 * size, 0.122 * size), 0.35).moved(
        centre + vector(thick, 0.036 * size, 0)
    )
    strap = wearer.cover(
        CutKind.top,
        "strap",
        wearer.trim(),
        sleeve=0.3,
        hem=0.12,
        off=round(wearer.over + 0.1, 2),
        band=(-1.1, 6.0, 1.75, 1.5, 0.17),
    )
    return [
        wearer.rigid(bag, "pelvis"),
        wearer.rigid(flap, "pelvis", "flap", wearer.cloth(0.82)),
        strap,
    ]


def _handles(drop: float, half_depth: float, thick: float, apart: float) -> Mesh:
    """Two loops from the fist down to a bag's rim."""

    def loop(side: float) -> Mesh:
        path = [
            [side, -drop, -half_depth],
            [side * 0.6, -drop * 0.45, -half_depth * 0.7],
            [0.0, 0.0, 0.0],
            [side * 0.6, -drop * 0.45, half_depth * 0.7],
            [side, -drop, half_depth],
        ]
        return tube(np.array(path), thick, 6)

    return joined(loop(-apart), loop(apart))


def _hand_bag(
    name: str, half: tuple[float, float, float], drop: float, roundness: float, thick: float,
    **about: object,
) -> None:  # fmt: skip
    """Registers a bag that hangs ``drop`` metres below the hand by handles this ``thick``."""

    @accessory(name, Place.hand, pose=CarryPose.bag, **about)
    def _build(wearer: Wearer) -> list[Part]:
        bone, hand = wearer.hand
        half_size = np.array(half) * wearer.size
        bag = rounded_box(half_size, roundness).moved(hand + vector(0, -drop - half_size[1], 0))
        handles = _handles(drop + 0.02, 0.6 * half_size[2], thick, half_size[0] * 0.5).moved(hand)
        return [wearer.rigid(bag, bone), wearer.rigid(handles, bone, "handles", wearer.trim())]


_hand_bag("handbag", (0.055, 0.10, 0.145), 0.15, 0.35, 0.007, chance=0.10, men=0.15,
          cloth={"leather": 5, "plain": 1, "quilted": 0.7}, pictures="bag")  # fmt: skip
_hand_bag("tote", (0.045, 0.17, 0.17), 0.17, 0.22, 0.007, chance=0.06, men=0.5,
          cloth={"plain": 4, "print": 1, "horizontal_stripe": 0.7}, pictures="bag")  # fmt: skip


@accessory(
    "suitcase",
    Place.hand,
    chance=0.04,
    cloth={"plain": 1},
    pictures="bag",
    pose=CarryPose.trolley,
)
def _suitcase(wearer: Wearer) -> list[Part]:
    """A rolling case that stands on the ground behind the hand that pulls it."""
    bone, hand = wearer.hand
    half = np.array([0.17, 0.27, 0.10]) * wearer.size
    ground = trolley_grip_height(wearer.body.joint, wearer.accessory.hand)
    middle = hand + vector(0.0, -ground + half[1] + 0.046, -0.10)
    case = rounded_box(half, 0.28).moved(middle)
    rods = [
        tube(np.array([hand + vector(x, 0.0, 0.0), middle + vector(x, half[1] * 0.9, 0)]), 0.008, 6)
        for x in (-0.06, 0.06)
    ]
    grip = tube(np.array([hand + vector(-0.07, 0, 0), hand + vector(0.07, 0, 0)]), 0.014, 8)
    wheels = [
        rounded_box((0.018, 0.025, 0.025), 0.9, 8).moved(middle + vector(x, -half[1] - 0.02, z))
        for x in (-0.8 * half[0], 0.8 * half[0])
        for z in (-0.7 * half[2], 0.7 * half[2])
    ]
    ribs = [
        rounded_box((0.006, half[1] * 0.86, half[2] * 1.04), 0.3, 8).moved(middle + vector(x, 0, 0))
        for x in np.array([-0.5, 0.0, 0.5]) * half[0]
    ]
    return [
        wearer.rigid(case, bone, specular=0.2),
        wearer.rigid(joined(*ribs), bone, "ribs", wearer.trim(0.8)),
        wearer.rigid(joined(*rods, grip, *wheels), bone, "rods", (38, 38, 42)),
    ]


_hand_bag("shopping_bag", (0.05, 0.165, 0.13), 0.12, 0.14, 0.004, chance=0.06,
          cloth={"solid": 3, "print": 0.7}, palette="top")  # fmt: skip
