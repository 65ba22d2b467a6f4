"""The sky dome: a coarse sphere whose vertices carry the colours of one light preset."""

from __future__ import annotations

import moderngl
import numpy as np

from synth_workers.engine.graphics import compile_program
from synth_workers.scenes.geometry import LightPreset

_RADIUS = 80.0
_SEGMENTS = 64
_RINGS = 14


def dome(light: LightPreset) -> tuple[np.ndarray, np.ndarray]:
    """(n, 6) float32 position and radiance, and (m, 3) uint32 triangles, around the origin."""
    around = np.linspace(0, 2 * np.pi, _SEGMENTS + 1)
    up = np.concatenate([[-0.15, 0.0], np.linspace(0.02, np.pi / 2, _RINGS)])
    angle, height = (grid.ravel() for grid in np.meshgrid(around, up, indexing="ij"))
    flat = np.cos(height)
    way = np.stack([flat * np.cos(angle), flat * np.sin(angle), np.sin(height)], axis=1)
    horizon = ((1 - np.maximum(way[:, 2], 0.02)) ** 4)[:, None]
    fog, zenith, sun = map(np.asarray, (light.fog_colour, light.zenith_colour, light.sun_colour))
    colour = zenith * (1 - horizon) + fog * horizon
    x, y, z = way.T
    veil = 0.5 + 0.5 * np.sin(x * 7 + y * 3) * np.sin(y * 5 + 2 + z * 4)
    cover = light.clouds * veil[:, None] * (1 - horizon)
    colour = colour * (1 - cover) + fog * 1.1 * cover
    towards = np.maximum(way @ np.asarray(light.sun_direction, float), 0)[:, None]
    colour = colour + sun * 0.12 * towards**24
    rows = len(up)
    corner = (np.arange(_SEGMENTS)[:, None] * rows + np.arange(rows - 1)).ravel()
    corners = np.array([[0, 1, rows], [1, rows + 1, rows]])
    triangles = (corner[:, None] + corners[:, None]).reshape(-1, 3)
    return np.hstack([way * _RADIUS, colour]).astype("f4"), triangles.astype("u4")


class Sky:
    """The dome of the current light on the GPU; ``set_light`` comes first."""

    _array: moderngl.VertexArray

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.program = compile_program(context, "sky", "sky")

    def set_light(self, light: LightPreset) -> None:
        """Colour the dome for ``light``."""
        vertices, triangles = dome(light)
        self._array = self._context.vertex_array(
            self.program,
            [(self._context.buffer(vertices), "3f 3f", "position", "radiance")],
            self._context.buffer(triangles),
        )

    def draw(self) -> None:
        """Fill what nothing else covered (depth test ``<=`` against the far plane)."""
        self._array.render()
