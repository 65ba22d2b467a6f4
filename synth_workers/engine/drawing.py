"""What the renderer is given and what it returns: figures, drawings, images to draw into."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property

import moderngl
import numpy as np

from synth_workers.people.person import BuiltPerson

_NUMBERS = {"f4": np.float32, "u4": np.uint32}


@dataclass(frozen=True)
class Figure:
    """One thing that moves, ready to be drawn.

    ``key``, ``person``: its appearance. ``palette``: (55, 3, 4) float32 bones in the engine's
    frame. ``root``: (3,) metres. ``feet``: (2, 3) metres, None for things without feet.
    ``reach``: metres by which it exceeds an ordinary figure. ``mirrored``: it is turned inside
    out by a negative scale.
    """

    key: Hashable
    person: BuiltPerson
    palette: np.ndarray
    root: np.ndarray
    feet: np.ndarray | None
    reach: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True)
class Drawing:
    """One picture as drawn: ``colour`` (h, w, 3) uint8 at drawn size, ``ids`` (height, width)
    uint8 at asked size (row of the figure + 1, 0 background), ``token`` names it."""

    colour: np.ndarray
    ids: np.ndarray
    token: int


class RenderTarget:
    """Images of one size to draw into."""

    def __init__(self, context: moderngl.Context, width: int, height: int) -> None:
        self._context = context
        self.size = (width, height)
        self.colour = context.texture((width, height), 4)
        self.ids = context.texture((width, height), 1, dtype="u1")
        self.depth = context.depth_renderbuffer((width, height))
        self.both = context.framebuffer([self.colour, self.ids], self.depth)
        self.colour_only = context.framebuffer([self.colour], self.depth)
        self.ids_only = context.framebuffer([self.ids], self.depth)
        self.token = -1

    @cached_property
    def labels_only(self) -> moderngl.Framebuffer:
        """Labels of scenery, unsigned; made when they are drawn for the first time."""
        labels = self._context.texture(self.size, 1, dtype="u4")
        return self._context.framebuffer([labels], self.depth)

    @cached_property
    def places_only(self) -> moderngl.Framebuffer:
        """Four floats; made when flow is drawn for the first time."""
        places = self._context.texture(self.size, 4, dtype="f4")
        return self._context.framebuffer([places], self.depth)

    def read(
        self, drawn: moderngl.Framebuffer, components: int, kind: str = "f1", attachment: int = 0
    ) -> np.ndarray:
        """(h, w) or (h, w, components) of one attachment, as drawn; ``kind``: moderngl's dtype."""
        data = drawn.read(components=components, attachment=attachment, alignment=1, dtype=kind)
        shape = self.size[::-1] if components == 1 else (*self.size[::-1], components)
        return np.frombuffer(data, _NUMBERS.get(kind, np.uint8)).reshape(shape)
