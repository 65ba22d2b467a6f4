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
    way = np.stack(
        [np.cos(height) * np.cos(angle), np.cos(height) * np.sin(angle), np.sin(height)], axis=1
    )
    horizon = ((1 - np.maximum(way[:, 2], 0.02)) ** 4)[:, None]
    fog, zenith, sun = (
        np.asarray(colour) for colour in (light.fog_colour, light.zenith_colour, light.sun_colour)
    )
    colour = zenith * (1 - horizon) + fog * horizon
    veil = 0.5 + 0.5 * np.sin(way[:, 0] * 7 + way[:, 1] * 3) * np.sin(
        way[:, 1] * 5 + 2 + way[:, 2] * 4
    )
    cover = light.clouds * veil[:, None] * (1 - horizon)
    colour = colour * (1 - cover) + fog * 1.1 * cover
    towards = np.maximum(way @ np.asarray(light.sun_direction, float), 0)[:, None]
    colour = colour + sun * 0.12 * towards**24
    rows = len(up)
    i, j = (
        g.ravel() for g in np.meshgrid(np.arange(_SEGMENTS), np.arange(rows - 1), indexing="ij")
    )
    corner = i * rows + j
    triangles = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + rows], axis=1),
            np.stack([corner + 1, corner + rows + 1, corner + rows], axis=1),
        ]
    )
    return np.hstack([way * _RADIUS, colour]).astype("f4"), triangles.astype("u4")


class Sky:
    """The dome of the current light on the GPU."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.program = compile_program(context, "sky_vertex.glsl", "sky_fragment.glsl")
        self._array: moderngl.VertexArray | None = None

    def set_light(self, light: LightPreset) -> None:
        """Colour the dome for ``light``."""
        vertices, triangles = dome(light)
        if self._array is not None:
            self._array.release()
        self._array = self._context.vertex_array(
            self.program,
            [(self._context.buffer(vertices), "3f 3f", "position", "radiance")],
            self._context.buffer(triangles),
        )

    def draw(self) -> None:
        """Fill what nothing else covered (depth test ``<=`` against the far plane)."""
        if self._array is not None:
            self._array.render()
