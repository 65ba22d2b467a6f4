"""Bakes what a person wears into one picture: cloth tiles times tints, as the engine mixes them.

Only colours are baked, no light. The engine multiplies 8-bit values of tile and tint and takes
the product for the colour of the surface; the texture holds that product.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import distance_transform_edt

from synth_workers.people.export.raster import Fragments
from synth_workers.people.mesh.pieces import FIRST_TILE_LAYER

_SOLID_TEXELS = 256.0  # per metre: what cloth in one colour and skin are resolved at
_FINEST = 4.0


def wanted_detail(
    vertices: np.ndarray, faces: np.ndarray, tiles: np.ndarray, fine: np.ndarray
) -> np.ndarray:
    """(m,) how finely each triangle should be resolved, 1 for plain cloth.

    Triangles whose tile is laid on smaller than half a metre (prints, labels) get more.
    ``fine``: (n,) bool, vertices of skin that deserves twice as much, a face.
    """
    corners = vertices["position"][faces].astype(np.float64)
    uv = vertices["uv"][faces].astype(np.float64)
    across, along = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = np.linalg.norm(np.cross(across, along), axis=1)
    u, v = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    texels = (
        np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) * tiles.shape[1] ** 2 if len(tiles) else 0
    )
    density = np.sqrt(texels / np.maximum(area, 1e-12))
    detail = np.clip(density / _SOLID_TEXELS, 1.0, _FINEST)
    textured = vertices["layer"][faces[:, 0]] >= FIRST_TILE_LAYER
    return np.where(textured, detail, np.where(fine[faces].all(1), 2.0, 1.0))


def bake(
    vertices: np.ndarray, faces: np.ndarray, tiles: np.ndarray, covered: Fragments
) -> np.ndarray:
    """Paint the texture: (size, size, 3) uint8 sRGB.

    ``vertices``: (n,) ``VERTEX``; ``faces``: (m, 3) in the order of ``covered``;
    ``tiles``: (k, s, s, 3) uint8.
    """
    owned = covered.face >= 0
    corner = faces[covered.face[owned]]
    weights = covered.weights[owned]
    colour = np.einsum("tc,tci->ti", weights, vertices["tint"][corner][..., :3].astype(np.float32))
    uv = np.einsum("tc,tci->ti", weights, vertices["uv"][corner].astype(np.float32))
    layer = vertices["layer"][corner[:, 0]].astype(int) - FIRST_TILE_LAYER
    textured = layer >= 0
    if textured.any():
        colour[textured] *= _sampled(tiles, layer[textured], uv[textured]) / 255.0
    picture = np.zeros((*covered.face.shape, 3), np.uint8)
    picture[owned] = np.clip(np.rint(colour), 0, 255)
    # Coarser mipmaps reach beyond the charts, so the background continues their rims.
    nearest = np.empty((2, *owned.shape), np.int32)
    distance_transform_edt(~owned, return_distances=False, return_indices=True, indices=nearest)
    return picture[nearest[0], nearest[1]]


def _sampled(tiles: np.ndarray, layer: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Bilinear samples (t, 3) of repeating tiles; uv counts tiles, v downwards."""
    size = tiles.shape[1]
    place = uv * size - 0.5
    whole = np.floor(place).astype(int)
    part = (place - whole).astype(np.float32)
    out = np.zeros((len(uv), 3), np.float32)
    for dx in (0, 1):
        for dy in (0, 1):
            share = np.abs(1 - dx - part[:, 0]) * np.abs(1 - dy - part[:, 1])
            x, y = (whole[:, 0] + dx) % size, (whole[:, 1] + dy) % size
            out += share[:, None] * tiles[layer, y, x]
    return out
