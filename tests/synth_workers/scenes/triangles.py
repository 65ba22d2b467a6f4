"""All triangles of a world as they stand near a camera, with the piece that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth_workers.scenes.families.worlds import make_world
from synth_workers.scenes.parts import Level
from synth_workers.scenes.placing import Instance, instances

_APART = 0.0008
"""Metres within which two planes are one to a depth buffer some tens of metres away."""

_LEAST = 0.01
_OTHER_TINT = 12.0


@dataclass(frozen=True)
class Triangles:
    """``corners`` (n, 3, 3) metres, ``uv`` (n, 3, 2) tiles, ``tint`` (n, 3) mean 0..255,
    ``material`` (n,) names, ``piece`` (n,) numbers in ``pieces``, ``area`` (n,) square metres;
    leaves and other two-sided ones are left out."""

    pieces: list[Instance]
    corners: np.ndarray
    uv: np.ndarray
    tint: np.ndarray
    material: np.ndarray
    piece: np.ndarray
    area: np.ndarray


def triangles_of(name: str) -> Triangles:
    """The triangles of a world."""
    pieces = [piece for piece in instances(make_world(name)) if piece.piece.name != "glow"]
    parts = [
        (number, part, part.shape.faces)
        for number, piece in enumerate(pieces)
        for part in piece.parts()
        if part.level != Level.FAR and not part.two_sided and len(part.shape.faces)
    ]
    counts = [len(faces) for _, _, faces in parts]
    corners = np.concatenate([part.shape.positions[faces] for _, part, faces in parts])
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return Triangles(
        pieces,
        corners,
        np.concatenate([part.shape.uv[faces] for _, part, faces in parts]),
        np.concatenate([part.tint[faces].mean(axis=1) for _, part, faces in parts]),
        np.repeat([part.material for _, part, _ in parts], counts),
        np.repeat([number for number, _, _ in parts], counts),
        np.linalg.norm(normal, axis=1) / 2,
    )


def tile_sizes(world: Triangles, chosen: np.ndarray) -> np.ndarray:
    """(n,) metres that one tile of its texture covers on each chosen triangle."""
    a, b = (world.uv[chosen, k] - world.uv[chosen, 0] for k in (1, 2))
    flat = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
    return np.sqrt(world.area[chosen] / np.maximum(flat, 1e-12))


def extents(world: Triangles) -> tuple[np.ndarray, np.ndarray]:
    """(pieces, 3) lowest and highest corner of each piece."""
    low = np.full((len(world.pieces), 3), np.inf)
    high = -low
    np.minimum.at(low, world.piece, world.corners.min(axis=1))
    np.maximum.at(high, world.piece, world.corners.max(axis=1))
    return low, high


def flickering(world: Triangles) -> dict[tuple[str, str], float]:
    """Square metres that lie in one plane with something that looks different and faces the same
    way, by the names of the two pieces."""
    large = np.flatnonzero(world.area > _LEAST)
    corners = world.corners[large]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal = np.round(normal / np.linalg.norm(normal, axis=1, keepdims=True), 3)
    depth = np.sum(normal * corners.mean(axis=1), axis=1) / np.linalg.norm(normal, axis=1)
    found: set[tuple[int, int]] = set()
    for shift in (0.0, 0.5):  # planes near the edge of a step meet in the other one
        plane = np.column_stack([normal * 1000, np.round(depth / _APART + shift)]).astype(int)
        order = np.lexsort(plane.T)
        first = np.any(np.diff(plane[order], axis=0, prepend=0) != 0, axis=1)
        starts = np.flatnonzero(first)
        ends = np.append(starts[1:], len(order))
        # One look all over cannot flicker.
        looks = np.column_stack([world.tint[large], np.unique(world.material[large],
                                 return_inverse=True)[1] * 1000.0])[order]  # fmt: skip
        spread = np.maximum.reduceat(looks, starts) - np.minimum.reduceat(looks, starts)
        for k in np.flatnonzero(spread.max(axis=1) > _OTHER_TINT):
            group = order[starts[k] : ends[k]]
            found |= _overlaps(world, large[group], int(np.argmax(np.abs(normal[group[0]]))))
    amounts: dict[tuple[str, str], float] = {}
    for one, other in found:
        a, b = sorted(world.pieces[world.piece[k]].piece.name for k in (one, other))
        less = float(min(world.area[one], world.area[other]))
        amounts[a, b] = amounts.get((a, b), 0.0) + less
    return amounts


def _overlaps(world: Triangles, group: np.ndarray, axis: int) -> set[tuple[int, int]]:
    """Pairs in a group of one plane: the middle of the first lies in the second."""
    flat = np.delete(world.corners[group], axis, axis=2)
    middle, low, high = flat.mean(axis=1), flat.min(axis=1), flat.max(axis=1)
    inside = np.all((middle[:, None] > low) & (middle[:, None] < high), axis=2)
    np.fill_diagonal(inside, False)
    one, other = np.nonzero(inside)
    a, b, c = (flat[other, k] for k in range(3))

    def twice(p: np.ndarray, q: np.ndarray, r: np.ndarray) -> np.ndarray:
        first, second = q - p, r - p
        return first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]

    whole, at = twice(a, b, c), middle[one]
    shares = np.stack([twice(a, b, at), twice(b, c, at), twice(c, a, at)]) / whole
    one, other = (group[k[np.all(shares > 0.02, axis=0)]] for k in (one, other))
    differs = world.material[one] != world.material[other]
    differs |= np.abs(world.tint[one] - world.tint[other]).max(axis=1, initial=0) > _OTHER_TINT
    return set(zip(one[differs].tolist(), other[differs].tolist(), strict=True))
