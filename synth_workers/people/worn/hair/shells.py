"""Hair that hangs: an open shell from the head down over neck, shoulders and back."""

from __future__ import annotations

import numpy as np
import scipy

from synth_workers.people.body.fastening import skinned
from synth_workers.people.body.fitted_body import TIGHTS, FittedBody
from synth_workers.people.mesh.parts import Part
from synth_workers.people.mesh.primitives import sheet
from synth_workers.people.spec import FabricSpec, PersonSpec
from synth_workers.people.worn.wearer import thickness

ROWS, COLUMNS = 12, 29


def hanging_shell(
    drop: float,
    spec: PersonSpec,
    body: FittedBody,
    fabric: FabricSpec,
    hat: bool,
    rng: np.random.Generator,
) -> Part:
    """A curtain of hair ``drop`` half head heights long, pushed out of the body and clothes."""
    half, centre = body.head_half.astype(np.float64), body.head_centre.astype(np.float64)
    share = np.linspace(0.0, 1.0, ROWS)[:, None]
    across = np.linspace(-1.0, 1.0, COLUMNS)[None]
    ends = drop * half[1] * (1 + 0.05 * rng.standard_normal((1, COLUMNS)) - 0.06 * across**2)
    top = half[1] * (0.1 if hat else 0.55)
    height = top + (-ends - top) * share
    # The curtain leaves the face free: narrow at the temples, a little closed at the cheeks.
    opening = np.radians(np.interp(share, [0.0, 0.3, 0.6, 1.0], [84, 70, 64, 70]))
    angle = np.pi + across * (np.pi - opening)
    crown = np.sqrt(np.clip(1 - (np.clip(height, 0, None) / half[1] / 1.25) ** 2, 0, 1))
    below = np.clip((-height - 0.8 * half[1]) / (0.6 * half[1]), 0, 1)
    tucked = np.interp(share, [0.0, 0.25], [0.86, 1.0])
    radius = half[0] * tucked * (1.18 * crown + 0.20 * below)
    locks = 1 + 0.02 * np.sin(angle * 17 + rng.uniform(0, 6)) + 0.01 * np.sin(angle * 41)
    depth = half[2] * 1.14 / (half[0] * 1.2)
    x = radius * locks * np.sin(angle)
    z = radius * locks * np.cos(angle) * depth - 0.006
    z -= np.clip(-z / half[2], 0, 1) * np.clip(-height / half[1] - 0.6, 0, 1) * 0.012
    grid = np.stack([x, np.broadcast_to(height, x.shape), z], axis=-1) + centre
    points = _outside(grid.reshape(-1, 3), spec, body)
    mesh = sheet(points.reshape(ROWS, COLUMNS, 3))
    chest = np.clip((centre[1] - 0.8 * half[1] - points[:, 1]) / 0.12, 0.0, 0.8)
    bones = np.zeros((len(points), 4), dtype=np.uint8)
    bones[:, 0], bones[:, 1] = body.bone("head"), body.bone("spine_03")
    weights = np.zeros((len(points), 4), dtype=np.float32)
    weights[:, 0], weights[:, 1] = 1 - chest, chest
    shade = (0.78 + 0.22 * np.clip(share * 2.2, 0, 1)) * np.ones((1, COLUMNS))
    return skinned(mesh, bones, weights, fabric, "hair.shell", specular=0.22,
                   shade=shade.ravel().astype(np.float32))  # fmt: skip


def _outside(points: np.ndarray, spec: PersonSpec, body: FittedBody) -> np.ndarray:
    """Push points below the chin out of torso and clothes."""
    torso, normals = body.vertices[TIGHTS], body.normals[TIGHTS]
    _, nearest = scipy.spatial.KDTree(torso).query(points)
    height = np.einsum("ij,ij->i", points - torso[nearest], normals[nearest])
    low = points[:, 1] < body.head_centre[1] - 0.7 * body.head_half[1]
    clear = 0.018 + 0.1 * thickness(spec)
    push = np.where(low, np.maximum(0.0, clear - height), 0.0)
    return points + normals[nearest] * push[:, None]
