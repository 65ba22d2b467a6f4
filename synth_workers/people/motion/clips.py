"""Clips: one cycle of a person's own walk, run, and ways of standing.

The stance foot decides how high the root is and how far it travels, so feet neither sink nor slide.
Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synth_workers.people.body.held import OUTWARD
from synth_workers.people.body.rig import SIDES, Rig
from synth_workers.people.motion.foot_placement import (
    HIGH_SWING,
    LOW_SWING,
    STANCE,
    Leg,
    leg_lengths,
    needed_drop,
    planted_ankles,
    reach,
    smoothly_at_least,
    sole_from_ankle,
)
from synth_workers.people.motion.gait import (
    ANKLE,
    HIP,
    IDLES,
    KNEE,
    RUN,
    RUNNING_ANKLE,
    RUNNING_HIP,
    RUNNING_KNEE,
    WALKS,
    Run,
)
from synth_workers.people.motion.hand_placement import (
    STANCES,
    Grip,
)
from synth_workers.people.motion.posing import (
    NOTHING,
    Rotations,
    arm_pose,
    clip_of,
    leg_pose,
    skinning,
    sole_places,
    trunk_pose,
)
from synth_workers.people.motion.rotations import turn_x, turn_y, turn_z
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import GaitSpec

_PHASE = {"l": 0.0, "r": 0.5}


def walk_clip(gait: GaitSpec, rig: Rig, hands: Mapping[str, Grip] = NOTHING) -> Clip:
    """One cycle (two steps) of walking, starting at the left heel's strike.

    ``hands``: what they hold by side, on top of what ``gait`` says that they carry.
    """
    style = WALKS[gait.walk]
    gain = style.gain * gait.stride
    phase = np.arange(CLIP_FRAMES) / CLIP_FRAMES
    angle = 2 * np.pi * phase
    level = np.ones(CLIP_FRAMES)
    pelvis = turn_y(-style.pelvis * gain * np.cos(angle)) @ turn_z(style.sway * np.sin(angle + 0.4))
    trunk = (
        turn_y(style.trunk * gain * np.cos(angle))
        @ turn_x((style.lean + gait.lean) * level)
        @ turn_z(-0.5 * style.sway * np.sin(angle + 0.4))
    )
    upper = trunk @ turn_x(style.stoop * level)
    pose = trunk_pose(pelvis, trunk, upper, turn_y(gait.head * level) @ turn_x(2.0 * level))
    for side in SIDES:
        own = (phase + _PHASE[side]) % 1.0
        hip = HIP(own) * gain + (1 - gain) * 4 + style.knee * 0.5
        knee = KNEE(own) * (0.62 + 0.38 * gain) + style.knee
        ankle = ANKLE(own) * (0.35 + 0.65 * gain) + style.knee * 0.5
        pushing = (own > 0.42) & (own < 0.64)
        toe = np.where(pushing, np.sin((own - 0.42) / 0.22 * np.pi) * 26 * gain, 0.0)
        leg_pose(pose, side, hip, knee, ankle, toe, style.adduction - _apart(gait, rig))
        swing = -style.arm * gait.arm_swing * gain * np.cos(2 * np.pi * (own - 0.02))
        elbow = style.elbow + gait.elbow
        arm_pose(pose, rig, upper, side, gait, 3 + swing, elbow, style.abduction)
    soles = sole_places(rig, skinning(rig, pose))
    steps = _low_harmonics(_forward_steps(soles, phase))
    travel = np.concatenate([[0.0], np.cumsum(steps)])
    lift = _low_harmonics(-soles[..., 1].reshape(CLIP_FRAMES, -1).min(axis=1))
    bones = _grounded(rig, pose, lift, travel)
    return clip_of(gait, rig, pose, bones, travel, style.cadence, hands)


def run_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """One cycle of running at an easy pace, from the left foot's strike; nobody flies far."""
    style: Run = RUN
    gain = gait.stride
    phase = np.arange(CLIP_FRAMES) / CLIP_FRAMES
    angle = 2 * np.pi * phase
    level = np.ones(CLIP_FRAMES)
    pelvis = turn_y(-style.pelvis * gain * np.cos(angle)) @ turn_x(0.5 * style.lean * level)
    trunk = turn_y(style.trunk * gain * np.cos(angle)) @ turn_x((style.lean + gait.lean) * level)
    head = turn_y(0.5 * gait.head * level) @ turn_x(3.0 * level)
    pose = trunk_pose(pelvis, trunk, trunk, head)
    for side in SIDES:
        own = (phase + _PHASE[side]) % 1.0
        hip, knee = RUNNING_HIP(own) * gain, RUNNING_KNEE(own)
        leg_pose(pose, side, hip, knee, RUNNING_ANKLE(own), 0 * phase, style.adduction)
        swing = -style.arm * gait.arm_swing * np.cos(2 * np.pi * (own - 0.02))
        arm_pose(pose, rig, trunk, side, gait, swing - 6, style.elbow, style.abduction)
    soles = sole_places(rig, skinning(rig, pose))
    bearing = ((phase[:, None] + [0.0, 0.5]) % 1.0) < style.stance - 1.0 / CLIP_FRAMES
    back = -(np.roll(soles, -1, axis=0) - soles)[..., 2].mean(axis=2)
    # In the air the body goes on as fast as it was pushed.
    travel = np.arange(CLIP_FRAMES + 1) * float(back[bearing].mean())
    bounce = -style.bounce * np.cos(2 * (angle - np.pi * style.stance))
    # Lowest in the middle of each step; on the ground on average while one foot bears.
    frames, _ = np.nonzero(bearing)
    lift = bounce - float((soles[..., 1].min(axis=2)[bearing] + bounce[frames]).mean())
    bones = _grounded(rig, pose, lift, travel, style.stance, HIGH_SWING)
    return clip_of(gait, rig, pose, bones, travel, style.cadence, NOTHING)


def idle_clip(gait: GaitSpec, rig: Rig, hands: Mapping[str, Grip] = NOTHING) -> Clip:
    """One slow cycle of standing: weight shifts, breathing, the head looks about."""
    style = IDLES[gait.idle]
    phase = np.arange(CLIP_FRAMES) / CLIP_FRAMES
    angle = 2 * np.pi * phase
    level = np.ones(CLIP_FRAMES)
    sway = np.sin(angle)
    pelvis = turn_z(2.0 * sway) @ turn_y(2 * np.sin(angle + 0.6))
    stoop = WALKS[gait.walk].stoop
    trunk = turn_z(-1.4 * sway) @ turn_x(style.lean + 0.6 * np.sin(2 * angle))
    upper = trunk @ turn_x(stoop * level)
    pose = trunk_pose(pelvis, trunk, upper, looking(gait, angle))
    for side in SIDES:
        relaxed = style.shift * (0.5 + 0.5 * sway * OUTWARD[side]) * 0.5
        knee = 4 + relaxed
        hip = 3 + relaxed * 0.5
        leg_pose(pose, side, hip, knee, knee - hip, 0 * phase, style.adduction)
        arm_pose(pose, rig, upper, side, gait, 2 + 1.5 * sway, style.elbow, style.abduction)
    return _standing(gait, rig, pose, hands)


def wait_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """One slow cycle of waiting: the weight on one leg, the other knee bent, hands as usual for
    this person (``gait.stance``) where they are free."""
    style = IDLES[gait.idle]
    phase = np.arange(CLIP_FRAMES) / CLIP_FRAMES
    angle = 2 * np.pi * phase
    level = np.ones(CLIP_FRAMES)
    bearing = OUTWARD["l" if gait.head >= 0 else "r"]
    breath = np.sin(2 * angle)
    pelvis = turn_z(bearing * (5.0 + 0.8 * np.sin(angle))) @ turn_y(-bearing * 6.0 * level)
    upper = turn_z(-bearing * 3.0 * level) @ turn_x(
        style.lean + gait.lean + WALKS[gait.walk].stoop + 0.6 * breath
    )
    pose = trunk_pose(pelvis, upper, upper, looking(gait, angle))
    for side in SIDES:
        bears = OUTWARD[side] == bearing
        knee = (2.0 if bears else 24.0) + 0.8 * np.sin(angle)
        hip = (0.0 if bears else 15.0) * level
        adduction = style.adduction + (1.0 if bears else -4.0)
        leg_pose(pose, side, hip, knee, knee - hip, 0 * phase, adduction)
        arm_pose(pose, rig, upper, side, gait, 2 + breath, style.elbow, style.abduction)
    free = gait.left is None and gait.right is None
    if gait.stance is None or not free:
        return _standing(gait, rig, pose, NOTHING)
    hands: dict[str, Grip] = dict.fromkeys(SIDES, STANCES[gait.stance])
    return _standing(gait, rig, pose, hands)


def looking(gait: GaitSpec, angle: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) of the head of somebody who stands or sits; ``angle``: (n,) radians."""
    style = IDLES[gait.idle]
    return turn_y(style.turn * np.sin(angle + 1.0) + gait.head) @ turn_x(
        style.nod * (1 + 0.5 * np.sin(2 * angle))
    )


def _standing(gait: GaitSpec, rig: Rig, pose: Rotations, hands: Mapping[str, Grip]) -> Clip:
    soles = sole_places(rig, skinning(rig, pose))
    lift = np.full(CLIP_FRAMES, -float(soles[..., 1].min(axis=(1, 2)).mean()))
    bones = _grounded(rig, pose, lift, None)
    still = np.zeros(CLIP_FRAMES + 1)
    return clip_of(gait, rig, pose, bones, still, IDLES[gait.idle].cadence, hands)


def _apart(gait: GaitSpec, rig: Rig) -> float:
    """Degrees by which each leg stands out for the width of this person's steps."""
    return float(np.degrees(0.5 * gait.width / sum(leg_lengths(rig, "l"))))


def _low_harmonics(values: np.ndarray) -> np.ndarray:
    """The part of a periodic curve that repeats with every step: mean and first harmonics."""
    spectrum = np.fft.rfft(values)
    kept = np.zeros_like(spectrum)
    kept[[0, 2, 4]] = spectrum[[0, 2, 4]]
    return np.fft.irfft(kept, n=len(values))


def _grounded(
    rig: Rig, pose: Rotations, lift: np.ndarray, travel: np.ndarray | None,
    stance: float = STANCE, highest: tuple[float, ...] = LOW_SWING,
) -> np.ndarray:  # fmt: skip
    """Skinning matrices with feet planted; the root is ``lift`` higher than at rest.

    ``travel`` None: both feet stay where they are on average (standing). ``stance``, ``highest``:
    of ``planted_ankles``.
    """
    bones = skinning(rig, pose)
    joints = np.einsum("tbij,bj->tbi", bones[..., :3], rig.joints) + bones[..., 3]
    joints[:, :, 1] += lift[:, None]
    legs, ankles, drop = [], [], np.zeros(CLIP_FRAMES)
    for side, sole in zip(SIDES, rig.soles, strict=True):
        leg = Leg(
            side=side,
            hip=joints[:, rig.bone(f"thigh_{side}")],
            knee=joints[:, rig.bone(f"calf_{side}")],
            ankle=joints[:, rig.bone(f"foot_{side}")],
            foot=pose[f"foot_{side}"],
            ball=pose[f"ball_{side}"],
            strike=round((1.0 - _PHASE[side]) * CLIP_FRAMES) % CLIP_FRAMES,
        )
        if travel is None:
            place = np.tile(leg.ankle.mean(axis=0), (CLIP_FRAMES, 1))
            place[:, 1] = -sole_from_ankle(leg, rig, sole)[..., 1].min(axis=1)
        else:
            place = planted_ankles(leg, rig, sole, travel, stance, highest)
        legs.append(leg)
        ankles.append(place)
        drop = np.maximum(drop, needed_drop(leg.hip, place, sum(leg_lengths(rig, side))))
    drop = smoothly_at_least(drop)
    down = np.stack([0 * drop, drop, 0 * drop], axis=1)
    for leg, place in zip(legs, ankles, strict=True):
        thigh, calf = f"thigh_{leg.side}", f"calf_{leg.side}"
        pose[thigh], pose[calf] = reach(rig, leg, leg.hip - down, place, pose[thigh], pose[calf])
    bones = skinning(rig, pose)
    bones[:, :, 1, 3] += (lift - drop)[:, None]
    return bones


def _forward_steps(soles: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Metres the root advances from each frame to the next: the stance foot moves back.

    The left foot bears the weight in the first half of the cycle, the right in the second;
    which one counts is decided by phase, because heights alone confuse slow walks.
    """
    following = np.roll(soles, -1, axis=0)
    back = -(following - soles)[..., 2]
    height = 0.5 * (following + soles)[..., 1]
    contact = np.exp(-(height - height.min(axis=2, keepdims=True)) / 0.004)
    speed = (contact * back).sum(axis=2) / contact.sum(axis=2)
    left = 1.0 / (1.0 + np.exp(-np.sin(2 * np.pi * (phase - 0.03)) / 0.06))
    return left * speed[:, 0] + (1 - left) * speed[:, 1]
