"""Clips: one cycle of a person's own walk and of their own way of standing.

Forward kinematics in rest-aligned global axes: bone b moves by M_b = [G_b | p_b - G_b h_b]
with p_b = p_parent + G_parent (h_b - h_parent), so no bone roll is needed. The stance foot
decides how high the root is and how far it travels, so feet neither sink nor slide.
Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

import numpy as np

from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.body.rig import SIDES, Rig, Sole, trolley_grip_height
from synth_workers.people.motion.foot_placement import (
    Leg,
    leg_lengths,
    needed_drop,
    planted_ankles,
    reach,
    smoothly_at_least,
    sole_from_ankle,
)
from synth_workers.people.motion.gait import ANKLE, ARMS, HIP, IDLES, KNEE, WALKS, Arm
from synth_workers.people.motion.rotations import least_rotation, turn_x, turn_y, turn_z
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec

Rotations = dict[str, np.ndarray]

_OUTWARD = {"l": 1.0, "r": -1.0}
_PHASE = {"l": 0.0, "r": 0.5}
_DOWN = np.array([0.0, -1.0, 0.0])


def build_clips(gait: GaitSpec, body: FittedBody | Rig) -> dict[str, Clip]:
    """The clips ``walk`` and ``idle`` of a person with this gait and body."""
    rig = body if isinstance(body, Rig) else Rig.from_body(body)
    return {"walk": walk_clip(gait, rig), "idle": idle_clip(gait, rig)}


def walk_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """One cycle (two steps) of walking, starting at the left heel's strike."""
    style = WALKS[gait.walk]
    gain = style.gain * gait.stride
    phase = np.arange(CLIP_FRAMES) / CLIP_FRAMES
    angle = 2 * np.pi * phase
    level = np.ones(CLIP_FRAMES)
    pelvis = turn_y(-style.pelvis * gain * np.cos(angle)) @ turn_z(style.sway * np.sin(angle + 0.4))
    trunk = (
        turn_y(style.trunk * gain * np.cos(angle))
        @ turn_x(style.lean * level)
        @ turn_z(-0.5 * style.sway * np.sin(angle + 0.4))
    )
    upper = trunk @ turn_x(style.stoop * level)
    pose = _trunk_pose(pelvis, trunk, upper, turn_y(gait.head * level) @ turn_x(2.0 * level))
    for side in SIDES:
        own = (phase + _PHASE[side]) % 1.0
        hip = HIP(own) * gain + (1 - gain) * 4 + style.knee * 0.5
        knee = KNEE(own) * (0.62 + 0.38 * gain) + style.knee
        ankle = ANKLE(own) * (0.35 + 0.65 * gain) + style.knee * 0.5
        pushing = (own > 0.42) & (own < 0.64)
        toe = np.where(pushing, np.sin((own - 0.42) / 0.22 * np.pi) * 26 * gain, 0.0)
        _leg_pose(pose, side, hip, knee, ankle, toe, style.adduction)
        swing = -style.arm * gait.arm_swing * gain * np.cos(2 * np.pi * (own - 0.02))
        _arm_pose(pose, rig, upper, side, gait, 3 + swing, style.elbow, style.abduction)
    soles = _soles(rig, _skinning(rig, pose))
    steps = _low_harmonics(_forward_steps(soles, phase))
    travel = np.concatenate([[0.0], np.cumsum(steps)])
    lift = _low_harmonics(-soles[..., 1].reshape(CLIP_FRAMES, -1).min(axis=1))
    return _clip(gait, rig, _grounded(rig, pose, lift, travel), travel, style.cadence)


def idle_clip(gait: GaitSpec, rig: Rig) -> Clip:
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
    head = turn_y(style.turn * np.sin(angle + 1.0) + gait.head) @ turn_x(
        style.nod * (1 + 0.5 * np.sin(2 * angle))
    )
    pose = _trunk_pose(pelvis, trunk, upper, head)
    for side in SIDES:
        relaxed = style.shift * (0.5 + 0.5 * sway * _OUTWARD[side]) * 0.5
        knee = 4 + relaxed
        hip = 3 + relaxed * 0.5
        _leg_pose(pose, side, hip, knee, knee - hip, 0 * phase, style.adduction)
        _arm_pose(pose, rig, upper, side, gait, 2 + 1.5 * sway, style.elbow, style.abduction)
    soles = _soles(rig, _skinning(rig, pose))
    lift = np.full(CLIP_FRAMES, -float(soles[..., 1].min(axis=(1, 2)).mean()))
    bones = _grounded(rig, pose, lift, None)
    return _clip(gait, rig, bones, np.zeros(CLIP_FRAMES + 1), style.cadence)


def _trunk_pose(
    pelvis: np.ndarray, trunk: np.ndarray, upper: np.ndarray, head: np.ndarray
) -> Rotations:
    u, _, vt = np.linalg.svd(0.5 * pelvis + 0.5 * trunk)
    pose = {"pelvis": pelvis, "spine_01": u @ vt, "spine_02": trunk, "spine_03": upper}
    pose["neck_01"] = upper
    pose["head"] = head
    pose["clavicle_l"] = pose["clavicle_r"] = upper
    return pose


def _leg_pose(
    pose: Rotations,
    side: str,
    hip: np.ndarray,
    knee: np.ndarray,
    ankle: np.ndarray,
    toe: np.ndarray,
    adduction: float,
) -> None:
    """Thigh, shank and foot; adduction narrows the wide stance of the rest pose."""
    inward = -_OUTWARD[side]
    level = np.ones_like(hip)
    pose[f"thigh_{side}"] = turn_z(inward * adduction * level) @ turn_x(-hip)
    pose[f"calf_{side}"] = turn_z(inward * adduction * level) @ turn_x(knee - hip)
    foot = turn_y(-inward * 6.0 * level) @ turn_x(knee - hip - ankle)
    pose[f"foot_{side}"] = foot
    pose[f"ball_{side}"] = foot @ turn_x(-toe)


def _arm_pose(
    pose: Rotations,
    rig: Rig,
    upper: np.ndarray,
    side: str,
    gait: GaitSpec,
    flexion: np.ndarray,
    elbow: float,
    abduction: float,
) -> None:
    """Upper arm, forearm and hand: swing freely, or hold what is carried."""
    bend = elbow + 0.45 * np.maximum(flexion, 0.0)
    inward = 0.0
    carried = gait.left if side == "l" else gait.right
    if carried is not None:
        arm: Arm = ARMS[carried]
        flexion = arm.flexion + arm.swing * flexion
        bend = arm.elbow + 0 * flexion
        abduction, inward = arm.abduction, arm.inward
    level = np.ones_like(flexion)
    out = _OUTWARD[side]
    shoulder = upper @ turn_z(out * abduction * level)
    down = shoulder @ turn_x(-flexion) @ _DOWN
    fore = (
        upper
        @ turn_y(-out * inward * level)
        @ turn_z(out * 0.6 * abduction * level)
        @ turn_x(-(flexion + bend))
        @ _DOWN
    )
    pose[f"upperarm_{side}"] = least_rotation(rig.directions["upperarm", side], down)
    pose[f"lowerarm_{side}"] = least_rotation(rig.directions["lowerarm", side], fore)


def _skinning(rig: Rig, pose: Rotations) -> np.ndarray:
    """Skinning matrices (48, 55, 3, 4) of a pose."""
    count = len(rig.names)
    turned = np.empty((CLIP_FRAMES, count, 3, 3))
    joints = np.empty((CLIP_FRAMES, count, 3))
    for row, (name, parent) in enumerate(zip(rig.names, rig.parents, strict=True)):
        if parent < 0:
            turned[:, row], joints[:, row] = np.eye(3), rig.joints[row]
            continue
        arm = rig.joints[row] - rig.joints[parent]
        joints[:, row] = joints[:, parent] + turned[:, parent] @ arm
        if name in pose:
            turned[:, row] = pose[name]
        elif name.startswith("prop_"):
            turned[:, row] = np.eye(3)
        elif row in rig.curls:
            turned[:, row] = turned[:, parent] @ rig.curls[row]
        else:
            turned[:, row] = turned[:, parent]
    shift = joints - np.einsum("tbij,bj->tbi", turned, rig.joints)
    return np.concatenate([turned, shift[..., None]], axis=-1)


def _soles(rig: Rig, bones: np.ndarray) -> np.ndarray:
    """Sole points of both feet in every frame, (48, 2, k, 3)."""
    return np.stack([carried(sole, bones) for sole in rig.soles], axis=1)


def _low_harmonics(values: np.ndarray) -> np.ndarray:
    """The part of a periodic curve that repeats with every step: mean and first harmonics."""
    spectrum = np.fft.rfft(values)
    kept = np.zeros_like(spectrum)
    kept[[0, 2, 4]] = spectrum[[0, 2, 4]]
    return np.fft.irfft(kept, n=len(values))


def _grounded(rig: Rig, pose: Rotations, lift: np.ndarray, travel: np.ndarray | None) -> np.ndarray:
    """Skinning matrices with feet planted; the root is ``lift`` higher than at rest.

    ``travel`` None: both feet stay where they are on average (standing).
    """
    bones = _skinning(rig, pose)
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
            place = planted_ankles(leg, rig, sole, travel)
        legs.append(leg)
        ankles.append(place)
        drop = np.maximum(drop, needed_drop(leg.hip, place, sum(leg_lengths(rig, side))))
    drop = smoothly_at_least(drop)
    down = np.stack([0 * drop, drop, 0 * drop], axis=1)
    for leg, place in zip(legs, ankles, strict=True):
        thigh, calf = f"thigh_{leg.side}", f"calf_{leg.side}"
        pose[thigh], pose[calf] = reach(rig, leg, leg.hip - down, place, pose[thigh], pose[calf])
    bones = _skinning(rig, pose)
    bones[:, :, 1, 3] += (lift - drop)[:, None]
    return bones


def _clip(gait: GaitSpec, rig: Rig, bones: np.ndarray, travel: np.ndarray, cadence: float) -> Clip:
    """The clip of these matrices; a pulled case is kept at one height, so that it rolls."""
    for side, pose in (("l", gait.left), ("r", gait.right)):
        if pose is CarryPose.trolley:
            row = rig.bone(f"prop_{side}")
            bones[:, row, 1, 3] = trolley_grip_height(rig.joint, side) - rig.joints[row, 1]
    seconds = 1.0 / (cadence * gait.cadence)
    return Clip(bones.astype(np.float32), travel.astype(np.float32), seconds)


def carried(sole: Sole, bones: np.ndarray) -> np.ndarray:
    """Where a sole's points are in every frame, (48, k, 3)."""
    blended = np.einsum("tkwij,kw->tkij", bones[:, sole.bones], sole.weights)
    return np.einsum("tkij,kj->tki", blended[..., :3], sole.points) + blended[..., 3]


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
