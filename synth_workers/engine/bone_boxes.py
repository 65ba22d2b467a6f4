"""Where a posed figure surely is, from a few corners instead of all its vertices.

A skinned vertex lies between the places that each of its bones alone would give it, hence inside
the hull of the boxes around what hangs on every bone, moved with that bone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])


@dataclass(frozen=True)
class BoneBoxes:
    """``bones``: (k,) rows of the palette; ``corners``: (k, 8, 4) homogeneous rest positions."""

    bones: np.ndarray
    corners: np.ndarray

    @classmethod
    def of(cls, vertices: np.ndarray) -> BoneBoxes:
        """The boxes of a mesh in the ``VERTEX`` layout."""
        bones, weights = vertices["bones"], vertices["weights"] > 0
        weights[:, 0] = True  # what the shader always uses
        owners, positions = bones[weights], np.repeat(vertices["position"], weights.sum(1), axis=0)
        order = np.argsort(owners, kind="stable")
        found, starts = np.unique(owners[order], return_index=True)
        low = np.minimum.reduceat(positions[order], starts, axis=0)
        high = np.maximum.reduceat(positions[order], starts, axis=0)
        corners = np.ones((len(found), 8, 4))
        corners[:, :, :3] = low[:, None] + (high - low)[:, None] * _CORNERS
        return cls(found, corners)

    def posed(self, palette: np.ndarray) -> np.ndarray:
        """(8 k, 3) corners moved by a (bones, 3, 4) palette."""
        moved = np.matmul(self.corners, palette[self.bones].transpose(0, 2, 1).astype(float))
        return moved.reshape(-1, 3)
