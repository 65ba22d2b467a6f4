"""One piece of a person's surface, as garments, hair, accessories and skin are handed around."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from synth_workers.people.spec import FabricSpec

LEVELS = 4
"""Levels of detail of every part, finest first."""


@dataclass(frozen=True)
class PartLevel:
    """One level of detail of a part, as a choice among the part's own vertices.

    ``vertices``: (k,) int rows of the part; a row may appear several times (seams of the
    texture). ``uv``: (k, 2) float32, metres on the cloth. ``faces``: (m, 3) int into
    ``vertices``.
    """

    vertices: np.ndarray
    uv: np.ndarray
    faces: np.ndarray


@dataclass(frozen=True)
class Part:
    """A textured, skinned surface in the body frame (metres, y up, z forward, feet on y = 0).

    ``positions``, ``normals``: (n, 3) float32, rest pose, unit normals.
    ``bones``: (n, 4) uint8 rows of the rig; ``weights``: (n, 4) float32, rows sum to 1.
    ``faces``: (m, 3) int, counter-clockwise from outside.
    ``uv``: (n, 2) float32, metres on the cloth (the assembly divides by the fabric's tile);
    ignored when ``levels`` is given, which then carries the levels of detail with their own
    uv. Without ``levels`` the assembly decimates the part by its topology.
    ``colour``: sRGB 0..255, used when ``fabric`` is None; with a fabric it is the tint of the
    tile (white leaves it as it is).
    ``shade``: (n,) or (n, 3) float32 factor on the colour (occlusion, hems), 1 = unchanged.
    ``wrinkle``: 0..0.25 strength of the folds, one for all or (n,); ``falling``: they run along
    v, as in a skirt, instead of around the limb; ``specular``: 0..1.
    ``outline``: whether the part counts for the person's radius (an umbrella's canopy does not).
    """

    positions: np.ndarray
    normals: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    faces: np.ndarray
    uv: np.ndarray | None = None
    levels: tuple[PartLevel, ...] | None = None
    fabric: FabricSpec | None = None
    colour: tuple[float, float, float] = (255.0, 255.0, 255.0)
    shade: np.ndarray | None = None
    wrinkle: float | np.ndarray = 0.0
    falling: bool = False
    specular: float = 0.03
    outline: bool = True
    name: str = ""
