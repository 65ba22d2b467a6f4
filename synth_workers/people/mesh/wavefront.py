"""Reads meshes in the Wavefront format (``.obj``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

_CONTINUED = re.compile(r"\\\r?\n")


def parse_obj(text: str, most: int | None = None) -> dict[str, Any]:
    """Parse vertices, texture coordinates and faces of a Wavefront file.

    A triangle repeats its last corner; faces with more than four corners become a fan of quads.
    Indices may be negative, counted back from what the file has named so far. Returns
    ``vertices`` (n, 3) float32, ``texture`` (t, 2) float32 (one row if the file has none),
    ``quads`` and ``quad_texture`` (q, 4) int32, ``group`` (q,) int32 and ``groups`` (names).
    Numbers beyond float32 become infinite.
    ``ValueError`` names the line that cannot be read, or the corner that does not exist, and ends
    at the line that makes more than ``most`` vertices, or four times as many of anything else.
    """
    vertices: list[tuple[float, ...]] = []
    texture: list[tuple[float, ...]] = []
    quads: list[list[int]] = []
    quad_texture: list[list[int]] = []
    group: list[int] = []
    groups: dict[str, int] = {}
    current = groups.setdefault("", 0)
    for number, line in enumerate(_CONTINUED.sub(" ", text).splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        try:
            if words[0] == "v":
                x, y, z = (float(word) for word in words[1:4])
                vertices.append((x, y, z))
            elif words[0] == "vt":
                texture.append((float(words[1]), float(words[2]) if len(words) > 2 else 0.0))
            elif words[0] == "g":
                current = groups.setdefault(words[1] if len(words) > 1 else "", len(groups))
            elif words[0] == "f":
                rows, uvs = _face(words[1:], len(vertices), len(texture))
                for fan in _fans(len(rows)):
                    quads.append([rows[at] for at in fan])
                    quad_texture.append([uvs[at] for at in fan])
                    group.append(current)
        except (ValueError, IndexError) as error:
            raise ValueError(f"line {number} ({line.strip()[:40]!r}) cannot be read") from error
        if most is not None and max(4 * len(vertices), len(texture), len(quads)) > 4 * most:
            raise ValueError(f"line {number}: larger than a mesh of {most:,} vertices is")
    texture = texture or [(0.0, 0.0)]
    _require_rows(quads, len(vertices), "vertices")
    _require_rows(quad_texture, len(texture), "texture coordinates")
    with np.errstate(over="ignore"):
        places = np.array(vertices, np.float32).reshape(-1, 3)
        coordinates = np.array(texture, np.float32)
    return {
        "vertices": places,
        "texture": coordinates,
        "quads": np.array(quads, np.int32).reshape(-1, 4),
        "quad_texture": np.array(quad_texture, np.int32).reshape(-1, 4),
        "group": np.array(group, np.int32),
        "groups": list(groups),
    }


def _face(words: Sequence[str], vertices: int, texture: int) -> tuple[list[int], list[int]]:
    if len(words) < 3:
        raise ValueError("a face has at least three corners")
    corners = [word.split("/") for word in words]
    rows = [_row(corner[0], vertices) for corner in corners]
    return rows, [_row(c[1], texture) if len(c) > 1 and c[1] else 0 for c in corners]


def _row(index: str, known: int) -> int:
    number = int(index)
    row = number - 1 if number > 0 else known + number
    if number == 0 or row < 0:
        raise ValueError("indices begin at 1, or at -1 backwards")
    return row


def _fans(corners: int) -> list[tuple[int, int, int, int]]:
    """Rows of the corners of the quads that make up a face."""
    last = corners - 1
    return [(0, at, at + 1, min(at + 2, last)) for at in range(1, last, 2)]


def _require_rows(faces: Sequence[Sequence[int]], known: int, what: str) -> None:
    most = max((max(face) for face in faces), default=-1)
    if most >= known:
        raise ValueError(f"a face names number {most + 1} of {known} {what}")
