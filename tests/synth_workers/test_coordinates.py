from __future__ import annotations

import numpy as np

from synth_workers.coordinates import project, rotation_axes, to_engine, to_world
from synth_workers.engine.view import View


def test_yaw_turns_from_x_towards_y_and_pitch_looks_up():
    np.testing.assert_allclose(rotation_axes((0, 90, 0))[0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation_axes((90, 0, 0))[0], [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rotation_axes((0, 0, 0)), np.eye(3), atol=1e-12)


def test_axes_are_orthonormal_and_left_handed():
    axes = rotation_axes((-23.0, 147.0, 11.0))
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-12)


def test_frames_convert_back_and_forth():
    points = np.random.default_rng(0).normal(size=(5, 3)) * 1000
    np.testing.assert_allclose(to_world(to_engine(points)), points)
    np.testing.assert_allclose(to_engine([100.0, 200.0, 300.0]), [1, -2, 3])


def test_projection_of_known_points():
    # 90 degrees: at 10 m depth the picture is 20 m wide.
    points = [[1000, 0, 0], [1000, 1000, 0], [1000, 0, 500], [-1000, 0, 0]]
    places = project(points, (0, 0, 0), (0, 0, 0), 90, 1280, 720)
    np.testing.assert_allclose(places[0], [640, 360, 1000], atol=1e-9)
    np.testing.assert_allclose(places[1], [1280, 360, 1000], atol=1e-9)
    np.testing.assert_allclose(places[2], [640, 40, 1000], atol=1e-9)
    assert np.isnan(places[3, :2]).all() and places[3, 2] < 0


def test_worker_and_engine_project_alike():
    rng = np.random.default_rng(1)
    location, rotation = (-300.0, 120.0, 350.0), (-17.0, 31.0, 2.0)
    points = rng.normal(size=(40, 3)) * 300 + [800, 400, 0]
    ours = project(points, location, rotation, 62.0, 1280, 720)
    view = View(location, rotation, 62.0, 1280, 720)
    theirs = view.project(to_engine(points)) * [1, 1, 100]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    clip = np.hstack([to_engine(points), np.ones((40, 1))]) @ view.matrix.T
    ndc = clip[:, :2] / clip[:, 3:]
    np.testing.assert_allclose(ours[:, 0], (ndc[:, 0] + 1) * 640, rtol=1e-9)
    np.testing.assert_allclose(ours[:, 1], (1 - ndc[:, 1]) * 360, rtol=1e-9)
