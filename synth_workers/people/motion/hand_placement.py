"""Puts hands on what they hold and lets the arms reach: bars, boxes, an ear, the own hips.

Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synth_workers.people.body.held import (
    BIKE_ASIDE,
    OUTWARD,
    Joint,
    arm_length,
    bar_place,
    bicycle_scale,
    box_half,
    box_place,
)
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.motion.foot_placement import bent
from synth_workers.people.motion.rotations import about, least_rotation, normalised
from synth_workers.people.spec import CarryPose, Stance

_TRIES = 3
"""Turning the palm moves it a little, so that arms are bent anew."""


@dataclass(frozen=True)
class Grip:
    """Where a palm is put: ``place`` gives a rest position (3,) for a skeleton and a side.

    It moves with ``bone``, or with the root where that is None. ``elbow``: to where the elbow
    points, ``palm``: to where the palm faces, if that matters; x outwards. Only the forearm's turn
    decides that, so it is never along the forearm.
    """

    bone: str | None
    place: Callable[[Rig, str], np.ndarray]
    elbow: tuple[float, float, float]
    palm: tuple[float, float, float] | None = None


def _bar(rig: Rig, side: str) -> np.ndarray:
    return bar_place(rig.joint) + [OUTWARD[side] * 0.16, 0.0, 0.0]


def _handlebar(rig: Rig, side: str) -> np.ndarray:
    """The near grip of a bicycle that is on the other side."""
    size = bicycle_scale(rig.joint)
    return np.array([OUTWARD[side] * (0.28 - BIKE_ASIDE), 1.0, 0.385]) * size


def _saddle(rig: Rig, side: str) -> np.ndarray:
    size = bicycle_scale(rig.joint)
    return np.array([OUTWARD[side] * BIKE_ASIDE, 0.97, -0.13]) * size


def _box_side(rig: Rig, side: str) -> np.ndarray:
    half = box_half(rig.joint)
    return box_place(rig.joint) + half * [OUTWARD[side] * 1.06, -0.75, 0.15]


def _ear(rig: Rig, side: str) -> np.ndarray:
    centre, half = rig.head
    return centre + [OUTWARD[side] * (half[0] + 0.035), -0.5 * half[1], 0.05 * half[2]]


def _hip(rig: Rig, side: str) -> np.ndarray:
    thigh, spine = rig.joint(f"thigh_{side}"), rig.joint("spine_01")
    return np.array([2.0 * thigh[0], spine[1], thigh[2] + 0.03])


def _thigh(rig: Rig, side: str) -> np.ndarray:
    thigh, calf = rig.joint(f"thigh_{side}"), rig.joint(f"calf_{side}")
    girth = 0.19 * float(np.linalg.norm(calf - thigh))
    return 0.3 * thigh + 0.7 * calf + [0.0, 0.0, girth]


def _before(rig: Rig, side: str) -> np.ndarray:
    thigh = rig.joint(f"thigh_{side}")
    return np.array([OUTWARD[side] * 0.02, thigh[1] - 0.03, thigh[2] + 0.19])


def _behind(rig: Rig, side: str) -> np.ndarray:
    thigh = rig.joint(f"thigh_{side}")
    return np.array([OUTWARD[side] * 0.03, thigh[1] + 0.05, thigh[2] - 0.19])


GRIPS: Mapping[CarryPose, Grip] = {
    CarryPose.bar: Grip(None, _bar, (0.6, -0.6, -0.5), (0.0, -1.0, 0.2)),
    CarryPose.handlebar: Grip(None, _handlebar, (0.7, -0.5, -0.5), (0.0, -1.0, 0.2)),
    CarryPose.saddle: Grip(None, _saddle, (0.8, 0.0, -0.6), (-1.0, -0.3, 0.0)),
    CarryPose.box: Grip("spine_03", _box_side, (0.7, -0.5, -0.5), (-1.0, 0.4, 0.0)),
}
"""Of arms that hold something that is not the hand's to move."""


def resting_on_thigh(side: str) -> Grip:
    """Of the hand of somebody who sits: above the knee of its own side."""
    return Grip(f"thigh_{side}", _thigh, (0.8, -0.1, -0.6), (0.0, -1.0, 0.0))


PUSHING = (CarryPose.bar, CarryPose.handlebar, CarryPose.saddle)
"""Poses of hands on things that roll over the ground, and hence do not bob with the body."""

AT_THE_EAR = Grip("head", _ear, (0.7, -0.6, 0.4), (-1.0, 0.0, 0.0))

STANCES: Mapping[Stance, Grip] = {
    Stance.hips: Grip("pelvis", _hip, (0.8, 0.0, -0.5)),
    Stance.clasped: Grip("pelvis", _before, (0.8, -0.1, -0.4)),
    Stance.behind: Grip("pelvis", _behind, (0.8, 0.0, -0.3)),
}
"""Of both hands of somebody who waits."""


def place_hands(
    rig: Rig, pose: dict[str, np.ndarray], bones: np.ndarray, grips: Mapping[str, Grip]
) -> None:
    """Turns the arms of ``pose`` so that palms are where ``grips`` (by side) want them.

    ``bones``: (n, 55, 3, 4) skinning matrices of the pose as it stands.
    """
    for side, grip in grips.items():
        shoulder = _moved(bones, rig.bone(f"upperarm_{side}"), rig.joint(f"upperarm_{side}"))
        goal = np.tile(grip.place(rig, side), (len(bones), 1))
        if grip.bone is not None:
            goal = _moved(bones, rig.bone(grip.bone), goal[0])
        turned, palm = _arm(rig, side, grip, shoulder, goal)
        aim = goal
        for _ in range(_TRIES - 1):
            aim = aim + (goal - palm)
            turned, palm = _arm(rig, side, grip, shoulder, aim)
        pose |= turned


def _arm(
    rig: Rig, side: str, grip: Grip, shoulder: np.ndarray, aim: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Rotations of an arm that reaches for ``aim`` (n, 3), and where its palm then is."""
    mirror = np.array([OUTWARD[side], 1.0, 1.0])
    rest = [rig.joint(f"{name}_{side}") for name in ("upperarm", "lowerarm", "hand", "prop")]
    bend = np.tile(mirror * grip.elbow, (len(aim), 1))
    elbow, end = bent(shoulder, aim, arm_length(rig.joint, side), bend)
    upper = least_rotation(normalised(rest[1] - rest[0]), normalised(elbow - shoulder))
    along = normalised(end - elbow)
    fore = least_rotation(normalised(rest[3] - rest[1]), along)
    hand = fore
    if grip.palm is not None:
        fore, hand = _facing(rig, side, fore, along, mirror * grip.palm)
    turned = dict(
        zip((f"upperarm_{side}", f"lowerarm_{side}", f"hand_{side}"), (upper, fore, hand))
    )
    return turned, elbow + fore @ (rest[2] - rest[1]) + hand @ (rest[3] - rest[2])


def held(gait_left: CarryPose | None, gait_right: CarryPose | None) -> dict[str, Grip]:
    """The grips, by side, of arms in these poses."""
    arms = zip(SIDES, (gait_left, gait_right), strict=True)
    return {side: GRIPS[pose] for side, pose in arms if pose is not None and pose in GRIPS}


def palm_normal(joint: Joint, side: str) -> np.ndarray:
    """(3,) unit vector out of the palm in the rest pose."""
    along = normalised(joint(f"middle_01_{side}") - joint(f"hand_{side}"))
    across = normalised(joint(f"index_01_{side}") - joint(f"pinky_01_{side}"))
    return normalised(np.cross(along, across) * OUTWARD[side])


def _facing(
    rig: Rig, side: str, turned: np.ndarray, along: np.ndarray, palm: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations (n, 3, 3) of forearm and hand so that the palm faces ``palm`` (3,).

    The twist about the forearm is shared by elbow and wrist.
    """
    now = turned @ palm_normal(rig.joint, side)
    flat = [
        normalised(each - (each * along).sum(1, keepdims=True) * along)
        for each in (now, np.broadcast_to(palm, now.shape))
    ]
    sine = np.einsum("ni,ni->n", np.cross(flat[0], flat[1]), along)
    angle = np.arctan2(sine, np.einsum("ni,ni->n", *flat))
    return about(along, 0.5 * angle) @ turned, about(along, angle) @ turned


def _moved(bones: np.ndarray, row: int, point: np.ndarray) -> np.ndarray:
    return bones[:, row, :, :3] @ point + bones[:, row, :, 3]
