"""Reordered meshes draw the same triangles and reuse more vertices."""

from __future__ import annotations

import numpy as np

from synth_workers.engine.vertex_order import order_mesh


def grid(n: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = (g.ravel() for g in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    positions = np.stack([x, y, np.zeros_like(x)], axis=1).astype(np.float32)
    i, j = (g.ravel() for g in np.meshgrid(np.arange(n - 1), np.arange(n - 1), indexing="ij"))
    a = i * n + j
    quads = [np.stack([a, a + n, a + n + 1], axis=1), np.stack([a, a + n + 1, a + 1], axis=1)]
    return positions, np.concatenate(quads).astype(np.uint32)


def shaded(triangles: np.ndarray, slots: int = 256) -> int:
    """Vertices shaded with a small direct-mapped cache."""
    cache: dict[int, int] = {}
    misses = 0
    for vertex in triangles.ravel().tolist():
        if cache.get(vertex % slots) != vertex:
            misses += 1
            cache[vertex % slots] = vertex
    return misses


def test_the_same_triangles_with_the_same_winding():
    positions, triangles = grid(20)
    triangles = np.random.default_rng(0).permutation(triangles)[: len(triangles) // 2]
    vertices, ordered = order_mesh(positions, positions, triangles)
    assert len(vertices) == len(np.unique(triangles))
    before = positions[triangles].reshape(-1, 9)
    after = vertices[ordered].reshape(-1, 9)
    assert {row.tobytes() for row in before} == {row.tobytes() for row in after}


def test_shuffled_meshes_become_cheap_again():
    positions, triangles = grid(60)
    rng = np.random.default_rng(1)
    place = rng.permutation(len(positions)).astype(np.uint32)
    mixed = place[rng.permutation(triangles)]
    moved = np.empty_like(positions)
    moved[place] = positions
    _, ordered = order_mesh(moved, moved, mixed)
    assert shaded(mixed) > 2.5 * len(mixed)
    assert shaded(ordered) < 0.9 * len(ordered)


def test_a_mesh_without_triangles():
    positions = np.zeros((3, 3), np.float32)
    vertices, triangles = order_mesh(positions, positions, np.zeros((0, 3), np.uint32))
    assert len(vertices) == 0 and len(triangles) == 0
