"""What a piece of the kit is, and the table of all pieces.

A piece is drawn in its own frame (right-handed, metres, z up, feet on z = 0, facing +x) from a
random generator and named parameters; the scene file says where it stands.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from manifests.errors import BadScene
from manifests.registry import Registry
from synth_workers.scenes.geometry import PointLight
from synth_workers.scenes.parts import Sketch

Colour = Sequence[float]
"""Red, green and blue, 0 to 255."""

Box = tuple[float, float, float, float, float, float]
"""x0, y0, z0, x1, y1, z1, metres, in the piece's frame."""


class Surface(NamedTuple):
    """Ground to walk on in the piece's frame: a rectangle whose height goes linearly from
    ``z_from`` at ``x0`` to ``z_to`` at ``x1``."""

    x0: float
    y0: float
    x1: float
    y1: float
    z_from: float
    z_to: float


class Place(NamedTuple):
    """Where somebody sits (`synth_workers.seating`), metres, and which way, radians; both in the
    piece's frame. ``hides``: boxes that may hide who sits there, in the frame of the place, which
    looks along +x."""

    x: float
    y: float
    z: float
    heading: float
    hides: tuple[Box, ...]


def chair(half_width: float, back: float = 0.88) -> tuple[Box, ...]:
    """What hides who sits on a chair or a bench: what one sits on, and a ``back`` of that height
    above the ground, 0 for none."""
    seat = (-0.44, -half_width, 0.42, 0.0, half_width, 0.46)
    behind = (-0.5, -half_width, 0.46, -0.43, half_width, back)
    return (seat, behind) if back else (seat,)


def around(x: float, y: float, height: float) -> list[Box]:
    """A box on the ground, ``x`` and ``y`` to either side of the piece's middle."""
    return [(-x, -y, 0.0, x, y, height)]


@dataclass(frozen=True)
class Piece:
    """One kind of piece; what its functions are not given of ``defaults`` they get from there."""

    name: str
    draw: Callable[..., None]
    defaults: dict[str, Any]
    boxes_of: Callable[..., list[Box]]
    lights_of: Callable[..., list[PointLight]]
    surfaces_of: Callable[..., list[Surface]]
    overhead_of: Callable[..., list[Box]]
    seats_of: Callable[..., list[Place]]

    def build(self, rng: np.random.Generator, **parameters: Any) -> Sketch:
        """Its parts."""
        sketch = Sketch(rng)
        self.draw(sketch, **parameters)
        return sketch

    def boxes(self, **parameters: Any) -> list[Box]:
        """What stops feet and hides people."""
        return self.boxes_of(**(self.defaults | parameters))

    def lights(self, **parameters: Any) -> list[PointLight]:
        """Its lamps."""
        return self.lights_of(**(self.defaults | parameters))

    def surfaces(self, **parameters: Any) -> list[Surface]:
        """What carries people."""
        return self.surfaces_of(**(self.defaults | parameters))

    def overhead(self, **parameters: Any) -> list[Box]:
        """What it fills above people's heads, where nothing else should be."""
        return self.overhead_of(**(self.defaults | parameters))

    def seats(self, rng: np.random.Generator, **parameters: Any) -> list[Place]:
        """Where one can sit on it; ``rng``: as ``build`` is given."""
        return self.seats_of(rng=rng, **(self.defaults | parameters))

    def check(self, names: Iterable[str]) -> None:
        """Refuses parameters that the piece does not have."""
        if unknown := sorted(set(names) - set(self.defaults)):
            raise BadScene(
                f"piece {self.name!r} has no parameter {', '.join(unknown)}; "
                f"it has {', '.join(self.defaults) or 'none'}"
            )


PIECES: Registry[Piece] = Registry("piece", BadScene)


def _nothing(**_: object) -> list:
    return []


def piece(
    name: str,
    *,
    boxes: Callable[..., list[Box]] = _nothing,
    lights: Callable[..., list[PointLight]] = _nothing,
    surfaces: Callable[..., list[Surface]] = _nothing,
    overhead: Callable[..., list[Box]] = _nothing,
    seats: Callable[..., list[Place]] = _nothing,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers ``draw(sketch, **parameters)`` under ``name``. What the others say of the piece
    they say from its parameters alone, each of which they are given; ``seats`` from the random
    generator ``rng`` of the piece, too."""

    def register(draw: Callable[..., None]) -> Callable[..., None]:
        _, *parameters = inspect.signature(draw).parameters.values()
        defaults = {parameter.name: parameter.default for parameter in parameters}
        PIECES.add(Piece(name, draw, defaults, boxes, lights, surfaces, overhead, seats))
        return draw

    return register
