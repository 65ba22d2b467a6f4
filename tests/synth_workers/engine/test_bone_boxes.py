"""Corners of a few boxes enclose every vertex of a posed mesh."""

from __future__ import annotations

import numpy as np

from synth_workers.engine.bone_boxes import BoneBoxes
from synth_workers.people.person import VERTEX


def test_no_skinned_vertex_leaves_the_moved_boxes() -> None:
    rng = np.random.default_rng(0)
    vertices = np.zeros(500, VERTEX)
    vertices["position"] = rng.normal(size=(500, 3))
    vertices["bones"] = rng.integers(12, size=(500, 4))
    shares = rng.dirichlet([1, 1, 1, 1], 500) * (rng.random((500, 4)) < 0.6)
    vertices["weights"] = 255 * shares
    vertices["weights"][:, 0] += (255 - vertices["weights"].astype(int).sum(1)).astype("u1")
    palette = rng.normal(size=(12, 3, 4)).astype("f4")

    corners = BoneBoxes.of(vertices).posed(palette)

    blend = np.einsum("nk,nkij->nij", vertices["weights"] / 255.0, palette[vertices["bones"]])
    points = np.concatenate([vertices["position"], np.ones((500, 1))], axis=1)
    skinned = np.einsum("nij,nj->ni", blend, points)
    assert (skinned >= corners.min(axis=0) - 1e-5).all()
    assert (skinned <= corners.max(axis=0) + 1e-5).all()
