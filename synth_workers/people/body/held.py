"""Where things for both hands are before and beside a body, from its joints alone.

The mesh of such a thing and the arms that hold it are both made by this, so that they meet. Frame:
metres, y up, z forward, x to the person's left.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

OUTWARD = {"l": 1.0, "r": -1.0}
"""Sign of x on each side."""

BIKE_ASIDE = 0.38
"""Metres from the middle of an adult to the middle of the bicycle beside."""

SADDLE, CRANK = np.array([0.0, 0.975, -0.15]), np.array([0.0, 0.30, 0.02])
"""Top of the saddle and middle of the cranks of an adult's bicycle; its grips and its left pedal,
which is the lower one, are there on that side:"""
GRIP, PEDAL = np.array([0.29, 1.0, 0.385]), np.array([0.15, 0.15, 0.09])

Joint = Callable[[str], np.ndarray]
"""Rest position (3,) of a joint by its name."""


def arm_length(joint: Joint, side: str) -> tuple[float, float]:
    """Metres from shoulder to elbow and from there to the palm."""
    chain = [joint(f"{bone}_{side}") for bone in ("upperarm", "lowerarm", "prop")]
    return float(np.linalg.norm(chain[1] - chain[0])), float(np.linalg.norm(chain[2] - chain[1]))


def bar_place(joint: Joint) -> np.ndarray:
    """(3,) middle of the bar of what is pushed ahead, by arms that are a little bent."""
    shoulder = joint("upperarm_l")
    height = 0.73 * shoulder[1]
    arm = 0.9 * sum(arm_length(joint, "l"))
    ahead = np.sqrt(max(arm**2 - (shoulder[1] - height) ** 2, 0.04))
    return np.array([0.0, height, shoulder[2] + ahead])


def bicycle_scale(joint: Joint) -> float:
    """Size of the bicycle that fits its owner, against an adult's."""
    return float(np.clip(joint("upperarm_l")[1] / 1.40, 0.72, 1.04))


def box_place(joint: Joint) -> np.ndarray:
    """(3,) middle of a box that is carried in both arms."""
    low, high = joint("spine_01"), joint("spine_03")
    return np.array(
        [0.0, 0.6 * low[1] + 0.4 * high[1], high[2] + 0.56 * sum(arm_length(joint, "l"))]
    )


def box_half(joint: Joint) -> np.ndarray:
    """(3,) half the size of that box."""
    return np.array([0.30, 0.21, 0.23]) * sum(arm_length(joint, "l"))
