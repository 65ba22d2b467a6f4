"""Clips of people who sit, and of getting up: on seats as ``synth_workers.seating`` has them.

The root is on the ground below the seat's front edge. Who is small hangs the feet; who is tall has
the knees farther ahead. Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.people.body.held import OUTWARD
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.motion.clips import looking
from synth_workers.people.motion.foot_placement import Leg, leg_lengths, reach, sole_from_ankle
from synth_workers.people.motion.gait import IDLES
from synth_workers.people.motion.hand_placement import STANCES, Grip, resting_on_thigh
from synth_workers.people.motion.posing import (
    Rotations,
    arm_pose,
    carried,
    clip_of,
    joint_places,
    skinning,
    trunk_pose,
)
from synth_workers.people.motion.rotations import turn_x, turn_y
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec, Stance
from synth_workers.seating import SEAT_DEPTH, SEAT_HEIGHT

CLOTH = 0.008
"""Metres of pressed cloth between skin and seat."""

_BEHIND = 0.02
"""Metres left free to what is behind the seat."""

_BEYOND_EDGE = 0.09
"""Metres that the knees are at least ahead of the edge, so that calves pass before it."""

_STEEPEST, _TIPTOE = np.radians(8.0), np.radians(32.0)
"""How far thighs slope down, and feet point down, where legs are short for the seat."""

_LEVEL = np.ones(CLIP_FRAMES)


@dataclass(frozen=True)
class _Seated:
    """How a body sits. ``hips``: height and (negative) distance behind the edge of the hip joints.
    Of left and right: ``ankles`` (2, 2), height and distance ahead; in degrees ``flexion`` of the
    hip, forward tilt of the ``shanks``, and how far ``toes`` point down."""

    hips: tuple[float, float]
    ankles: np.ndarray
    flexion: tuple[float, float]
    shanks: tuple[float, float]
    toes: tuple[float, float]


def sit_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """One slow cycle of sitting: breathing, the head looks about, hands in the lap or on the
    thighs where they are free."""
    angle = 2 * np.pi * np.arange(CLIP_FRAMES) / CLIP_FRAMES
    seated = _seated(gait, rig)
    pose = _pose(gait, rig, seated, 0.7 * np.sin(2 * angle))
    pose["head"] = looking(gait, angle) @ turn_x(_reading(gait) * _LEVEL)
    bones = _placed(rig, pose, seated.hips[0] * _LEVEL, seated.hips[1] * _LEVEL, seated.ankles)
    still = np.zeros(CLIP_FRAMES + 1)
    return clip_of(gait, rig, pose, bones, still, IDLES[gait.idle].cadence, _hands(gait))


def _seated(gait: GaitSpec, rig: Rig) -> _Seated:
    """Found from the skin that touches the seat, and from how long the legs are."""
    thigh, shank = leg_lengths(rig, "l")
    foot = float(rig.joint("foot_l")[1])
    sole = float(np.linalg.norm(rig.joint("ball_l") - rig.joint("foot_l")))
    # Feet are put forward one more than the other.
    tilts = [3.0 + 20.0 * gait.sprawl, 3.0 + 9.0 * gait.sprawl]
    shanks = tilts if gait.head >= 0 else tilts[::-1]
    first = _pose(
        gait, rig, _Seated((0, 0), np.zeros((2, 2)), (90, 90), (0, 0), (0, 0)), 0 * _LEVEL
    )
    bones = skinning(rig, first)[:1]
    hip = np.mean([joint_places(rig, bones, f"thigh_{side}")[0] for side in SIDES], axis=0)
    points = carried(rig.seat, bones)[0] - hip
    height = SEAT_HEIGHT + CLOTH - float(points[:, 1].min())
    deep = _BEHIND - SEAT_DEPTH - float(points[:, 2].min())
    back = max(deep, _BEYOND_EDGE - thigh)
    lowest = height - thigh * np.sin(_STEEPEST)  # of the knees
    legs = []
    for wanted in shanks:
        # Whose legs are too short for both puts the feet below the knees, then points the toes.
        straight = (lowest - foot) / shank
        tilt = min(np.radians(wanted), float(np.arccos(np.clip(straight, -1.0, 1.0))))
        over = max(lowest - shank * np.cos(tilt) - foot, 0.0)
        slope = float(
            np.arcsin(np.clip((over + foot + shank * np.cos(tilt) - height) / thigh, -1, 1))
        )
        ahead = back + thigh * np.cos(slope) + shank * np.sin(tilt)
        toe = min(float(np.arcsin(min(over / sole, 1.0))), _TIPTOE)
        legs.append(
            (90.0 + np.degrees(slope), np.degrees(tilt), np.degrees(toe), foot + over, ahead)
        )
    flexion, tilts, toes, over, ahead = zip(*legs)
    return _Seated((height, back), np.stack([over, ahead], 1), flexion, tilts, toes)


def _pose(gait: GaitSpec, rig: Rig, seated: _Seated, breath: np.ndarray) -> Rotations:
    lean = 4.0 + 0.8 * max(gait.lean, 0.0) - 3.0 * gait.sprawl + 0.35 * _reading(gait)
    trunk = turn_x(lean + breath)
    upper = trunk @ turn_x((6.0 + 0.2 * _reading(gait)) * _LEVEL)
    pose = trunk_pose(turn_x((lean - 14.0) * _LEVEL), trunk, upper, upper)
    for side, flexion, tilt, toe in zip(SIDES, seated.flexion, seated.shanks, seated.toes):
        out = OUTWARD[side]
        apart = turn_y(out * 11.0 * gait.sprawl * _LEVEL)
        pose[f"thigh_{side}"] = apart @ turn_x(-flexion * _LEVEL)
        pose[f"calf_{side}"] = apart @ turn_x(-tilt * _LEVEL)
        turned = turn_y(out * (6.0 + 8.0 * gait.sprawl) * _LEVEL)
        pose[f"foot_{side}"], pose[f"ball_{side}"] = turned @ turn_x(toe * _LEVEL), turned
        arm_pose(pose, rig, upper, side, gait, 12.0 * _LEVEL, 40.0, 6.0)
    return pose


def _placed(
    rig: Rig, pose: Rotations, height: np.ndarray, back: np.ndarray, ankles: np.ndarray
) -> np.ndarray:
    """Skinning matrices with hips at ``height`` and ``back`` (48,), and the legs reaching from
    there to ``ankles`` (2, 2) or (2, 48, 2), higher where soles would be below the ground."""
    bones = skinning(rig, pose)
    hips = [joint_places(rig, bones, f"thigh_{side}") for side in SIDES]
    middle = np.mean(hips, axis=0)
    shift = np.stack([0 * height, height - middle[:, 1], back - middle[:, 2]], axis=1)
    for number, (side, sole) in enumerate(zip(SIDES, rig.soles, strict=True)):
        leg = Leg(
            side=side,
            hip=hips[number] + shift,
            knee=joint_places(rig, bones, f"calf_{side}") + shift,
            ankle=joint_places(rig, bones, f"foot_{side}") + shift,
            foot=pose[f"foot_{side}"],
            ball=pose[f"ball_{side}"],
            strike=0,
        )
        over, ahead = np.broadcast_to(ankles[number], (CLIP_FRAMES, 2)).T
        ground = -sole_from_ankle(leg, rig, sole)[..., 1].min(axis=1)
        place = np.stack([leg.ankle[:, 0], np.maximum(over, ground), ahead], axis=1)
        thigh, calf = f"thigh_{side}", f"calf_{side}"
        pose[thigh], pose[calf] = reach(rig, leg, leg.hip, place, pose[thigh], pose[calf])
    bones = skinning(rig, pose)
    bones[..., 3] += shift[:, None]
    return bones


def _reading(gait: GaitSpec) -> float:
    """Degrees by which the head bows over a telephone."""
    return 20.0 if CarryPose.phone in (gait.left, gait.right) else 0.0


def _hands(gait: GaitSpec) -> dict[str, Grip]:
    holding = {
        side: pose
        for side, pose in zip(SIDES, (gait.left, gait.right), strict=True)
        if pose not in (None, CarryPose.pocket)
    }
    if gait.stance is Stance.clasped and not holding:
        return dict.fromkeys(SIDES, STANCES[Stance.clasped])
    return {side: resting_on_thigh(side) for side in SIDES if side not in holding}
