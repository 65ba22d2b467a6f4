"""Poses of a skeleton as rotations of bones, and the clips that they make.

Forward kinematics in rest-aligned global axes: bone b moves by M_b = [G_b | p_b - G_b h_b]
with p_b = p_parent + G_parent (h_b - h_parent), so no bone roll is needed.
Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from synth_workers.people.body.held import OUTWARD
from synth_workers.people.body.rig import Contact, Rig, trolley_grip_height
from synth_workers.people.motion.gait import ARMS, Arm
from synth_workers.people.motion.hand_placement import PUSHING, Grip, held, place_hands
from synth_workers.people.motion.rotations import least_rotation, turn_x, turn_y, turn_z
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec

Rotations = dict[str, np.ndarray]
"""Global rotations (48, 3, 3) of bones by name, over the frames of a clip."""

NOTHING: Mapping[str, Grip] = {}
"""No hand holds anything on top of what a gait says that it carries."""

_DOWN = np.array([0.0, -1.0, 0.0])


def trunk_pose(
    pelvis: np.ndarray, trunk: np.ndarray, upper: np.ndarray, head: np.ndarray
) -> Rotations:
    """Rotations of the bones between pelvis and head by those (48, 3, 3) of pelvis, lower and upper
    trunk and head."""
    u, _, vt = np.linalg.svd(0.5 * pelvis + 0.5 * trunk)
    pose = {"pelvis": pelvis, "spine_01": u @ vt, "spine_02": trunk, "spine_03": upper}
    pose["neck_01"] = upper
    pose["head"] = head
    pose["clavicle_l"] = pose["clavicle_r"] = upper
    return pose


def leg_pose(
    pose: Rotations,
    side: str,
    hip: np.ndarray,
    knee: np.ndarray,
    ankle: np.ndarray,
    toe: np.ndarray,
    adduction: float,
) -> None:
    """Thigh, shank and foot; adduction narrows the wide stance of the rest pose."""
    inward = -OUTWARD[side]
    level = np.ones_like(hip)
    pose[f"thigh_{side}"] = turn_z(inward * adduction * level) @ turn_x(-hip)
    pose[f"calf_{side}"] = turn_z(inward * adduction * level) @ turn_x(knee - hip)
    foot = turn_y(-inward * 6.0 * level) @ turn_x(knee - hip - ankle)
    pose[f"foot_{side}"] = foot
    pose[f"ball_{side}"] = foot @ turn_x(-toe)


def arm_pose(
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
    if carried is not None and carried in ARMS:
        arm: Arm = ARMS[carried]
        flexion = arm.flexion + arm.swing * flexion
        bend = arm.elbow + 0 * flexion
        abduction, inward = arm.abduction, arm.inward
    level = np.ones_like(flexion)
    out = OUTWARD[side]
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


def skinning(rig: Rig, pose: Rotations) -> np.ndarray:
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


def joint_places(rig: Rig, bones: np.ndarray, name: str) -> np.ndarray:
    """Where a joint is in every frame, (n, 3)."""
    row = rig.bone(name)
    return bones[:, row, :, :3] @ rig.joints[row] + bones[:, row, :, 3]


def sole_places(rig: Rig, bones: np.ndarray) -> np.ndarray:
    """Sole points of both feet in every frame, (48, 2, k, 3)."""
    return np.stack([carried(sole, bones) for sole in rig.soles], axis=1)


def clip_of(
    gait: GaitSpec, rig: Rig, pose: Rotations, bones: np.ndarray, travel: np.ndarray,
    cadence: float, hands: Mapping[str, Grip],
) -> Clip:  # fmt: skip
    """The clip of these matrices with hands where they hold something.

    A pulled case is kept at one height, so that it rolls; what is pushed goes with the root.
    """
    grips = {**held(gait.left, gait.right), **hands}
    if grips:
        root = bones[:, :1, :, 3].copy()
        place_hands(rig, pose, bones, grips)
        bones = skinning(rig, pose)
        bones[..., 3] += root
    for side, arm in (("l", gait.left), ("r", gait.right)):
        row = rig.bone(f"prop_{side}")
        if arm is CarryPose.trolley:
            bones[:, row, 1, 3] = trolley_grip_height(rig.joint, side) - rig.joints[row, 1]
        elif arm in PUSHING:
            bones[:, row] = np.eye(3, 4)
    seconds = 1.0 / (cadence * gait.cadence)
    return Clip(bones.astype(np.float32), travel.astype(np.float32), seconds)


def carried(sole: Contact, bones: np.ndarray) -> np.ndarray:
    """Where a sole's points are in every frame, (48, k, 3)."""
    blended = np.einsum("tkwij,kw->tkij", bones[:, sole.bones], sole.weights)
    return np.einsum("tkij,kj->tki", blended[..., :3], sole.points) + blended[..., 3]
