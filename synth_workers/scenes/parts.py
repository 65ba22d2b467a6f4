"""Parts of a scene: shapes with a material, how they are placed, and how they become cells.

Frame: right-handed, metres, z up. A part keeps float attributes until ``assemble`` packs all
parts of a scene into the engine's interleaved vertices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from synth_workers.scenes.geometry import STATIC_VERTEX, Cell, vector
from synth_workers.scenes.materials import atlas_uv, find_material
from synth_workers.scenes.mesh import NO_UNDERSIDE, Shape, boxes, lathe, moved, quads, tube

CELL_SIZE = 10.0
"""Side of the ground squares that are culled and sorted as one, metres."""


class Level(IntEnum):
    """At which distance a part is drawn."""

    ALWAYS = 0
    NEAR = 1
    FAR = 2


@dataclass(frozen=True)
class Part:
    """A shape with a material. Arrays are per vertex: ``uv`` tiles, ``tint`` (n, 3) 0..255."""

    shape: Shape
    material: str
    tint: np.ndarray
    glow: np.ndarray
    switch: np.ndarray
    specular: int
    level: Level
    two_sided: bool
    casts: bool
    label: int = 0  # see ``scenes.labels``


@dataclass
class Sketch:
    """Collects the parts of one piece, in the piece's own frame; ``rng`` is what varies it."""

    rng: np.random.Generator
    parts: list[Part] = field(default_factory=list)

    def add(
        self,
        shape: Shape,
        material: str,
        tint: ArrayLike = (255, 255, 255),
        *,
        at: ArrayLike = (0, 0, 0),
        heading: float = 0.0,
        turn: np.ndarray | None = None,
        level: Level = Level.ALWAYS,
        two_sided: bool = False,
        casts: bool = True,
        glow: ArrayLike = 0,
        switch: ArrayLike = 0,
        specular: int | None = None,
    ) -> None:
        """Adds ``shape``; ``tint`` is one colour, or one per vertex.

        Texture coordinates in metres become tiles of the material; atlas materials have tiles
        of one unit, so their coordinates pass unchanged.
        """
        known = find_material(material)
        count = len(shape.positions)
        unmoved = not np.any(at) and heading == 0.0 and turn is None
        body = shape if unmoved else moved(shape, at, heading, turn=turn)
        self.parts.append(
            Part(
                shape=body._replace(uv=body.uv / known.metres),
                material=material,
                tint=np.broadcast_to(np.asarray(tint, float), (count, 3)),
                glow=np.broadcast_to(np.asarray(glow), count),
                switch=np.broadcast_to(np.asarray(switch), count),
                specular=known.specular if specular is None else specular,
                level=level,
                two_sided=two_sided,
                casts=casts,
            )
        )

    def boxes(
        self, bottoms: ArrayLike, sizes: ArrayLike, material: str, tint: ArrayLike,
        sides: Sequence[str] = NO_UNDERSIDE, **how: Any,
    ) -> None:  # fmt: skip
        """Adds `mesh.boxes`; ``how``: as for ``add``."""
        self.add(boxes(bottoms, sizes, sides), material, tint, **how)

    def quads(
        self, corners: ArrayLike, material: str, tint: ArrayLike, uv: ArrayLike | None = None,
        cell: ArrayLike | None = None, **how: Any,
    ) -> None:  # fmt: skip
        """Adds `mesh.quads`; ``cell``: (2,) or (2, n) column and row of the atlas they show."""
        if cell is not None:
            column, row = np.asarray(cell)
            uv = atlas_uv(column, row, *find_material(material).cells)
        self.add(quads(corners, uv), material, tint, **how)

    def lathe(
        self, profile: ArrayLike, sides: int, material: str, tint: ArrayLike, **how: Any
    ) -> None:
        """Adds a `mesh.lathe`."""
        self.add(lathe(profile, sides), material, tint, **how)

    def tube(
        self, path: ArrayLike, radii: ArrayLike, sides: int, material: str, tint: ArrayLike,
        **how: Any,
    ) -> None:  # fmt: skip
        """Adds a `mesh.tube`."""
        self.add(tube(path, radii, sides), material, tint, **how)

    def include(self, other: Sketch, at: Sequence[float] = (0, 0, 0), heading: float = 0.0) -> None:
        """Adds all parts of ``other``, moved."""
        self.parts.extend(placed(other.parts, at, heading))


def placed(
    parts: Iterable[Part], at: Sequence[float] = (0, 0, 0), heading: float = 0.0
) -> list[Part]:
    """The parts turned by ``heading`` radians about z and moved to ``at``."""
    return [replace(part, shape=moved(part.shape, at, heading)) for part in parts]


def _pack(parts: Sequence[Part], layer_of: dict[str, int]) -> np.ndarray:
    counts = [len(part.shape.positions) for part in parts]
    layers = [layer_of[part.material] for part in parts]
    normals = np.concatenate([part.shape.normals for part in parts])
    packed = np.zeros(sum(counts), STATIC_VERTEX)
    packed["position"] = np.concatenate([part.shape.positions for part in parts])
    packed["normal"][:, :3] = np.round(np.clip(normals, -1, 1) * 127) + 128
    packed["normal"][:, 3] = np.repeat([part.specular for part in parts], counts)
    packed["uv"] = np.concatenate([part.shape.uv for part in parts])
    tints = np.concatenate([part.tint for part in parts])
    packed["tint"][:, :3] = np.clip(np.round(tints), 0, 255)
    packed["tint"][:, 3] = 255
    packed["layer"] = np.repeat(layers, counts)
    packed["glow"] = np.concatenate([part.glow for part in parts])
    packed["switch"] = np.concatenate([part.switch for part in parts])
    return packed


def _cell_keys(part: Part) -> np.ndarray:
    """(k, 2) int: the ground square of each triangle; small parts stay whole."""
    positions = part.shape.positions[:, :2]
    low, high = positions.min(axis=0), positions.max(axis=0)
    if (high - low).max() < CELL_SIZE:
        square = np.floor((low + high) / 2 / CELL_SIZE).astype(int)
        return np.broadcast_to(square, (len(part.shape.faces), 2))
    return np.floor(positions[part.shape.faces].mean(axis=1) / CELL_SIZE).astype(int)


def _cell(vertices: np.ndarray, labels: np.ndarray, faces: np.ndarray, traits: np.ndarray) -> Cell:
    used, index = np.unique(faces, return_inverse=True)
    own = vertices[used]
    triangles = index.reshape(-1, 3).astype(np.uint32)
    level, two_sided, casts = traits[:, 0], traits[:, 1].astype(bool), traits[:, 2].astype(bool)
    near, far = level != Level.FAR, level != Level.NEAR
    positions = own["position"].astype(float)
    centre = (positions.min(axis=0) + positions.max(axis=0)) / 2
    return Cell(
        vertices=own,
        labels=labels[used],
        near=triangles[near & ~two_sided],
        far=triangles[far & ~two_sided],
        near_two_sided=triangles[near & two_sided],
        far_two_sided=triangles[far & two_sided],
        casters=triangles[near & casts],
        centre=vector(centre),
        radius=float(np.linalg.norm(positions - centre, axis=1).max()),
    )


def assemble(parts: Sequence[Part], layer_of: dict[str, int]) -> tuple[Cell, ...]:
    """Packs all parts into ground cells, in a fixed order. ``layer_of``: material -> layer."""
    parts = [part for part in parts if len(part.shape.faces)]
    starts = np.cumsum([0] + [len(part.shape.positions) for part in parts])
    vertices = _pack(parts, layer_of)
    counts = [len(part.shape.positions) for part in parts]
    labels = np.repeat(np.array([part.label for part in parts], np.uint32), counts)
    faces = np.concatenate([part.shape.faces + start for part, start in zip(parts, starts)])
    keys = np.concatenate([_cell_keys(part) for part in parts])
    triangles = [len(part.shape.faces) for part in parts]
    kinds = [(part.level, part.two_sided, part.casts) for part in parts]
    traits = np.repeat(np.array(kinds, int), triangles, axis=0)
    lowest = keys.min(axis=0)
    square = (keys[:, 0] - lowest[0]) * (np.ptp(keys[:, 1]) + 1) + keys[:, 1] - lowest[1]
    order = np.argsort(square, kind="stable")
    borders = np.flatnonzero(np.diff(square[order])) + 1
    return tuple(
        _cell(vertices, labels, faces[chosen], traits[chosen])
        for chosen in np.split(order, borders)
    )
