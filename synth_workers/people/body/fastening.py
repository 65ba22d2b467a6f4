"""How shapes become parts of a person: rigid on one bone, or cut from the body's surface."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synth_workers.people.body.fitted_body import FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import Mesh
from synth_workers.people.spec import Colour, FabricSpec


def rigid(
    mesh: Mesh, body: FittedBody, bone: str, fabric: FabricSpec | Colour, name: str,
    specular: float = 0.05, outline: bool = True, shade: np.ndarray | None = None,
) -> Part:  # fmt: skip
    """A mesh (body frame, metres) that moves with one bone."""
    bones = np.zeros((len(mesh.positions), 4), dtype=np.uint8)
    bones[:, 0] = body.bone(bone)
    weights = np.zeros((len(mesh.positions), 4), dtype=np.float32)
    weights[:, 0] = 1.0
    return skinned(mesh, bones, weights, fabric, name, specular, outline, shade)


def skinned(
    mesh: Mesh, bones: np.ndarray, weights: np.ndarray, fabric: FabricSpec | Colour, name: str,
    specular: float = 0.05, outline: bool = True, shade: np.ndarray | None = None,
) -> Part:  # fmt: skip
    """A mesh with its own skin weights."""
    part = Part(
        positions=mesh.positions.astype(np.float32),
        normals=mesh.normals.astype(np.float32),
        bones=bones,
        weights=weights,
        faces=mesh.faces,
        uv=mesh.uv.astype(np.float32),
        shade=shade,
        specular=specular,
        outline=outline,
        name=name,
    )
    return coloured(part, fabric)


def coloured(part: Part, fabric: FabricSpec | Colour) -> Part:
    """The part in a fabric or one colour."""
    if not isinstance(fabric, FabricSpec):
        return replace(part, fabric=None, colour=tuple(float(c) for c in fabric))
    if fabric.kind == "solid":
        return replace(part, fabric=None, colour=tuple(float(c) for c in fabric.main_colour))
    return replace(part, fabric=fabric, colour=(255.0, 255.0, 255.0))


def once_over(part: Part, tile: float) -> Part:
    """Texture coordinates that lay one tile over the part's front view, upright, unmirrored.

    Seen from where the part faces: left to right is 0 to ``tile``, top to bottom likewise.
    """
    points = part.positions
    facing = -1.0 if part.normals[:, 2].mean() < 0 else 1.0
    x, y = points[:, 0] * facing, points[:, 1]
    u = (x - x.min()) / max(float(np.ptp(x)), 1e-6)
    v = (y.max() - y) / max(float(np.ptp(y)), 1e-6)
    # Stay off the tile's rim: the sampler repeats and would bleed in the opposite edge.
    uv = (0.01 + 0.98 * np.stack([u, v], axis=1)).astype(np.float32) * tile
    if part.levels is None:
        return replace(part, uv=uv)
    levels = tuple(replace(level, uv=uv[level.vertices]) for level in part.levels)
    return replace(part, levels=levels)
