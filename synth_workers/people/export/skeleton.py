"""Skeletons and animations as other programs keep them: a tree of joints with local transforms.

The engine poses people with one matrix per bone in the body frame. Here they become rotations
and translations of each joint against its parent; skinning with them gives the same vertices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from synth_workers.people.body.rig import Rig
from synth_workers.people.motion.clips import idle_clip, walk_clip
from synth_workers.people.person import CLIP_FRAMES, Clip
from synth_workers.people.spec import GaitSpec, IdleStyle, WalkStyle

ROOT = "root"
"""UE4's mannequin calls the first bone so; MakeHuman's game rig writes it ``Root``."""


@dataclass(frozen=True)
class Skeleton:
    """Joints in rest pose, metres, body frame (y up, z forward, x to the person's left).

    ``names``: UE4's mannequin names, parents before children, then ``prop_l`` and ``prop_r``.
    ``parents``: -1 for the root. ``joints``: (55, 3) float64 positions; the root is the origin,
    on the ground between the feet. At rest no joint is rotated: all axes are the body's.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    joints: np.ndarray

    @property
    def offsets(self) -> np.ndarray:
        """(55, 3) rest translation of each joint against its parent."""
        parents = np.array(self.parents)
        return self.joints - np.where(parents[:, None] >= 0, self.joints[parents], 0.0)


@dataclass(frozen=True)
class Animation:
    """One cycle as local transforms of the joints.

    ``seconds``: (49,) times of the keys, the last being the first again.
    ``rotations``: (49, 55, 4) unit quaternions x, y, z, w without jumps of sign.
    ``translations``: (49, 55, 3) metres. ``travel``: (49,) metres that the person gets ahead in
    the cycle; the root bone covers them only where ``root_motion`` says so.
    """

    seconds: np.ndarray
    rotations: np.ndarray
    translations: np.ndarray
    travel: np.ndarray
    root_motion: bool


def skeleton_of(rig: Rig) -> Skeleton:
    """The joints of a measured body. No vertex hangs on the root, so it may sit at the feet."""
    joints = np.array(rig.joints, np.float64)
    joints[0] = 0.0
    return Skeleton((ROOT, *rig.names[1:]), rig.parents, joints)


def clips_of(gait: GaitSpec, rig: Rig) -> dict[str, Clip]:
    """A person's clips in all four walks and both idles, carrying what they carry."""
    ways = [("walk", walk_clip, WalkStyle), ("idle", idle_clip, IdleStyle)]
    return {
        f"{use}_{style}": make(gait.model_copy(update={use: style}), rig)
        for use, make, styles in ways
        for style in styles
    }


def animation_of(clip: Clip, skeleton: Skeleton, *, root_motion: bool = False) -> Animation:
    """Turn skinning matrices into local transforms.

    ``root_motion``: let the root bone walk forward (+z) by the clip's travel instead of walking
    on the spot.
    """
    bones = np.concatenate([clip.bones, clip.bones[:1]]).astype(np.float64)
    turned = bones[..., :3].copy()
    places = np.einsum("tbij,bj->tbi", turned, skeleton.joints) + bones[..., 3]
    turned[:, 0] = np.eye(3)
    places[:, 0] = 0.0
    rotations = np.empty((*turned.shape[:2], 4))
    translations = np.empty_like(places)
    rotations[:, 0], translations[:, 0] = (0.0, 0.0, 0.0, 1.0), 0.0
    for bone, parent in enumerate(skeleton.parents):
        if parent < 0:
            continue
        back = turned[:, parent].swapaxes(1, 2)
        rotations[:, bone] = Rotation.from_matrix(back @ turned[:, bone]).as_quat()
        gap = places[:, bone] - places[:, parent]
        translations[:, bone] = np.einsum("tij,tj->ti", back, gap)
    if root_motion:
        translations[:, 0, 2] = clip.travel
    return Animation(
        seconds=np.arange(CLIP_FRAMES + 1) * (clip.seconds / CLIP_FRAMES),
        rotations=_without_jumps(rotations),
        translations=translations,
        travel=np.asarray(clip.travel, np.float64),
        root_motion=root_motion,
    )


def _without_jumps(quaternions: np.ndarray) -> np.ndarray:
    """Choose between q and -q so that neighbouring keys are less than a half turn apart."""
    dots = (quaternions[1:] * quaternions[:-1]).sum(-1)
    signs = np.cumprod(np.where(dots < 0, -1.0, 1.0), axis=0)
    return np.concatenate([quaternions[:1], quaternions[1:] * signs[..., None]])
