"""A built person: what the engine draws and what the worker needs to know to move it.

Body frame of meshes and clips: metres, y up, z forward, x to the person's left, feet on
y = 0 (MakeHuman's axes). The engine turns it into the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

VERTEX = np.dtype(
    [
        ("position", "f4", 3),
        ("normal", "u1", 4),  # x, y, z as n * 127 + 128; cm of the cloth tile, + 128: folds fall
        ("uv", "f2", 2),
        ("tint", "u1", 4),
        ("bones", "u1", 4),
        ("weights", "u1", 4),  # sum 255
        ("layer", "u2"),  # 0 white, 1 wrinkle tile, 2.. this person's tiles + 2
        ("wrinkle", "u1"),
        ("specular", "u1"),
    ]
)
"""Interleaved vertex of a person, 40 bytes."""

CLIP_FRAMES = 48
"""Frames of one cycle of every animation clip."""


NOTHING_PUSHED = np.zeros((0, 2), np.float32)


@dataclass(frozen=True)
class Lod:
    """One level of detail: ``vertices`` (n,) ``VERTEX``; ``indices`` (m, 3) uint32 triangles."""

    vertices: np.ndarray
    indices: np.ndarray


@dataclass(frozen=True)
class Clip:
    """One cyclic animation.

    ``bones``: (48, 55, 3, 4) float32 skinning matrices, body frame, metres.
    ``travel``: (49,) float32, metres the root has moved forward at each frame (all 0: idle).
    ``seconds``: duration of one cycle at natural speed.
    """

    bones: np.ndarray
    travel: np.ndarray
    seconds: float


@dataclass(frozen=True)
class BuiltPerson:
    """A person ready to be drawn.

    ``lods``: four levels, finest first. ``tiles``: (k, 128, 128, 3) uint8 cloth tiles.
    ``clips``: by animation name; always ``walk`` and ``idle``. ``activities``: what else the person
    does (``motion.activities``), with shares of the moments. ``feet``: (2, 4) float32,
    homogeneous rest positions of the foot centres; ``foot_bones``: their two bone rows.
    ``joints``: (j, 4) float32 homogeneous rest positions, ``joint_bones`` their bone rows,
    ``joint_names`` their names. ``stature`` and ``radius`` in metres (radius includes bags
    but neither an umbrella's canopy nor what is pushed; ``reach`` is the highest point including
    everything worn). ``pushed``: what is pushed as seen from above, (2, 2) metres: least and
    largest distance to the left and ahead; (0, 2) if nothing is.
    """

    lods: tuple[Lod, ...]
    tiles: np.ndarray
    clips: dict[str, Clip]
    feet: np.ndarray
    foot_bones: tuple[int, int]
    joints: np.ndarray
    joint_bones: tuple[int, ...]
    joint_names: tuple[str, ...]
    stature: float
    radius: float
    reach: float
    pushed: np.ndarray = field(default_factory=lambda: NOTHING_PUSHED)
    activities: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PersonMotion:
    """The part of a built person a worker needs to walk it (no meshes).

    ``travel_cm``: clip name -> (49,) centimetres at each of the 48 frames and the cycle's end;
    ``cycle_seconds``: clip name -> seconds. ``pushed_cm``: as ``BuiltPerson.pushed``.
    ``activities``: name -> share of the moments.
    """

    travel_cm: dict[str, np.ndarray]
    cycle_seconds: dict[str, float]
    stature_cm: float
    radius_cm: float
    reach_cm: float
    pushed_cm: np.ndarray = field(default_factory=lambda: NOTHING_PUSHED)
    activities: dict[str, float] = field(default_factory=dict)
