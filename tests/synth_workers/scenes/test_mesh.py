"""Primitives: faces look outwards, normals agree with them, uv are metres."""

import numpy as np
import pytest

from synth_workers.scenes.mesh import (
    BOX_FACES,
    Shape,
    boxes,
    floor,
    joined,
    lathe,
    loft,
    moved,
    quads,
    tube,
)


def tunnel() -> Shape:
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    rings = [np.stack([0 * angle + x, np.cos(angle), np.sin(angle)], 1) for x in (0, 1, 2.0)]
    return loft(np.stack(rings))


SOLIDS = {
    "box": boxes((0, 0, 0), (1, 2, 3)),
    "boxes": boxes([(0, 0, 0), (5, 0, 0)], (1, 1, 1), tuple(BOX_FACES)),
    "lathe": lathe([(0.2, 0), (0.2, 1), (0.1, 1.5), (0, 1.5)]),
    "tube": tube([(0, 0, 0), (0, 0, 1), (0, 0.2, 2)], 0.1),
    "loft": tunnel(),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_faces_turn_the_way_their_normals_point(name: str) -> None:
    shape = SOLIDS[name]
    a, b, c = (shape.positions[shape.faces[:, k]] for k in range(3))
    face_normals = np.cross(b - a, c - a)
    agreement = np.sum(face_normals * shape.normals[shape.faces].mean(axis=1), axis=1)
    assert agreement.min() > 0
    np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1, atol=1e-9)


@pytest.mark.parametrize("name", ["box", "lathe", "loft"])
def test_closed_solids_have_positive_volume(name: str) -> None:
    shape = SOLIDS[name]
    a, b, c = (shape.positions[shape.faces[:, k]] for k in range(3))
    assert np.sum(a * np.cross(b, c)) / 6 > 0


def test_a_floor_is_cut_into_steps_and_a_ceiling_looks_down() -> None:
    ground = floor(0, 0, 3, 2, step=0.5)
    assert len(ground.faces) == 6 * 4 * 2
    assert ground.normals[:, 2].min() == 1
    assert floor(0, 0, 3, 2, step=0.5, up=False).normals[:, 2].max() == -1


def test_uv_are_metres_so_that_materials_keep_their_scale() -> None:
    wall = quads([[(0, 0, 0), (4, 0, 0), (4, 0, 3), (0, 0, 3)]])
    assert np.ptp(wall.uv, axis=0).tolist() == pytest.approx([4, 3])


def test_moving_keeps_normals_of_unit_length_under_uneven_scale() -> None:
    shape = moved(SOLIDS["lathe"], (1, 2, 3), heading=0.7, scale=(1, 2, 0.5))
    np.testing.assert_allclose(np.linalg.norm(shape.normals, axis=1), 1, atol=1e-9)


def test_joined_shapes_keep_their_own_vertices() -> None:
    both = joined([boxes((0, 0, 0), (1, 1, 1)), boxes((3, 0, 0), (1, 1, 1))])
    assert both.faces.max() == len(both.positions) - 1
    assert len(both.faces) == 20
