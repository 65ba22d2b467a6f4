"""What the readers of exported people have in common: skinning a mesh by a tree of nodes.

Written from the definition of skinning alone, without any code of the exporter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Vector = np.ndarray | Sequence[float]


@dataclass(frozen=True)
class SkinnedFile:
    """A file as some reader found it; lengths as the file has them.

    ``positions``, ``uv``: vertices; ``corners``: (m, 3) rows of them. ``influences``: bone name
    -> (rows, weights). ``inverse_bind``: bone name -> (4, 4). ``local``, ``parents``: every
    node's rest transform and its parent's name. ``clips``: name -> (seconds, node -> function
    from seconds to a local (4, 4)).
    """

    positions: np.ndarray
    uv: np.ndarray
    corners: np.ndarray
    influences: Mapping[str, tuple[np.ndarray, np.ndarray]]
    inverse_bind: Mapping[str, np.ndarray]
    local: Mapping[str, np.ndarray]
    parents: Mapping[str, str | None]
    clips: Mapping[str, tuple[float, Mapping[str, Callable[[float], np.ndarray]]]]

    def posed(self, clip: str, phase: float) -> np.ndarray:
        """Vertices at ``phase`` (0..1) of a clip."""
        seconds, tracks = self.clips[clip]
        local = {
            name: tracks[name](phase * seconds) if name in tracks else rest
            for name, rest in self.local.items()
        }
        worlds: dict[str, np.ndarray] = {}

        def world(name: str) -> np.ndarray:
            if name not in worlds:
                parent = self.parents[name]
                worlds[name] = local[name] if parent is None else world(parent) @ local[name]
            return worlds[name]

        points = np.concatenate([self.positions, np.ones((len(self.positions), 1))], 1)
        out = np.zeros_like(self.positions, dtype=np.float64)
        for name, (rows, weights) in self.influences.items():
            matrix = world(name) @ self.inverse_bind[name]
            out[rows] += weights[:, None] * (points[rows] @ matrix.T)[:, :3]
        return out


def transform(
    translation: Vector | None = None,
    rotation: Vector | None = None,
    scale: Vector | None = None,
) -> np.ndarray:
    """(4, 4) from a translation, a quaternion x, y, z, w and a scale."""
    matrix = np.eye(4)
    if rotation is not None:
        x, y, z, w = np.asarray(rotation) / np.linalg.norm(rotation)
        matrix[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    if scale is not None:
        matrix[:3, :3] *= np.asarray(scale)
    if translation is not None:
        matrix[:3, 3] = translation
    return matrix


class Curve:
    """Keys over seconds; quaternions turn along the shorter arc."""

    def __init__(self, seconds: np.ndarray, values: np.ndarray) -> None:
        self.seconds, self.values = np.asarray(seconds, float), np.asarray(values, float)

    def __call__(self, at: float) -> np.ndarray:
        right = int(np.clip(np.searchsorted(self.seconds, at), 1, max(len(self.seconds) - 1, 1)))
        if len(self.seconds) == 1:
            return self.values[0]
        start, end = self.seconds[right - 1], self.seconds[right]
        part = float(np.clip((at - start) / max(end - start, 1e-12), 0.0, 1.0))
        a, b = self.values[right - 1], self.values[right]
        if len(a) != 4:
            return a + part * (b - a)
        cosine = float(a @ b)
        if cosine < 0:
            b, cosine = -b, -cosine
        angle = np.arccos(min(cosine, 1.0))
        if angle < 1e-4:
            return a + part * (b - a)
        return (np.sin((1 - part) * angle) * a + np.sin(part * angle) * b) / np.sin(angle)
