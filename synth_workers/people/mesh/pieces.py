"""Parts as the engine's vertices: packing, levels of detail and merging into one mesh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synth_workers.people.mesh.levels_of_detail import THING_RATIOS, decimate_seamed
from synth_workers.people.mesh.parts import LEVELS, Part, PartLevel
from synth_workers.people.person import VERTEX, Lod
from synth_workers.people.spec import FabricSpec
from synth_workers.people.textures import fabrics

TILE_PIXELS = 128
FIRST_TILE_LAYER = 2
"""Texture layers 0 and 1 are the engine's own: white, and the cloth relief."""


@dataclass(frozen=True)
class Piece:
    """Finished vertices of a part and the choices its levels make among them.

    ``outline``: counts for the person's radius. ``under`` (n,): how deep each vertex lies under
    other clothes in dm, None where that is not known.
    """

    name: str
    vertices: np.ndarray
    levels: tuple[PartLevel, ...]
    outline: bool = True
    under: np.ndarray | None = None


class Tiles:
    """Gives every distinct fabric of a person one texture layer."""

    def __init__(self) -> None:
        self._fabrics: dict[FabricSpec, int] = {}

    def layer(self, fabric: FabricSpec) -> int:
        """Return the layer of a fabric, a new one the first time."""
        return self._fabrics.setdefault(fabric, FIRST_TILE_LAYER + len(self._fabrics))

    def images(self) -> np.ndarray:
        """Draw all tiles: (k, 128, 128, 3) uint8."""
        if not self._fabrics:
            return np.zeros((0, TILE_PIXELS, TILE_PIXELS, 3), np.uint8)
        return np.stack([fabrics.render_tile(fabric, TILE_PIXELS) for fabric in self._fabrics])


def visible_level(level: PartLevel, hidden: np.ndarray) -> PartLevel:
    """Drop the triangles all of whose corners are ``hidden`` (n,) bool."""
    faces = level.faces[~hidden[level.vertices[level.faces]].all(1)]
    used, local = np.unique(faces, return_inverse=True)
    return PartLevel(level.vertices[used], level.uv[used], local.reshape(-1, 3))


def chosen_level(faces: np.ndarray, uv: np.ndarray) -> PartLevel:
    """Make a level of faces over a part's own vertices with uv (n, 2)."""
    rows, local = np.unique(faces, return_inverse=True)
    return PartLevel(rows, uv[rows], local.reshape(-1, 3))


def thing_piece(part: Part, tiles: Tiles) -> Piece:
    """Pack a part that is not cloth of the body: bags, hats, hair, prints."""
    if part.levels is not None:
        return cloth_piece(part, part.levels, tiles)
    uv = part.uv if part.uv is not None else np.zeros((len(part.positions), 2), np.float32)
    levels = tuple(
        chosen_level(decimate_seamed(part.positions, uv, part.faces, THING_RATIOS[level]), uv)
        for level in range(LEVELS)
    )
    return cloth_piece(part, levels, tiles)


def cloth_piece(
    part: Part,
    levels: Sequence[PartLevel],
    tiles: Tiles,
    under: np.ndarray | None = None,
) -> Piece:
    """Pack a part with these levels of detail."""
    colour, layer, tile = np.array(part.colour, float), 0, 1.0
    if part.fabric is not None:
        layer, tile = tiles.layer(part.fabric), part.fabric.tile
    shade = np.ones(1) if part.shade is None else np.asarray(part.shade, float)
    colours = colour[None] * (shade[:, None] if shade.ndim == 1 else shade)
    vertices = packed_vertices(
        part.positions,
        part.normals,
        part.bones,
        part.weights,
        np.broadcast_to(colours, (len(part.positions), 3)),
        specular=part.specular,
        wrinkle=part.wrinkle,
        layer=layer,
        grain=min(round(tile * 100), 127) + (128 if part.falling else 0),
    )
    scaled = tuple(PartLevel(level.vertices, level.uv / tile, level.faces) for level in levels)
    return Piece(part.name, vertices, scaled, part.outline, under)


def packed_vertices(
    positions: np.ndarray,
    normals: np.ndarray,
    bones: np.ndarray,
    weights: np.ndarray,
    colours: np.ndarray,
    *,
    specular: float,
    wrinkle: float | np.ndarray = 0.0,
    layer: int = 0,
    grain: int = 100,
) -> np.ndarray:
    """Return (n,) ``VERTEX`` without uv; weights are rounded so that each row sums to 255.

    ``grain``: centimetres of the cloth tile, plus 128 where folds fall along the cloth.
    """
    out = np.zeros(len(positions), VERTEX)
    out["position"] = positions
    out["normal"][:, :3] = np.clip(np.round(normals * 127.0), -127, 127) + 128
    out["normal"][:, 3] = grain
    out["tint"][:, :3] = np.clip(np.round(colours), 0, 255)
    out["tint"][:, 3] = 255
    out["bones"] = bones
    rounded = np.round(weights * 255.0).astype(np.int64)
    strongest = rounded.argmax(1)
    rounded[np.arange(len(rounded)), strongest] += 255 - rounded.sum(1)
    out["weights"] = rounded
    out["layer"] = layer
    out["wrinkle"] = np.clip(np.round(np.asarray(wrinkle) * 1000), 0, 255)
    out["specular"] = round(specular * 255)
    return out


def merged(pieces: Sequence[Piece], level: int) -> Lod:
    """Join one level of all pieces into one mesh."""
    vertices, indices, total = [], [], 0
    for piece in pieces:
        chosen = piece.levels[level]
        if not len(chosen.faces):
            continue
        part = piece.vertices[chosen.vertices]
        part["uv"] = chosen.uv
        vertices.append(part)
        indices.append(chosen.faces + total)
        total += len(part)
    return Lod(np.concatenate(vertices), np.concatenate(indices).astype(np.uint32))
