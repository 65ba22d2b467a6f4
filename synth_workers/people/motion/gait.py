"""How joints move over one cycle: curves and constants of the walks, stances and carried arms.

Curves are functions of the phase in 0..1 counted from the left heel's strike. Angles are degrees:
hip flexion, knee flexion and ankle dorsiflexion are positive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from synth_workers.people.spec import CarryPose, IdleStyle, WalkStyle

Curve = Callable[[np.ndarray], np.ndarray]


def _periodic(*knots: tuple[float, float]) -> Curve:
    at = np.array([knot[0] for knot in knots] + [1.0])
    value = np.array([knot[1] for knot in knots] + [knots[0][1]])

    @cache
    def spline() -> Curve:
        # Takes a quarter of a second to import, and only who builds people needs it.
        from scipy.interpolate import CubicSpline

        return CubicSpline(at, value, bc_type="periodic")

    return lambda phase: spline()(np.asarray(phase) % 1.0)


HIP = _periodic((0, 20), (0.1, 16), (0.3, -4), (0.5, -18), (0.6, -12), (0.72, 9), (0.85, 24), (0.95, 22))  # fmt: skip  # noqa: E501
KNEE = _periodic((0, 4), (0.14, 17), (0.38, 5), (0.5, 12), (0.6, 36), (0.72, 64), (0.85, 34), (0.95, 4))  # fmt: skip  # noqa: E501
ANKLE = _periodic((0, 1), (0.08, -6), (0.3, 6), (0.44, 9), (0.52, 3), (0.62, -17), (0.75, 3), (0.88, 4))  # fmt: skip  # noqa: E501
"""Shapes of a normal walk (heel strike at 0, toe off near 0.62), degrees.

The hip angle is the thigh's against the vertical: the pelvis leans forward in walking.
"""


@dataclass(frozen=True)
class Walk:
    """Constants of one walk: ``gain`` scales the leg curves; the rest is in degrees.

    ``cadence``: cycles (two steps) per second. ``knee``: flexion added throughout.
    ``adduction`` brings the feet under the body; ``abduction`` keeps the arms off it.
    ``stoop``: forward bend of the upper back.
    """

    gain: float
    arm: float
    elbow: float
    lean: float
    trunk: float
    pelvis: float
    sway: float
    knee: float
    cadence: float
    adduction: float
    abduction: float
    stoop: float = 0.0


WALKS = {
    WalkStyle.normal: Walk(0.94, 20, 16, 2, 5, 5, 3, 0, 0.93, 6.5, 4),
    WalkStyle.brisk: Walk(1.07, 30, 28, 5, 7, 7, 3.5, 0, 1.08, 7, 5),
    WalkStyle.relaxed: Walk(0.82, 12, 10, 0, 3, 4, 5, 2, 0.82, 7, 3.5),
    WalkStyle.elder: Walk(0.66, 8, 30, 6, 3, 3, 2, 8, 0.78, 4, 6, stoop=10),
}


RUNNING_HIP = _periodic((0, 31), (0.1, 22), (0.18, 9), (0.3, -9), (0.37, -14), (0.46, -8), (0.6, 20), (0.75, 42), (0.85, 43), (0.95, 35))  # fmt: skip  # noqa: E501
RUNNING_KNEE = _periodic((0, 15), (0.1, 33), (0.17, 38), (0.28, 26), (0.37, 17), (0.46, 42), (0.6, 92), (0.72, 88), (0.85, 44), (0.95, 15))  # fmt: skip  # noqa: E501
RUNNING_ANKLE = _periodic((0, 4), (0.1, 15), (0.18, 21), (0.28, 4), (0.36, -17), (0.46, -16), (0.6, -2), (0.8, 4), (0.95, 3))  # fmt: skip  # noqa: E501
"""Shapes of an easy run (strike at 0, toe off near 0.36), degrees."""


@dataclass(frozen=True)
class Run:
    """Constants of a run, as of ``Walk``; ``stance``: share of a cycle that a foot bears weight,
    ``bounce``: metres that the body rises and falls about its mean."""

    stance: float
    bounce: float
    arm: float
    elbow: float
    lean: float
    trunk: float
    pelvis: float
    cadence: float
    adduction: float
    abduction: float


RUN = Run(0.36, 0.032, 30, 82, 8, 8, 7, 1.34, 7.5, 10)


@dataclass(frozen=True)
class Idle:
    """Constants of one way of standing; ``turn`` and ``nod``: head movement, degrees."""

    elbow: float
    lean: float
    cadence: float
    adduction: float
    abduction: float
    turn: float
    nod: float
    shift: float


IDLES = {
    IdleStyle.sway: Idle(12, 1, 0.22, 5, 4, 5, 3, 8),
    IdleStyle.look_around: Idle(16, 2, 0.20, 4, 5, 26, 5, 4),
}


@dataclass(frozen=True)
class Arm:
    """Where a carrying arm is held, degrees; ``swing`` is what is left of its swing."""

    flexion: float
    abduction: float
    elbow: float
    inward: float
    swing: float


ARMS = {
    CarryPose.phone: Arm(28, 10, 100, 28, 0.1),
    CarryPose.umbrella: Arm(32, 12, 105, 8, 0.1),
    CarryPose.strap: Arm(20, 14, 112, 38, 0.12),
    CarryPose.pocket: Arm(-8, 16, 46, 15, 0.3),
    CarryPose.bag: Arm(2, 13, 8, 0, 0.4),
    CarryPose.trolley: Arm(-24, 14, 8, 0, 0.05),
}
