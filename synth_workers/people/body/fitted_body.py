"""One person's body with everything that clothes, hair, bags and motion are measured from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from synth_workers.people.mesh.parts import Part

if TYPE_CHECKING:
    from synth_workers.people.spec import GarmentCut

BODY_VERTICES = 13380
"""Vertices 0..13379 of the base mesh are skin; the rest are helpers."""

TIGHTS = slice(15328, 18002)
"""Helper surface of a closed suit from neck to wrist including socks."""

SKIRT = slice(18002, 18722)
"""Helper surface of a tube from the waist to the ankles."""

PROP_BONES = ("prop_l", "prop_r")
"""Two bones after the rig's own: at the hands, always upright, for things that hang."""


@dataclass(frozen=True)
class FittedBody:
    """A body in rest pose (arms lowered by about 45 degrees), body frame, metres.

    ``vertices``, ``normals``: (19158, 3) float32; lowest skin vertex on y = 0; helper surfaces
    included (slices ``TIGHTS``, ``SKIRT``; skin is ``[:BODY_VERTICES]``).
    ``bone_names``: 53 names of the rig in order, parents before children; ``parents``: (53,)
    int, -1 for the root; ``heads``, ``tails``: (53, 3) float32 joint positions.
    ``bone_rows``, ``bone_weights``: (19158, 4) uint8 and float32, rows sum to 1.
    ``head_centre``, ``head_half``: (3,) centre and half size of the skull's box.
    ``eyes``: (2, 3) eye centres, the person's left first.
    ``cut``: clips a surface of the body (see ``GarmentCut``) and returns it fitted as a part
    with its levels of detail; colour and fabric are for the caller to set.
    """

    vertices: np.ndarray
    normals: np.ndarray
    bone_names: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    bone_rows: np.ndarray
    bone_weights: np.ndarray
    head_centre: np.ndarray
    head_half: np.ndarray
    eyes: np.ndarray
    cut: Callable[[GarmentCut], Part]

    def bone(self, name: str) -> int:
        """Return the row of a bone; ``prop_l`` and ``prop_r`` follow the rig's own 53."""
        if name in PROP_BONES:
            return len(self.bone_names) + PROP_BONES.index(name)
        return self.bone_names.index(name)

    def joint(self, name: str) -> np.ndarray:
        """Return the (3,) rest position of a bone's head; props sit in the palm."""
        if name in PROP_BONES:
            side = name[-1]
            return 0.15 * self.joint(f"hand_{side}") + 0.85 * self.joint(f"middle_01_{side}")
        return self.heads[self.bone(name)]

    @property
    def stature(self) -> float:
        """Height of the naked body in metres."""
        return float(self.vertices[:BODY_VERTICES, 1].max())
