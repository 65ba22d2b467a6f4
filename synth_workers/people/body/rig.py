"""The skeleton of a body in rest pose that clips are made for: joints, arms, soles, fingers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from synth_workers.people.body.fitted_body import BODY_VERTICES, PROP_BONES, FittedBody

SIDES = ("l", "r")

_SOLE_HEIGHT = 0.018
"""Skin this close to the ground (metres, rest pose) belongs to the sole."""

_SEAT_EVERY = 4
_CURL = {"index": -6.0, "middle": 0.0, "ring": 3.0, "pinky": 6.0}
_CURL_JOINT = (24.0, 32.0, 20.0)


@dataclass(frozen=True)
class Contact:
    """Points of the skin that touch something: ``points`` (k, 3) in rest, bones and weights
    (k, 4)."""

    points: np.ndarray
    bones: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Rig:
    """Skeleton of one body, metres, rest pose.

    ``names``, ``parents``, ``joints`` (55, 3): the rig's 53 bones, then the two props.
    ``directions``: unit vectors along upper arm and forearm by (bone, side).
    ``curls``: (3, 3) constant rotation of each finger bone against its parent.
    ``soles``: left and right, dropped onto the ground. ``seat``: what one sits on and leans with.
    ``head``: (2, 3) centre and half size of the skull's box.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    joints: np.ndarray
    directions: dict[tuple[str, str], np.ndarray]
    curls: dict[int, np.ndarray]
    soles: tuple[Contact, Contact]
    seat: Contact
    head: np.ndarray

    @classmethod
    def from_body(cls, body: FittedBody) -> Rig:
        """Measure the skeleton of a fitted body."""
        props = [body.joint(name) for name in PROP_BONES]
        joints = np.concatenate([body.heads, np.stack(props)]).astype(np.float64)
        parents = (*(int(p) for p in body.parents), *(body.bone(f"hand_{s}") for s in SIDES))
        directions = {
            (bone, side): _unit(body.joint(f"{end}_{side}") - body.joint(f"{bone}_{side}"))
            for bone, end in (("upperarm", "lowerarm"), ("lowerarm", "hand"))
            for side in SIDES
        }
        return cls(
            names=(*body.bone_names, *PROP_BONES),
            parents=parents,
            joints=joints,
            directions=directions,
            curls=_finger_curls(body),
            soles=(_sole(body, "l"), _sole(body, "r")),
            seat=_seat(body),
            head=np.stack([body.head_centre, body.head_half]).astype(np.float64),
        )

    def bone(self, name: str) -> int:
        """Row of a bone."""
        return self.names.index(name)

    def joint(self, name: str) -> np.ndarray:
        """Rest position of a joint."""
        return self.joints[self.bone(name)]


def trolley_grip_height(joint: Callable[[str], np.ndarray], side: str) -> float:
    """Metres above the ground at which a hanging hand pulls a rolling case.

    ``joint``: rest position of a joint by name. The case's bone stays at this height while
    the body bobs, so that its wheels stay on the ground.
    """
    chain = [joint(f"{bone}_{side}") for bone in ("upperarm", "lowerarm", "hand", "prop")]
    arm = sum(float(np.linalg.norm(b - a)) for a, b in pairwise(chain))
    return float(chain[0][1]) - 0.90 * arm


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector, dtype=np.float64) / np.linalg.norm(vector)


def _dominant(body: FittedBody) -> np.ndarray:
    """(n,) the bone that moves each vertex of the skin most."""
    heaviest = body.bone_weights[:BODY_VERTICES].argmax(1)
    return body.bone_rows[np.arange(BODY_VERTICES), heaviest]


def _contact(body: FittedBody, rows: np.ndarray) -> Contact:
    points = body.vertices[rows].astype(np.float64)
    return Contact(points, body.bone_rows[rows], body.bone_weights[rows].astype(np.float64))


def _seat(body: FittedBody) -> Contact:
    """Every few points of the skin of seat, upper thighs and the small of the back."""
    bones = [body.bone(name) for name in ("pelvis", "spine_01", "thigh_l", "thigh_r")]
    skin = body.vertices[:BODY_VERTICES]
    hip, knee = body.joint("thigh_l"), body.joint("calf_l")
    upper = skin[:, 1] > 0.5 * (hip[1] + knee[1])
    rows = np.flatnonzero(np.isin(_dominant(body), bones) & upper & (skin[:, 2] < hip[2]))
    return _contact(body, rows[::_SEAT_EVERY])


def _sole(body: FittedBody, side: str) -> Contact:
    """Heel, toe and points between, dropped onto the ground where the shoe's sole is."""
    foot = {body.bone(f"foot_{side}"), body.bone(f"ball_{side}")}
    skin = body.vertices[:BODY_VERTICES]
    rows = np.flatnonzero(np.isin(_dominant(body), list(foot)) & (skin[:, 1] < _SOLE_HEIGHT))
    z = skin[rows, 2]
    wanted = np.quantile(z, [0.0, 0.06, 0.2, 0.4, 0.6, 0.75, 0.9, 1.0])
    sole = _contact(body, rows[[int(np.abs(z - at).argmin()) for at in wanted]])
    sole.points[:, 1] = 0.0
    return sole


def _finger_curls(body: FittedBody) -> dict[int, np.ndarray]:
    """Bend the fingers a little about the knuckles, so that hands hang relaxed."""
    curls = {}
    for side, outward in (("l", 1.0), ("r", -1.0)):
        knuckles = _unit(body.joint(f"pinky_01_{side}") - body.joint(f"index_01_{side}"))
        along = _unit(body.joint(f"middle_02_{side}") - body.joint(f"hand_{side}"))
        inward = [outward * (about(knuckles, sign * 0.5) @ along)[0] for sign in (1, -1)]
        sign = 1.0 if inward[0] < inward[1] else -1.0
        for finger, extra in _CURL.items():
            for joint, degrees in enumerate(_CURL_JOINT, start=1):
                row = body.bone(f"{finger}_{joint:02d}_{side}")
                curls[row] = about(knuckles, sign * np.radians(degrees + extra))
    return curls


def about(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rotation matrix of ``angle`` radians about a unit axis."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
