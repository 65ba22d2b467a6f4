"""Insides that show are drawn, insides that nobody sees are not."""

from __future__ import annotations

import numpy as np

from synth_workers.engine.open_edges import seen_from_behind, wound_outwards
from synth_workers.engine.shapes import box_vertices


def tube(length: float, rings: int = 41, sides: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """A sleeve along z, open at both ends, wound outwards."""
    turn = np.arange(sides) / sides * 2 * np.pi
    z = np.linspace(0, length, rings)
    across = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 0.1
    points = np.concatenate(
        [np.tile(across, (rings, 1)), np.repeat(z, sides)[:, None]], axis=1
    ).astype(np.float32)
    faces = []
    for ring in range(rings - 1):
        for side in range(sides):
            a, b = ring * sides + side, ring * sides + (side + 1) % sides
            faces += [(a, b, a + sides), (b, b + sides, a + sides)]
    return points, np.array(faces)


def everywhere(triangles: np.ndarray, value: bool) -> np.ndarray:
    return np.full(len(triangles), value)


def test_a_closed_box_shows_no_inside_although_its_corners_are_split():
    vertices, triangles = box_vertices((0, 0, 0), (1, 1, 1), (9, 9, 9))
    assert not seen_from_behind(vertices["position"], triangles, everywhere(triangles, True)).any()


def test_a_sleeve_shows_its_inside_near_its_ends_only():
    points, triangles = tube(1.0)
    behind = seen_from_behind(points, triangles, everywhere(triangles, True))
    nearest = points[triangles][..., 2]
    ends = np.minimum(nearest.min(axis=1), 1 - nearest.max(axis=1))
    assert behind[ends < 0.16].all()
    assert not behind[ends > 0.24].any()


def test_skin_that_ends_under_cloth_shows_hardly_any():
    points, triangles = tube(1.0)
    solid = seen_from_behind(points, triangles, everywhere(triangles, False))
    assert 0 < solid.mean() < 0.1


def test_sheets_and_cords_are_two_sided_all_over():
    collar, faces = tube(0.4, rings=2)
    behind = seen_from_behind(collar * (1.0, 0.001, 1.0), faces, everywhere(faces, False))
    assert behind.all()
    cord, faces = tube(1.0)
    behind = seen_from_behind(cord * (0.05, 0.05, 1.0), faces, everywhere(faces, False))
    assert behind.all()


def test_pieces_wound_inside_out_are_two_sided_or_turned_over():
    vertices, triangles = box_vertices((-1, -1, -1), (1, 1, 1), (9, 9, 9))
    positions, normals = vertices["position"], vertices["position"].copy()
    inverted = triangles[:, ::-1]
    assert seen_from_behind(positions, inverted, everywhere(triangles, True)).all()
    turned = wound_outwards(positions, normals, inverted)
    assert not seen_from_behind(positions, turned, everywhere(triangles, True)).any()
