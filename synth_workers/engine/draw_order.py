"""In which order a person's vertices and triangles are drawn, worked out once per host and kept.

People walk in one shard after the other, and working it out takes longer than reading it again.
A file is good for one mesh and one state of the code that orders it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from synth_workers.cache_folder import cache_root, keep_array, kept_array
from synth_workers.engine import open_edges, vertex_order
from synth_workers.engine.open_edges import seen_from_behind, wound_outwards
from synth_workers.engine.vertex_order import order_mesh

_SOLID_LAYER = 0
_HEAD = 2  # numbers in front of the two lists


@dataclass(frozen=True)
class DrawOrder:
    """``vertices``: (n,) which of the mesh's, in order; ``triangles``: (m, 3) into these;
    ``one_sided``: how many triangles, from the first, nobody sees from behind."""

    vertices: np.ndarray
    triangles: np.ndarray
    one_sided: int


def draw_order(vertices: np.ndarray, indices: np.ndarray) -> DrawOrder:
    """The order of a mesh in the ``VERTEX`` layout with (m, 3) triangles."""
    path = _file(vertices, indices)
    found = _unpacked(kept_array(path))
    if found is None:
        found = _worked_out(vertices, indices)
        head = np.array([found.one_sided, len(found.vertices)])
        packed = np.concatenate([head, found.vertices, found.triangles.ravel()])
        keep_array(path, packed.astype(np.uint32))
    return found


def _worked_out(vertices: np.ndarray, indices: np.ndarray) -> DrawOrder:
    positions = vertices["position"]
    normals = vertices["normal"][:, :3].astype(np.float32) - 128
    turned = wound_outwards(positions, normals, indices)
    cloth = vertices["layer"][turned[:, 0]] != _SOLID_LAYER
    behind = seen_from_behind(positions, turned, cloth)
    behind |= (turned != indices).any(axis=1)
    numbers = np.arange(len(vertices), dtype=np.uint32)
    order, triangles = order_mesh(positions, numbers, turned[~behind], turned[behind])
    return DrawOrder(order, triangles, int(len(behind) - np.count_nonzero(behind)))


@cache
def _code() -> bytes:
    sources = (__file__, open_edges.__file__, vertex_order.__file__)
    return b"".join(Path(source).read_bytes() for source in sources)


def _file(vertices: np.ndarray, indices: np.ndarray) -> Path:
    state = hashlib.blake2b(_code(), digest_size=16)
    state.update(np.ascontiguousarray(vertices).tobytes())
    state.update(np.ascontiguousarray(indices).tobytes())
    key = state.hexdigest()
    return cache_root() / "draw_order" / key[:2] / f"{key}.npy"


def _unpacked(stored: np.ndarray | None) -> DrawOrder | None:
    if stored is None or stored.dtype != np.uint32 or stored.ndim != 1 or len(stored) < _HEAD:
        return None
    one_sided, count = map(int, stored[:_HEAD])
    body = stored[_HEAD:]
    if count > len(body) or (len(body) - count) % 3:
        return None
    return DrawOrder(body[:count], body[count:].reshape(-1, 3), one_sided)
