"""All vertices of posed people, and the upright boxes around them: what is drawn, in numbers.

One sparse product poses a mesh as the vertex shader does. World units (cm, degrees).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from synth_workers.people.person import BuiltPerson


@dataclass(frozen=True)
class PosedMesh:
    """``blend``: (n, 4 bones) sparse; a vertex is a sum of what its bones make of it."""

    blend: csr_matrix

    @classmethod
    def of(cls, person: BuiltPerson, bones: int) -> PosedMesh:
        """Every vertex of every level of detail, of skeletons with so many ``bones``."""
        vertices = np.concatenate([level.vertices for level in person.lods])
        places = np.ones((len(vertices), 1, 4), np.float32)
        places[:, 0, :3] = vertices["position"]
        parts = vertices["weights"][..., None] / np.float32(255) * places  # (n, 4, 4)
        columns = vertices["bones"][..., None].astype(np.int32) * 4 + np.arange(4)
        rows = np.broadcast_to(np.arange(len(vertices))[:, None, None], parts.shape)
        used = np.broadcast_to(vertices["weights"][..., None] > 0, parts.shape)
        entries = (parts[used], (rows[used], columns[used]))
        return cls(csr_matrix(entries, shape=(len(vertices), 4 * bones)))

    def vertices(self, palette: np.ndarray) -> np.ndarray:
        """(n, 3) in the frame that a (bones, 3, 4) palette leads to."""
        return np.asarray(self.blend @ palette.transpose(0, 2, 1).reshape(-1, 3))


def upright_box(points: np.ndarray, yaw: float) -> tuple[float, ...]:
    """The smallest box around (n, 3) points of the world that stands upright and faces ``yaw``:
    centre x, y, z, then length (the way it faces), width and height, then ``yaw``."""
    angle = np.radians(yaw)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    along = np.column_stack([points[:, :2] @ turn.T, points[:, 2]])
    low, high = along.min(axis=0), along.max(axis=0)
    middle = (low + high) / 2
    x, y = middle[:2] @ turn
    return (float(x), float(y), float(middle[2]), *map(float, high - low), yaw)
