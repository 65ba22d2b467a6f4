"""Cloth that a client puts on somebody instead of their own: a colour, a picture, a gloss.

A slot is one cloth tile of an appearance (a garment, a detail of it, hair), counted from 0.
Pictures are read from one folder only, which whoever starts the engine names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from manifests.errors import CorruptData
from manifests.pictures import decode_picture
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.person_meshes import SHARED_LAYERS, TILE
from synth_workers.people.person import BuiltPerson, Lod

_MAX_BYTES = 1 << 24
_MAX_PIXELS = 1 << 24
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Material:
    """What replaces one slot. ``colour``: factors 0..1; ``gloss``: 0..1; ``tiling``: repeats per
    repeat of the slot's own tile. ``tile``: (128, 128, 3) uint8 picture, None keeps the pattern
    of the slot's own; ``image`` is its digest, by which materials are told apart."""

    slot: int
    colour: tuple[float, float, float]
    gloss: float
    tiling: float
    image: str = ""
    tile: np.ndarray | None = field(default=None, compare=False, repr=False)


def with_material(materials: Sequence[Material], new: Material) -> tuple[Material, ...]:
    """``materials`` with ``new`` in place of what its slot had."""
    others = [material for material in materials if material.slot != new.slot]
    return tuple(sorted((*others, new), key=lambda material: material.slot))


def dress(person: BuiltPerson, materials: Sequence[Material]) -> BuiltPerson:
    """``person`` in other cloth; slots that it does not have are left out."""
    tiles = person.tiles.copy()
    vertices = [lod.vertices.copy() for lod in person.lods]
    for material in materials:
        if material.slot >= len(tiles):
            continue
        tiles[material.slot] = _painted(tiles[material.slot], material)
        for level in vertices:
            worn = level["layer"] == material.slot + SHARED_LAYERS
            uv = level["uv"][worn].astype(np.float32) * material.tiling
            level["uv"][worn] = np.clip(uv, -60000, 60000)
            level["specular"][worn] = round(255 * material.gloss)
    lods = tuple(Lod(level, lod.indices) for level, lod in zip(vertices, person.lods))
    return replace(person, tiles=tiles, lods=lods)


def _painted(own: np.ndarray, material: Material) -> np.ndarray:
    colour = np.array(material.colour, np.float32)
    if material.tile is not None:
        return np.round(material.tile * colour).astype(np.uint8)
    light = own.astype(np.float32) @ _LUMA
    pattern = light / max(float(light.mean()), 1.0)
    return np.clip(np.round(pattern[..., None] * colour * 255), 0, 255).astype(np.uint8)


def read_tile(name: str, folder: Path | None) -> tuple[str, np.ndarray]:
    """Digest and (128, 128, 3) uint8 of a JPEG, PNG, BMP or WebP below ``folder``.

    ``name`` comes from a client: it may be absolute or relative to ``folder``, and links are
    followed before it is compared. ``CommandError`` for everything outside, whether it exists
    or not, and for what is no such picture.
    """
    if folder is None:
        raise CommandError(
            "Argument Invalid, this engine reads no pictures: start it with --materials FOLDER"
        )
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        if not (path.is_relative_to(root) and path.is_file()):
            raise FileNotFoundError(path)
    except (OSError, RuntimeError, ValueError):
        raise CommandError(f"Argument Invalid, there is no picture {name} below {root}") from None
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise CommandError(f"Argument Invalid, {name} is larger than {_MAX_BYTES} bytes")
        picture = decode_picture(data, name, _MAX_PIXELS).pixels
    except OSError as error:
        raise CommandError(f"Argument Invalid, {name} cannot be read: {error.strerror}") from None
    except CorruptData as error:
        raise CommandError(f"Argument Invalid, {error}") from None
    tile = cv2.resize(picture, (TILE, TILE), interpolation=cv2.INTER_AREA)
    return hashlib.blake2b(data, digest_size=16).hexdigest(), tile
