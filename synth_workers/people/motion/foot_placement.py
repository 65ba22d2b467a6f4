"""Puts feet where the ground holds them, and bends the legs to reach (two-bone IK).

Joint curves alone cannot keep two planted feet still. Here the sole of a bearing foot rolls
over the ground without slipping, the swinging foot is carried from lift-off to the next
strike clear of the ground, and hip and knee angles follow from where the ankle must be.
Frame: metres, y up, z forward; positions without the root's travel unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.people.body.rig import Contact, Rig
from synth_workers.people.motion.rotations import least_rotation, normalised

STANCE = 0.61
"""Share of a cycle of walking that a foot bears weight, from its heel's strike to toe-off."""

_CONTACT = 0.003
"""Metres over which a sole point stops counting as being on the ground."""

_CLEARANCE = 0.014
"""Metres a swinging sole stays off the ground at mid-swing, at least."""

_SWING = (0.0, 0.15, 0.35, 0.6, 0.8, 0.92, 1.0)
LOW_SWING = (0.0, 0.055, 0.05, 0.03, 0.022, 0.009, 0.0)
HIGH_SWING = (0.0, 0.16, 0.34, 0.30, 0.15, 0.06, 0.0)
"""Metres the lowest point of a swinging sole may be off the ground, over the share of swing.

Walking feet are lifted quickly and come down low and late: the heel descends from two centimetres.
Running ones are thrown up behind and come down from above.
"""

_REACH = 0.9985
"""Share of the leg's length beyond which it is never stretched."""


@dataclass(frozen=True)
class Leg:
    """One leg over a cycle as the joint curves have it, in frames of the clip.

    ``hip``, ``knee``, ``ankle``: (n, 3) joint positions. ``foot``, ``ball``: (n, 3, 3).
    ``strike``: the frame of the heel's strike.
    """

    side: str
    hip: np.ndarray
    knee: np.ndarray
    ankle: np.ndarray
    foot: np.ndarray
    ball: np.ndarray
    strike: int


def sole_from_ankle(leg: Leg, rig: Rig, sole: Contact) -> np.ndarray:
    """Sole points relative to the ankle, (n, k, 3), moved by foot and ball bones alone."""
    foot, ball = rig.bone(f"foot_{leg.side}"), rig.bone(f"ball_{leg.side}")
    toe = np.where(sole.bones == ball, sole.weights, 0.0).sum(axis=1)
    heel = np.where(sole.bones == foot, sole.weights, 0.0).sum(axis=1)
    share = (toe / np.maximum(toe + heel, 1e-9))[None, :, None]
    by_foot = (sole.points - rig.joints[foot]) @ leg.foot.swapaxes(-1, -2)
    by_ball = (sole.points - rig.joints[ball]) @ leg.ball.swapaxes(-1, -2)
    knuckle = leg.foot @ (rig.joints[ball] - rig.joints[foot])
    return (1 - share) * by_foot + share * (by_ball + knuckle[:, None])


def planted_ankles(
    leg: Leg, rig: Rig, sole: Contact, travel: np.ndarray, stance: float = STANCE,
    highest: tuple[float, ...] = LOW_SWING,
) -> np.ndarray:  # fmt: skip
    """Where the ankle must be in every frame, (n, 3).

    ``travel``: (n + 1,) metres the root has moved. For the share ``stance`` of the cycle the sole
    rolls without slipping; in swing the ankle follows the joint curves, shifted smoothly to meet
    both ends and no higher than ``highest`` allows.
    """
    count = len(leg.ankle)
    order = (np.arange(count) + leg.strike) % count
    ahead = travel[:-1][order] + np.where(order < leg.strike, travel[-1], 0.0)
    soles = sole_from_ankle(leg, rig, sole)[order]
    wanted = leg.ankle[order].copy()
    wanted[:, 2] += ahead
    stride = np.array([0.0, 0.0, travel[-1]])

    lift_off = round(stance * count)
    ground = -soles[..., 1].min(axis=1)
    rolled = np.zeros((lift_off + 1, 3))
    height = soles[..., 1] + ground[:, None]
    for frame in range(lift_off):
        near = np.exp(-0.5 * (height[frame] + height[frame + 1]) / _CONTACT)
        slip = near @ (soles[frame + 1] - soles[frame]) / near.sum()
        rolled[frame + 1] = rolled[frame] - slip
    rolled += (wanted[: lift_off + 1] - rolled).mean(axis=0)
    rolled[:, 1] = ground[: lift_off + 1]

    ankles = wanted
    swing = np.arange(lift_off, count)
    share = (swing - lift_off) / (count - lift_off)
    eased = (share * share * (3 - 2 * share))[:, None]
    start = rolled[lift_off] - wanted[lift_off]
    end = rolled[0] + stride - (wanted[0] + stride)
    ankles[swing] = wanted[swing] + start * (1 - eased) + end * eased
    ankles[: lift_off + 1] = rolled
    floor = ground[swing] + _CLEARANCE * np.sin(np.pi * share)
    ceiling = ground[swing] + np.interp(share, _SWING, highest)
    ankles[swing, 1] = np.clip(ankles[swing, 1], np.minimum(floor, ceiling), ceiling)

    ankles[:, 2] -= ahead
    placed = np.empty_like(ankles)
    placed[order] = ankles
    return placed


def needed_drop(hips: np.ndarray, ankles: np.ndarray, length: float) -> np.ndarray:
    """Metres (n,) the hips must come down so that the leg reaches."""
    apart = hips - ankles
    flat = np.hypot(apart[:, 0], apart[:, 2])
    tallest = np.sqrt(np.maximum((_REACH * length) ** 2 - flat**2, 1e-6))
    return np.maximum(0.0, apart[:, 1] - tallest)


def smoothly_at_least(values: np.ndarray, radius: int = 4) -> np.ndarray:
    """A smooth periodic curve that is nowhere below ``values``."""
    shifts = range(-radius, radius + 1)
    widened = np.max([np.roll(values, shift) for shift in shifts], axis=0)
    weights = np.hanning(2 * radius + 3)[1:-1]
    weights = weights / weights.sum()
    return sum(weight * np.roll(widened, shift) for weight, shift in zip(weights, shifts))  # type: ignore[return-value]


def leg_lengths(rig: Rig, side: str) -> tuple[float, float]:
    """Lengths of thigh and shank, metres."""
    hip, knee, ankle = (rig.joint(f"{bone}_{side}") for bone in ("thigh", "calf", "foot"))
    return float(np.linalg.norm(knee - hip)), float(np.linalg.norm(ankle - knee))


def bent(
    start: np.ndarray, goal: np.ndarray, lengths: tuple[float, float], bend: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Middle and end (n, 3) of limbs of two bones from ``start`` to ``goal``, or as near as the
    bones reach, that bend towards ``bend`` (n, 3)."""
    upper, lower = lengths
    line = goal - start
    nearest, farthest = 1.05 * abs(upper - lower) + 0.02, (upper + lower) * 0.9999
    distance = np.clip(np.linalg.norm(line, axis=1), nearest, farthest)
    along = normalised(line)
    bend = normalised(bend - np.einsum("ni,ni->n", bend, along)[:, None] * along)
    cosine = np.clip((upper**2 + distance**2 - lower**2) / (2 * upper * distance), -1, 1)
    sine = np.sqrt(1 - cosine**2)
    middle = start + upper * (cosine[:, None] * along + sine[:, None] * bend)
    return middle, start + along * distance[:, None]


def reach(
    rig: Rig, leg: Leg, hips: np.ndarray, ankles: np.ndarray, thigh: np.ndarray, calf: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rotations of thigh and shank that bring the ankle to ``ankles``.

    ``hips``: (n, 3) hip joints; ``thigh``, ``calf``: (n, 3, 3) rotations of the joint curves,
    which decide where the knee points.
    """
    knee, foot = bent(hips, ankles, leg_lengths(rig, leg.side), leg.knee - leg.hip)
    rest = [rig.joint(f"{bone}_{leg.side}") for bone in ("thigh", "calf", "foot")]
    thigh_now = thigh @ normalised(rest[1] - rest[0])
    calf_now = calf @ normalised(rest[2] - rest[1])
    return (
        least_rotation(thigh_now, normalised(knee - hips)) @ thigh,
        least_rotation(calf_now, normalised(foot - knee)) @ calf,
    )
