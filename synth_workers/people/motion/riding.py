"""The clip of somebody who rides the bicycle that is pushed in other clips.

The bicycle hangs on the bones of the hands (``worn.accessories.both_hands``), which put it under
the rider: frame and wheels on that of the hand on the saddle, the cranks on the other. Frame:
metres, y up, z forward, x to the person's left; the root is between the wheels.
"""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.held import (
    BIKE_ASIDE,
    CRANK,
    GRIP,
    OUTWARD,
    PEDAL,
    SADDLE,
    arm_length,
    bicycle_scale,
)
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.motion.foot_placement import Leg, leg_lengths, reach
from synth_workers.people.motion.hand_placement import Grip
from synth_workers.people.motion.posing import (
    Rotations,
    carried,
    clip_of,
    joint_places,
    skinning,
    trunk_pose,
)
from synth_workers.people.motion.rotations import turn_x, turn_y, turn_z
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec

DEVELOPMENT = 3.3
"""Metres that the bicycle goes on for each turn of the cranks."""

_CADENCE = 1.02
"""Turns a second: 12 km/h, as one rides among people on foot."""

_PEDAL_HALF = 0.012
_FOOT_INSIDE = 0.02
"""Metres by which a foot is nearer to the frame than the middle of its pedal."""

_SINKS = 0.02
"""Metres of flesh and saddle that give way."""

_TOES_DOWN, _MOST_DOWN = 10.0, 45.0
"""Degrees that feet point down, and at most where legs are short."""

_STRETCH = 0.985
_BENT_ARM = 0.93
"""Shares of their length that legs have at most, and arms."""

_LEVEL = np.ones(CLIP_FRAMES)


def ride_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """One turn of the cranks, sitting, both hands on the bar."""
    size = bicycle_scale(rig.joint)
    angle = 360.0 * np.arange(CLIP_FRAMES) / CLIP_FRAMES
    turning = turn_x(angle)
    lean = _lean(rig, size)
    sway = 1.5 * np.sin(np.radians(angle))
    trunk = turn_x(lean * _LEVEL)
    pelvis = turn_z(sway) @ turn_x(0.6 * lean * _LEVEL)
    head = turn_y(0.5 * gait.head * _LEVEL) @ turn_x(4.0 * _LEVEL)
    pose = trunk_pose(pelvis, trunk, turn_x((lean + 3.0) * _LEVEL), head)
    for side in SIDES:
        pose[f"thigh_{side}"], pose[f"calf_{side}"] = turn_x(-50.0 * _LEVEL), turn_x(25.0 * _LEVEL)
        pose[f"foot_{side}"] = pose[f"ball_{side}"] = turn_x(_TOES_DOWN * _LEVEL)
    shift = _onto_saddle(rig, pose, size)
    _pedal(rig, pose, shift, size, turning)
    bones = skinning(rig, pose)
    bones[..., 3] += shift[:, None]
    seconds = 1.0 / (_CADENCE * gait.cadence)
    travel = np.linspace(0.0, DEVELOPMENT * gait.stride, CLIP_FRAMES + 1)
    bar: dict[str, Grip] = dict.fromkeys(SIDES, _BAR)
    clip = clip_of(gait, rig, pose, bones, travel, 1.0 / (seconds * gait.cadence), bar)
    _put_below(clip, gait, rig, size, turning)
    return clip


def _grip(rig: Rig, side: str) -> np.ndarray:
    return GRIP * [OUTWARD[side], 1.0, 1.0] * bicycle_scale(rig.joint)


_BAR = Grip(None, _grip, (0.6, -0.6, -0.5), (0.0, -1.0, 0.2))


def _lean(rig: Rig, size: float) -> float:
    """Degrees that the trunk bows so that arms which are a little bent reach the bar."""
    hip, shoulder = rig.joint("thigh_l"), rig.joint("upperarm_l")
    leans = np.arange(4.0, 56.0)
    up, ahead = shoulder[1] - hip[1], shoulder[2] - hip[2]
    cosine, sine = np.cos(np.radians(leans)), np.sin(np.radians(leans))
    seat = (SADDLE * size)[1:] + [0.07, 0.0]
    high, far = seat[0] + up * cosine - ahead * sine, seat[1] + up * sine + ahead * cosine
    aside, grip = shoulder[0] - GRIP[0] * size, GRIP * size
    apart = np.sqrt(aside**2 + (high - grip[1]) ** 2 + (far - grip[2]) ** 2)
    enough = apart < _BENT_ARM * sum(arm_length(rig.joint, "l"))
    return float(leans[enough.argmax()] if enough.any() else leans[apart.argmin()])


def _onto_saddle(rig: Rig, pose: Rotations, size: float) -> np.ndarray:
    """(48, 3) by which the skeleton moves so that it sits on the saddle."""
    bones = skinning(rig, pose)
    hips = np.mean([joint_places(rig, bones, f"thigh_{side}") for side in SIDES], axis=0)
    skin = carried(rig.seat, bones)
    between = np.abs(rig.seat.points[:, 0]) < 0.08
    saddle = SADDLE * size
    lowest = skin[:, between, 1].min(axis=1).mean()
    up = saddle[1] - _SINKS - lowest
    return np.stack([-hips[:, 0], up * _LEVEL, saddle[2] - 0.01 - hips[:, 2]], axis=1)


def _pedal(rig: Rig, pose: Rotations, shift: np.ndarray, size: float, turning: np.ndarray) -> None:
    """Put the balls of the feet onto the pedals; feet point down as far as legs have to reach."""
    bones = skinning(rig, pose)
    for side in SIDES:
        out = OUTWARD[side]
        pedal = (turning @ (PEDAL - CRANK) * [1.0, out, out] + CRANK) * size
        pedal[:, 0] = out * (PEDAL[0] * size - _FOOT_INSIDE)
        pedal[:, 1] += _PEDAL_HALF * size
        foot, ball = rig.joint(f"foot_{side}"), rig.joint(f"ball_{side}")
        below = np.array([ball[0], 0.0, ball[2]]) - foot
        hip = joint_places(rig, bones, f"thigh_{side}") + shift
        far = _STRETCH * sum(leg_lengths(rig, side))
        down, ankle = _TOES_DOWN * _LEVEL, np.empty((CLIP_FRAMES, 3))
        for more in np.arange(_TOES_DOWN, _MOST_DOWN + 1.0, 5.0):
            turned = turn_y(out * 4.0 * _LEVEL) @ turn_x(down)
            ankle = pedal - turned @ below
            down = np.where(np.linalg.norm(ankle - hip, axis=1) > far, more + 5.0, down)
        down = _smooth(down)
        turned = turn_y(out * 4.0 * _LEVEL) @ turn_x(down)
        ankle = pedal - turned @ below
        pose[f"foot_{side}"] = pose[f"ball_{side}"] = turned
        leg = Leg(
            side=side,
            hip=hip,
            knee=joint_places(rig, bones, f"calf_{side}") + shift,
            ankle=ankle,
            foot=turned,
            ball=turned,
            strike=0,
        )
        thigh, calf = f"thigh_{side}", f"calf_{side}"
        pose[thigh], pose[calf] = reach(rig, leg, hip, ankle, pose[thigh], pose[calf])


def _smooth(values: np.ndarray) -> np.ndarray:
    weights = np.hanning(13)[1:-1]
    return np.convolve(np.tile(values, 3), weights / weights.sum(), "same")[
        CLIP_FRAMES : 2 * CLIP_FRAMES
    ]


def _put_below(clip: Clip, gait: GaitSpec, rig: Rig, size: float, turning: np.ndarray) -> None:
    """Move the bicycle from beside the person to below, and turn its cranks."""
    near = "l" if gait.left is CarryPose.saddle else "r"
    aside = np.array([OUTWARD[near] * BIKE_ASIDE * size, 0.0, 0.0])
    frame, cranks = rig.bone(f"prop_{near}"), rig.bone("prop_r" if near == "l" else "prop_l")
    clip.bones[:, frame, :, 3] = -aside
    middle = CRANK * size + aside
    clip.bones[:, cranks, :, :3] = turning
    clip.bones[:, cranks, :, 3] = middle - turning @ middle - aside
