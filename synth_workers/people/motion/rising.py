"""Clips of getting up from a seat and of sitting down on it: from one posture to the other, once.

Both are in the frame of who sits: the root is on the ground below the seat's front edge, and who
stands is ``STANDS_AHEAD`` of it. Feet step back below the knees one after the other and then bear;
the trunk bows until the seat is free, and the hips rise no lower than the skin allows that touches
the seat. Frame: metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from synth_workers.people.body.rig import SIDES, Contact, Rig
from synth_workers.people.motion.clips import idle_clip
from synth_workers.people.motion.foot_placement import (
    Leg,
    leg_lengths,
    needed_drop,
    reach,
    sole_from_ankle,
)
from synth_workers.people.motion.hand_placement import Grip, place_hands, resting_on_thigh
from synth_workers.people.motion.posing import Rotations, carried, joint_places, skinning
from synth_workers.people.motion.rotations import partly, turn_x
from synth_workers.people.motion.sitting import CLOTH, sit_clip
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import CarryPose, GaitSpec
from synth_workers.seating import SEAT_HEIGHT, STANDS_AHEAD

_SECONDS_UP, _SECONDS_DOWN = 2.1, 2.4
_BOW_UP, _BOW_DOWN = 40.0, 34.0
"""Degrees that the trunk bows at most."""

_STEPS = {"first": (0.02, 0.17), "second": (0.13, 0.29)}
_STEP_HEIGHT = 0.035
_CLEAR = 0.02
"""Metres that skin stays off a seat that has been left."""

_OFF, _UP = 0.36, 0.90
"""Shares of the time at which the seat is left and one stands."""

_ARMS = [f"{bone}_{side}" for bone in ("upperarm", "lowerarm", "hand") for side in SIDES]
_TRIES = 4


@dataclass(frozen=True)
class _Posture:
    """One frame of a clip: ``turned`` rotations (3, 3) of all bones by name, hip joints and ankles
    (2, 3) of left and right."""

    turned: dict[str, np.ndarray]
    hips: np.ndarray
    ankles: np.ndarray


def get_up_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """From sitting, as the first frame of ``sit`` has it, to standing, as that of ``idle``."""
    return _between(gait, rig, _BOW_UP, _SECONDS_UP)


def sit_down_clip(gait: GaitSpec, rig: Rig) -> Clip:
    """The other way round, slower and less bowed."""
    clip = _between(gait, rig, _BOW_DOWN, _SECONDS_DOWN)
    return replace(clip, bones=np.ascontiguousarray(clip.bones[::-1]))


def _between(gait: GaitSpec, rig: Rig, bow: float, seconds: float) -> Clip:
    sits = _posture(rig, sit_clip(gait, rig), 0.0)
    stands = _posture(rig, idle_clip(gait, rig), STANDS_AHEAD)
    share = np.linspace(0.0, 1.0, CLIP_FRAMES)
    pose = _blended(sits, stands, _eased(share, 0.22, 0.92))
    bowed = bow * _eased(share, 0.06, 0.40) * (1.0 - _eased(share, 0.42, 0.94))
    for name, part in _BOWS.items():
        pose[name] = turn_x(part * bowed) @ pose[name]
    _step(pose, sits, stands, share)
    ankles = _ankles(sits, stands, share)
    hips = _hips(rig, pose, sits, stands, ankles, share)
    bones = _bones(rig, pose, hips, ankles)
    _arms(gait, rig, pose, bones, stands, share)
    bones = _bones(rig, pose, hips, ankles)
    still = np.zeros(CLIP_FRAMES + 1, np.float32)
    return Clip(bones.astype(np.float32), still, seconds / gait.cadence)


_BOWS = {
    "pelvis": 0.75, "spine_01": 0.85, "spine_02": 1.0, "spine_03": 1.1, "clavicle_l": 1.1,
    "clavicle_r": 1.1, "neck_01": 0.9, "head": 0.45,
}  # fmt: skip
"""Shares of the bow of the bones of the trunk; who bows looks ahead."""


def _posture(rig: Rig, clip: Clip, ahead: float) -> _Posture:
    """The first frame of a clip, moved ``ahead``."""
    bones = clip.bones[:1].astype(np.float64)
    forward = np.array([0.0, 0.0, ahead])
    joints = [
        np.concatenate([joint_places(rig, bones, f"{bone}_{side}") for side in SIDES]) + forward
        for bone in ("thigh", "foot")
    ]
    turned = dict(zip(rig.names, bones[0, :, :, :3]))
    return _Posture(turned, *joints)


def _eased(share: np.ndarray, begins: float, ends: float) -> np.ndarray:
    """From 0 at ``begins`` to 1 at ``ends``, at rest at both."""
    at = np.clip((share - begins) / (ends - begins), 0.0, 1.0)
    return at**3 * (10 - 15 * at + 6 * at**2)


def _blended(sits: _Posture, stands: _Posture, share: np.ndarray) -> Rotations:
    return {
        name: partly(turned, stands.turned[name], share) for name, turned in sits.turned.items()
    }


def _steps(sits: _Posture) -> dict[str, tuple[float, float]]:
    """When each foot steps: the one that is farther ahead first."""
    left_first = sits.ankles[0, 2] >= sits.ankles[1, 2]
    first, second = SIDES if left_first else SIDES[::-1]
    return {first: _STEPS["first"], second: _STEPS["second"]}


def _step(pose: Rotations, sits: _Posture, stands: _Posture, share: np.ndarray) -> None:
    """Turn feet while they step, and not while they bear."""
    for side, when in _steps(sits).items():
        for bone in (f"foot_{side}", f"ball_{side}"):
            pose[bone] = partly(sits.turned[bone], stands.turned[bone], _eased(share, *when))


def _ankles(sits: _Posture, stands: _Posture, share: np.ndarray) -> np.ndarray:
    """(2, 48, 3) where the ankles are."""
    steps, found = _steps(sits), []
    for side, start, end in zip(SIDES, sits.ankles, stands.ankles):
        moved = _eased(share, *steps[side])
        place = start + (end - start) * moved[:, None]
        begins, ends = steps[side]
        at = np.clip((share - begins) / (ends - begins), 0.0, 1.0)
        place[:, 1] += _STEP_HEIGHT * np.sin(np.pi * at) ** 2
        found.append(place)
    return np.stack(found)


def _hips(
    rig: Rig, pose: Rotations, sits: _Posture, stands: _Posture, ankles: np.ndarray,
    share: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """(48, 3) middle of the hip joints: on the seat until it is left, then up."""
    start, end = sits.hips.mean(axis=0), stands.hips.mean(axis=0)
    rising = _eased(share, _OFF, _UP)
    hips = start + (end - start) * rising[:, None]
    # Forward first, then up.
    hips[:, 2] = start[2] + (end[2] - start[2]) * _eased(share, _OFF, _UP - 0.1)
    resting = share < _OFF
    free = SEAT_HEIGHT + CLOTH + _CLEAR * _eased(share, _OFF, _OFF + 0.12)
    for _ in range(_TRIES):
        bones = _bones(rig, pose.copy(), hips, ankles)
        over = free - _lowest(rig.seat, bones)
        hips[:, 1] += np.where(resting, over, np.maximum(over, 0.0))
        hips[:, 1] = np.where(resting, hips[:, 1], _smoothed(hips[:, 1]))
    for number, side in enumerate(SIDES):
        offset = 0.5 * (stands.hips[number] - stands.hips[1 - number])
        far = needed_drop(hips + offset, ankles[number], sum(leg_lengths(rig, side)))
        hips[:, 1] -= np.where(share > _OFF, far, 0.0)
    return hips


def _lowest(seat: Contact, bones: np.ndarray) -> np.ndarray:
    """(48,) the lowest skin of all that is above the seat."""
    skin = carried(seat, bones)
    return np.where(skin[..., 2] < 0.0, skin[..., 1], np.inf).min(axis=1).clip(max=9.0)


def _smoothed(values: np.ndarray) -> np.ndarray:
    """Nowhere lower than ``values``, and smooth."""
    padded = np.pad(values, 3, mode="edge")
    mean = np.convolve(padded, np.hanning(9)[1:-1] / np.hanning(9).sum(), "valid")
    return np.maximum(mean, values)


def _bones(rig: Rig, pose: Rotations, hips: np.ndarray, ankles: np.ndarray) -> np.ndarray:
    """Skinning matrices with the middle of the hips at ``hips`` (48, 3) and legs that reach from
    there to ``ankles`` (2, 48, 3)."""
    bones = skinning(rig, pose)
    joints = [joint_places(rig, bones, f"thigh_{side}") for side in SIDES]
    shift = hips - np.mean(joints, axis=0)
    for number, (side, sole) in enumerate(zip(SIDES, rig.soles, strict=True)):
        leg = Leg(
            side=side,
            hip=joints[number] + shift,
            knee=joint_places(rig, bones, f"calf_{side}") + shift,
            ankle=joint_places(rig, bones, f"foot_{side}") + shift,
            foot=pose[f"foot_{side}"],
            ball=pose[f"ball_{side}"],
            strike=0,
        )
        ground = -sole_from_ankle(leg, rig, sole)[..., 1].min(axis=1)
        place = ankles[number].copy()
        place[:, 1] = np.maximum(place[:, 1], ground)
        thigh, calf = f"thigh_{side}", f"calf_{side}"
        pose[thigh], pose[calf] = reach(rig, leg, leg.hip, place, pose[thigh], pose[calf])
    bones = skinning(rig, pose)
    bones[..., 3] += shift[:, None]
    return bones


def _arms(
    gait: GaitSpec, rig: Rig, pose: Rotations, bones: np.ndarray, stands: _Posture,
    share: np.ndarray,
) -> None:  # fmt: skip
    """Free hands stay on the thighs until the seat is left, then hang as in standing."""
    on_thighs: dict[str, Grip] = {
        side: resting_on_thigh(side)
        for side, carries in zip(SIDES, (gait.left, gait.right), strict=True)
        if carries in (None, CarryPose.pocket)
    }
    resting = {name: pose[name].copy() for name in _ARMS}
    place_hands(rig, resting, bones, on_thighs)
    held = 1.0 - _eased(share, _OFF, _UP - 0.08)
    for name in _ARMS:
        if name[-1] in on_thighs:
            pose[name] = partly(stands.turned[name], _steady(resting[name]), held)


def _steady(turned: np.ndarray) -> np.ndarray:
    """Rotations (48, 3, 3) without jolts, such as elbows make that are bent as far as can be."""
    padded = np.pad(turned, ((5, 5), (0, 0), (0, 0)), mode="edge")
    weights = np.hanning(13)[1:-1] / np.hanning(13).sum()
    mean = np.einsum(
        "tijk,k->tij", np.lib.stride_tricks.sliding_window_view(padded, 11, 0), weights
    )
    u, _, vt = np.linalg.svd(mean)
    return u @ vt
