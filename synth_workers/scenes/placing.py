"""From placements in a scene file to single pieces with a place and drawn parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from manifests.errors import BadScene
from synth_workers.scenes.geometry import PointLight, Vector, vector
from synth_workers.scenes.kit import PIECES, Box, Piece
from synth_workers.scenes.kit.registry import Place, Surface
from synth_workers.scenes.materials import find_material
from synth_workers.scenes.mesh import rotation_z
from synth_workers.scenes.parts import Part, placed
from synth_workers.scenes.scene_file import Placement, SceneFile

_SLACK = 1e-6
"""Metres by which a place may lie beside a surface that carries it."""


@dataclass(frozen=True)
class Instance:
    """One piece at one place. ``heading``: radians; ``seed``: what its randomness starts from."""

    piece: Piece
    place: Vector
    heading: float
    parameters: dict[str, Any]
    seed: tuple[int, ...]

    def parts(self) -> list[Part]:
        """Its geometry in the scene's frame."""
        sketch = self.piece.build(np.random.default_rng(self.seed), **self.parameters)
        return placed(sketch.parts, self.place, self.heading)

    def boxes(self) -> list[Box]:
        """Axis-aligned boxes around its obstacles, scene frame, metres."""
        return self._placed(self.piece.boxes(**self.parameters))

    def overhead(self) -> list[Box]:
        """The same around what it fills above people's heads."""
        return self._placed(self.piece.overhead(**self.parameters))

    def _placed(self, boxes: Iterable[Box]) -> list[Box]:
        matrix = rotation_z(self.heading)
        result: list[Box] = []
        for x0, y0, z0, x1, y1, z1 in boxes:
            corners = np.array([(x, y, 0.0) for x in (x0, x1) for y in (y0, y1)]) @ matrix.T
            low, high = corners.min(axis=0) + (0, 0, z0), corners.max(axis=0) + (0, 0, z1)
            result.append((*vector(low + self.place), *vector(high + self.place)))
        return result

    def seats(self) -> list[Place]:
        """Where one can sit on it, scene frame."""
        matrix = rotation_z(self.heading)
        places = self.piece.seats(np.random.default_rng(self.seed), **self.parameters)
        found: list[Place] = []
        for spot in places:
            x, y, z = vector(matrix @ np.array(spot[:3]) + self.place)
            found.append(spot._replace(x=x, y=y, z=z, heading=spot.heading + self.heading))
        return found

    def lights(self) -> list[PointLight]:
        """Its lamps, scene frame."""
        matrix = rotation_z(self.heading)
        return [
            replace(lamp, position=vector(matrix @ np.asarray(lamp.position) + self.place))
            for lamp in self.piece.lights(**self.parameters)
        ]

    def ground_height(self, points: np.ndarray) -> np.ndarray:
        """(n,) height of its walkable surface under (n, 2) points; NaN where there is none."""
        local = (np.column_stack([points, np.zeros(len(points))]) - self.place) @ rotation_z(
            self.heading
        )
        height = np.full(len(points), np.nan)
        for surface in self.piece.surfaces(**self.parameters):
            height = np.where(np.isnan(height), _surface_height(surface, local), height)
        return height + self.place[2]


def _surface_height(surface: Surface, local: np.ndarray) -> np.ndarray:
    x0, y0, x1, y1, *_ = surface
    low, high = np.array([x0, y0]) - _SLACK, np.array([x1, y1]) + _SLACK
    inside = np.all((local[:, :2] >= low) & (local[:, :2] <= high), axis=1)
    share = (local[:, 0] - surface.x0) / max(surface.x1 - surface.x0, 1e-9)
    return np.where(inside, surface.z_from + share * (surface.z_to - surface.z_from), np.nan)


def _spots(placement: Placement, rng: np.random.Generator) -> list[Vector]:
    spots: list[tuple[float, ...]] = list(placement.at)
    if (row := placement.row) is not None:
        start, end = np.asarray(row.start), np.asarray(row.end)
        length = float(np.linalg.norm(end - start))
        direction = (end - start) / max(length, 1e-9)
        for k in range(int(length / row.step + 1e-6) + 1):
            along = direction * (k * row.step + rng.uniform(-1, 1) * row.jitter)
            if k not in placement.skip:
                spots.append(tuple(start + along))
    elif not spots:
        spots.append((0.0, 0.0))
    return [vector((*spot, placement.z)[:3]) for spot in spots]


def _materials(placement: Placement) -> list[Any]:
    """Those that it names: a piece that is only planned with is never painted."""
    named = [placement.with_["material"]] if "material" in placement.with_ else []
    return [*named, *placement.choose.get("material", [])]


def instances(scene: SceneFile) -> Iterator[Instance]:
    """All pieces of a scene in file order.

    What an instance looks like depends on the scene's seed, the position of its placement in
    the file and its number in that placement, nothing else.
    """
    for index, placement in enumerate(scene.pieces):
        try:
            piece = PIECES.find(placement.piece)
            piece.check([*placement.with_, *placement.vary, *placement.choose])
            for name in _materials(placement):
                find_material(name)
        except BadScene as error:
            raise error.saying(f"pieces.{index}: {error}") from None
        spots = _spots(placement, np.random.default_rng([scene.seed, index]))
        for number, place in enumerate(spots):
            rng = np.random.default_rng([scene.seed, index, number])
            parameters = dict(placement.with_)
            for name, (low, high) in sorted(placement.vary.items()):
                parameters[name] = float(rng.uniform(low, high))
            for name, options in sorted(placement.choose.items()):
                parameters[name] = options[int(rng.integers(len(options)))]
            turned = placement.heading + placement.turn * rng.uniform(-1, 1)
            seed = (scene.seed, index, number, 1)
            yield Instance(piece, place, float(np.radians(turned)), parameters, seed)
