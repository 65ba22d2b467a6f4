"""What a piece of the kit is, and the table of all pieces.

A piece is built in its own frame (right-handed, metres, z up, feet on z = 0, facing +x) from a
random generator and named parameters; the scene file says where it stands.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from manifests.errors import BadScene
from synth_workers.scenes.geometry import PointLight
from synth_workers.scenes.parts import Sketch

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


@dataclass(frozen=True)
class Piece:
    """``build(rng, **parameters)`` makes the parts; the others take the parameters alone.

    ``boxes``: what stops feet and hides people; ``lights``: lamps; ``surfaces``: what carries.
    """

    name: str
    build: Callable[..., Sketch]
    boxes: Callable[..., list[Box]]
    lights: Callable[..., list[PointLight]]
    surfaces: Callable[..., list[Surface]]

    def check(self, parameters: dict) -> None:
        """Refuses parameters that the piece does not have."""
        known = [name for name in inspect.signature(self.build).parameters if name != "rng"]
        unknown = sorted(set(parameters) - set(known))
        if unknown:
            raise BadScene(
                f"piece {self.name!r} has no parameter {', '.join(unknown)}; "
                f"it has {', '.join(known) or 'none'}"
            )


_PIECES: dict[str, Piece] = {}


def _nothing(**_: object) -> list:
    return []


def piece(
    name: str,
    *,
    boxes: Callable[..., list[Box]] = _nothing,
    lights: Callable[..., list[PointLight]] = _nothing,
    surfaces: Callable[..., list[Surface]] = _nothing,
) -> Callable[[Callable[..., Sketch]], Callable[..., Sketch]]:
    """Registers a builder under ``name``."""

    def register(build: Callable[..., Sketch]) -> Callable[..., Sketch]:
        _PIECES[name] = Piece(name, build, boxes, lights, surfaces)
        return build

    return register


def find_piece(name: str) -> Piece:
    """The piece called ``name``; `BadScene` naming the known ones if there is none."""
    if name not in _PIECES:
        raise BadScene(f"unknown piece {name!r}; known are {', '.join(piece_names())}")
    return _PIECES[name]


def piece_names() -> tuple[str, ...]:
    """Names of all registered pieces, sorted."""
    return tuple(sorted(_PIECES))
