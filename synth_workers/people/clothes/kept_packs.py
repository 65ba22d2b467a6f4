"""Garments of clothes packs as arrays, kept in the user's cache under the digest of what they hold.

Specs name that digest. Fitting follows the MakeHuman clothes format: a vertex is a weighted sum of
three base vertices plus an offset scaled by distances on the body.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import NotFound
from synth_workers.cache_folder import cache_root, write_npz

BASE_VERTICES = 19158

_KEPT_VERSION = 2
_ARRAYS = ("rows", "shares", "offsets", "texture", "faces", "texture_faces", "deleted")


@dataclass(frozen=True)
class ClothesPack:
    """One garment of a pack.

    ``tags``: what its makers filed it under; ``licence``: SPDX, as its own header states it.
    ``rows``, ``shares`` (n, 3): base vertices and their weights; ``offsets`` (n, 3) in units of
    ``scale``: per axis (first vertex, second vertex, distance in dm at which it is 1).
    ``texture`` (t, 2), ``faces`` (m, 3) and ``texture_faces`` (m, 3); ``deleted``: base vertices
    that the garment replaces.
    """

    name: str
    tags: tuple[str, ...]
    licence: str
    rows: np.ndarray
    shares: np.ndarray
    offsets: np.ndarray
    scale: tuple[tuple[int, int, float], ...]
    texture: np.ndarray
    faces: np.ndarray
    texture_faces: np.ndarray
    deleted: np.ndarray

    def fit(self, shape: np.ndarray) -> np.ndarray:
        """Return positions (n, 3) on a body ``shape`` (19158, 3), both in dm."""
        factors = [
            abs(float(shape[first, axis] - shape[second, axis])) / distance
            for axis, (first, second, distance) in enumerate(self.scale)
        ]
        mixed = (shape[self.rows] * self.shares[..., None]).sum(1)
        return mixed + self.offsets * np.array(factors, np.float32)


def keep_pack(pack: ClothesPack) -> str:
    """Put a pack into the cache, if it is not there yet; return its digest."""
    arrays = _arrays(pack)
    seen = hashlib.blake2b(digest_size=16)
    for key, array in sorted(arrays.items()):
        seen.update(key.encode() + str(array.dtype).encode() + np.ascontiguousarray(array).data)
    digest = seen.hexdigest()
    if not _kept(digest).is_file():
        write_npz(_kept(digest), arrays)
    return digest


def is_kept(digest: str) -> bool:
    """Whether a pack is in the cache."""
    return _kept(digest).is_file()


def load_pack(digest: str) -> ClothesPack:
    """Return an installed pack; ``NotFound`` says how to install it."""
    path = _kept(digest)
    if not path.is_file():
        raise NotFound(
            f"The clothes pack {digest} is not on this machine; plan the recipe here once so that "
            "its clothes_folder is installed."
        )
    with np.load(path) as file:
        scale = tuple((int(a), int(b), float(d)) for a, b, d in file["scale"])
        name, licence, *tags = (str(text) for text in file["words"])
        arrays = {key: file[key] for key in _ARRAYS}
        return ClothesPack(name=name, tags=tuple(tags), licence=licence, scale=scale, **arrays)


def _kept(digest: str) -> Path:
    if not digest.isalnum():
        raise NotFound(f"{digest!r} is not the digest of a clothes pack.")
    return cache_root() / "clothes" / f"v{_KEPT_VERSION}" / f"{digest}.npz"


def _arrays(pack: ClothesPack) -> dict[str, np.ndarray]:
    words = np.array([pack.name, pack.licence, *pack.tags])
    arrays = {name: getattr(pack, name) for name in _ARRAYS}
    return {"words": words, "scale": np.array(pack.scale, np.float64)} | arrays
