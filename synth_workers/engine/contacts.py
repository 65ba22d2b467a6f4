"""Soft shadows on the floor right under people's feet, the weaker the higher a foot is lifted."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from synth_workers.engine.drawing import Figure, RenderTarget
from synth_workers.engine.graphics import compile_program
from synth_workers.engine.person_meshes import MAX_ACTORS

_RADIUS = 0.22
_DARKNESS = 0.8
_HEIGHT = 0.30
_DISC_BYTES = 20
_ALL_CHANNELS, _NO_CHANNELS = (True,) * 4, (False,) * 4


class Contacts:
    """The discs of one instant, the same for all cameras."""

    def __init__(self, context: moderngl.Context) -> None:
        self._context = context
        self.program = compile_program(context, "contact", "contact")
        corners = context.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4"))
        self._buffer = context.buffer(reserve=2 * MAX_ACTORS * _DISC_BYTES)
        self._array = context.vertex_array(
            self.program, [(corners, "2f", "corner"), (self._buffer, "4f 1f/i", "disc", "ground")]
        )
        self._count = 0

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Whose feet stand where from now on."""
        discs = [
            (foot[0], foot[1], _RADIUS, strength, figure.root[2])
            for figure in figures
            if figure.feet is not None
            for foot in figure.feet
            if (strength := _strength(foot[2] - figure.root[2])) > 0
        ]
        self._count = len(discs)
        if discs:
            self._buffer.write(np.array(discs, "f4"))

    def draw(self, target: RenderTarget) -> None:
        """Darken the picture in ``target``."""
        if not self._count:
            return
        # In the same framebuffer with its ids masked: a software renderer would otherwise finish
        # every tile of the picture, and fetch it again for these few discs.
        drawn = target.both
        drawn.color_mask = (_ALL_CHANNELS, _NO_CHANNELS)  # type: ignore[assignment]
        drawn.depth_mask = False
        self._context.enable(moderngl.BLEND)
        self._array.render(moderngl.TRIANGLE_STRIP, instances=self._count)
        self._context.disable(moderngl.BLEND)
        drawn.color_mask = (_ALL_CHANNELS, _ALL_CHANNELS)  # type: ignore[assignment]
        drawn.depth_mask = True


def _strength(lift: float) -> float:
    return _DARKNESS * min(max(1.0 - float(lift) / _HEIGHT, 0.0), 1.0)
