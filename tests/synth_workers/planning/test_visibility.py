"""Estimates of what a camera sees: boxes, truncation, occlusion, viewpoint."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.planning.visibility import Bodies, Views, observe, sight_lines_blocked
from synth_workers.scenes.description import Camera, Obstacle

CAMERA = Camera("c", (0.0, 0.0, 170.0), (0.0, 0.0, 0.0), 90.0)
MAN = Bodies(np.array([170.0]), np.array([30.0]), np.array([170.0]))


def seen(place: tuple[float, float, float], *, yaw: float = 0.0, wall: Obstacle | None = None):
    positions = np.array([[place]])
    obstacles = (wall,) if wall else ()
    return observe(CAMERA, 1000, 600, positions, np.array([[yaw]]), MAN, obstacles)


def test_the_box_of_somebody_ahead_stands_below_the_horizon():
    views = seen((1000.0, 0.0, 0.0))
    x0, y0, x1, _ = views.box[0, 0]
    assert (x0 + x1) / 2 == pytest.approx(500.0)
    assert y0 == pytest.approx(300.0, abs=1.0)  # the top of the head is at eye height
    assert views.height[0, 0] == pytest.approx(500.0 * 170 / 979, abs=1.0)  # the leading foot
    assert views.truncation[0, 0] == pytest.approx(0.0)
    assert views.distance[0, 0] == pytest.approx(np.hypot(1000, 170))


def test_somebody_behind_is_not_seen():
    views = seen((-500.0, 0.0, 0.0))
    assert views.visible[0, 0] == 0.0 and views.truncation[0, 0] == 1.0
    assert np.isnan(views.box).all()


def test_half_of_somebody_at_the_edge_is_truncated():
    views = seen((1000.0, 1000.0, 0.0))
    assert views.truncation[0, 0] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("yaw", "viewpoint"), [(180.0, 0.0), (0.0, 180.0), (90.0, 90.0), (-90.0, 270.0)]
)
def test_viewpoint_is_the_side_of_the_body_that_the_camera_sees(yaw: float, viewpoint: float):
    assert seen((1000.0, 0.0, 0.0), yaw=yaw).viewpoint[0, 0] == pytest.approx(viewpoint)


def test_a_nearer_person_hides_one_behind():
    two = Bodies(np.full(2, 170.0), np.full(2, 30.0), np.full(2, 170.0))
    positions = np.array([[[1000.0, 0.0, 0.0], [600.0, 0.0, 0.0]]])
    views: Views = observe(CAMERA, 1000, 600, positions, np.zeros((1, 2)), two)
    assert views.visible[0, 0] < 0.1
    assert views.visible[0, 1] == 1.0


def test_a_wall_hides_what_is_behind_it_and_nothing_else():
    wall = Obstacle((500.0, -100.0, 0.0, 520.0, 100.0, 400.0))
    assert seen((1000.0, 0.0, 0.0), wall=wall).visible[0, 0] == 0.0
    assert seen((400.0, 0.0, 0.0), wall=wall).visible[0, 0] == 1.0
    assert seen((1000.0, 600.0, 0.0), wall=wall).visible[0, 0] == 1.0
    low = Obstacle((500.0, -100.0, 0.0, 520.0, 100.0, 100.0))
    assert 0.2 < seen((1000.0, 0.0, 0.0), wall=low).visible[0, 0] < 0.9


def test_sight_lines_end_at_their_target():
    box = Obstacle((10.0, -1.0, -1.0, 12.0, 1.0, 1.0))
    targets = np.array([[9.0, 0.0, 0.0], [20.0, 0.0, 0.0], [-20.0, 0.0, 0.0], [0.0, 20.0, 0.0]])
    assert sight_lines_blocked(np.zeros(3), targets, [box]).tolist() == [False, True, False, False]


def test_neighbours_show_beside_and_behind_somebody_as_far_as_they_overlap_the_box():
    three = Bodies(np.full(3, 170.0), np.full(3, 30.0), np.full(3, 170.0))
    places = np.array([[[1000.0, 0.0, 0.0], [900.0, 8.0, 0.0], [1000.0, 700.0, 0.0]]])

    def others(positions: np.ndarray) -> list[float]:
        still = np.zeros(positions.shape[:2])
        return (
            observe(CAMERA, 1000, 600, positions, still, three, neighbours=True).others[0].tolist()
        )

    behind, before, alone = others(places)
    assert behind > before > 0.1
    assert alone == 0.0
    assert max(others(places * [1, 20, 1])) == 0.0
