"""Seamless noise and masonry patterns that the painters share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from synth_workers.scenes.geometry import TEXTURE_SIZE


def lattice_noise(rng: np.random.Generator, cells_y: int, cells_x: int | None = None) -> np.ndarray:
    """(512, 512) float32 smooth seamless noise around 0, standard deviation about 1."""
    shape = (cells_y, cells_x or cells_y)
    pad = 3
    lattice = np.pad(rng.standard_normal(shape).astype(np.float32), pad, mode="wrap")
    scale_y, scale_x = TEXTURE_SIZE / shape[0], TEXTURE_SIZE / shape[1]
    # Sampled by hand at the lattice positions, so that the last texel meets the first.
    y = ((np.arange(TEXTURE_SIZE) + 0.5) / scale_y + pad - 0.5).astype(np.float32)
    x = ((np.arange(TEXTURE_SIZE) + 0.5) / scale_x + pad - 0.5).astype(np.float32)
    map_x, map_y = np.meshgrid(x, y)
    field = cv2.remap(lattice, map_x, map_y, cv2.INTER_CUBIC)
    return field / max(float(field.std()), 1e-6)


def fractal_noise(rng: np.random.Generator, cells: int = 4, octaves: int = 5) -> np.ndarray:
    """(512, 512) float32: ``octaves`` of lattice noise, each half as strong; deviation about 1."""
    total = np.zeros((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)
    for octave in range(octaves):
        total += lattice_noise(rng, min(cells * 2**octave, 256)) * 0.5**octave
    return total / float(total.std())


def grain(rng: np.random.Generator) -> np.ndarray:
    """(512, 512) float32 white noise, deviation 1."""
    return rng.standard_normal((TEXTURE_SIZE, TEXTURE_SIZE), np.float32)


def soft_grain(rng: np.random.Generator) -> np.ndarray:
    """(512, 512) float32 seamless noise around 0 in specks of about three texels."""
    around = np.pad(grain(rng), 1, mode="wrap")
    return cv2.GaussianBlur(around, (3, 3), 0)[1:-1, 1:-1]


def atlas(columns: int, rows: int) -> Iterator[tuple[slice, slice]]:
    """Where the cells of an atlas lie in its image, row by row."""
    height, width = TEXTURE_SIZE // rows, TEXTURE_SIZE // columns
    for y in range(0, TEXTURE_SIZE, height):
        for x in range(0, TEXTURE_SIZE, width):
            yield np.s_[y : y + height, x : x + width]


def repeats(x: float, y: float) -> list[tuple[int, int]]:
    """A place and where it repeats on the layers around, for what is drawn across an edge."""
    shifts = (-TEXTURE_SIZE, 0, TEXTURE_SIZE)
    return [(int(x) + dx, int(y) + dy) for dx in shifts for dy in shifts]


class Masonry(NamedTuple):
    """Blocks laid in rows. ``tone``: one normal deviate per block, spread over its texels;
    ``edge``: distance to the block's border in metres; both (512, 512)."""

    tone: np.ndarray
    edge: np.ndarray


def masonry(
    rng: np.random.Generator, rows: int, columns: int, metres: float, offset: float = 0.5
) -> Masonry:
    """Rows of equal blocks in a tile of ``metres``; every other row moved by ``offset`` blocks."""
    v = (np.arange(TEXTURE_SIZE) + 0.5) * rows / TEXTURE_SIZE
    row = v.astype(int)
    u = (np.arange(TEXTURE_SIZE) + 0.5)[None] * columns / TEXTURE_SIZE + (row % 2)[:, None] * offset
    column = u.astype(int)
    tones = rng.standard_normal((rows, columns)).astype(np.float32)
    inside_v = np.minimum(v - row, 1 - (v - row)) * metres / rows
    inside_u = np.minimum(u - column, 1 - (u - column)) * metres / columns
    return Masonry(tones[row[:, None], column % columns], np.minimum(inside_u, inside_v[:, None]))


def coloured(tone: np.ndarray, colour: tuple[float, float, float]) -> np.ndarray:
    """(512, 512, 3): ``colour`` times the single-channel ``tone``."""
    return tone[..., None] * np.asarray(colour, np.float32)
