"""What the free hand holds."""

from __future__ import annotations

import numpy as np

from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import joined, lathe, rounded_box, tube
from synth_workers.people.spec import CarryPose
from synth_workers.people.worn.accessories.registry import Place, accessory
from synth_workers.people.worn.wearer import Wearer


@accessory(
    "umbrella",
    Place.other_hand,
    chance=0.02,
    cloth={"solid": 4, "dots": 0.5, "plaid": 0.5},
    pose=CarryPose.umbrella,
)
def _umbrella(wearer: Wearer) -> list[Part]:
    bone, hand = wearer.hand
    radius = 0.5 * wearer.accessory.size
    canopy = lathe(
        [(0.002, 0.80), (radius * 0.35, 0.775), (radius * 0.7, 0.71), (radius, 0.61)], 8
    ).moved(hand)
    stick = tube(np.array([[0, -0.1, 0], [0, 0.2, 0], [0, 0.5, 0], [0, 0.84, 0]]), 0.007, 6)
    handle = tube(np.array([[0, -0.12, 0], [0, -0.06, 0], [0, 0.0, 0]]), 0.014, 8)
    metal = joined(stick, handle).moved(hand)
    return [
        wearer.rigid(canopy, bone, outline=False),
        wearer.rigid(metal, bone, "stick", (58, 58, 62), outline=False),
    ]


@accessory(
    "phone",
    Place.other_hand,
    chance=0.08,
    colours=((20, 20, 24), (150, 152, 158)),
    pose=CarryPose.phone,
)
def _phone(wearer: Wearer) -> list[Part]:
    side, joint = wearer.accessory.hand, wearer.body.joint
    bone = f"hand_{side}"
    along = joint(f"middle_01_{side}") - joint(bone)
    along = along / np.linalg.norm(along)
    across = joint(f"index_01_{side}") - joint(f"pinky_01_{side}")
    across = across / np.linalg.norm(across)
    palm = np.cross(along, across) * (1.0 if side == "l" else -1.0)
    frame = np.stack([across, along, palm], axis=1)
    slab = rounded_box((0.037, 0.076, 0.005), 0.2, 8).turned(frame)
    place = joint(f"prop_{side}") + palm * 0.022 + along * 0.03
    return [wearer.rigid(slab.moved(place), bone, specular=0.4)]
