"""The lens model is OpenCV's, can be undone, and never folds an image over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from synth_workers.coordinates import focal_length, project, rotation_axes
from synth_workers.engine.view import View
from synth_workers.lens import correction_factor, distortion_factor, edge_distortion, valid_square

LOCATION, ROTATION, FOV, SIZE = (-300.0, 20.0, 260.0), (-14.0, 8.0, 0.0), 58.0, (1280, 720)
BARREL, PINCUSHION, BOTH = (-0.06, 0.0), (0.05, 0.0), (-0.08, 0.03)


@pytest.mark.parametrize("distortion", [BARREL, PINCUSHION, BOTH])
def test_points_land_where_opencv_puts_them(distortion: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform((200, -250, 0), (900, 250, 220), (200, 3))
    ours = project(points, LOCATION, ROTATION, FOV, *SIZE, distortion)
    forward, right, up = rotation_axes(ROTATION)
    local = (points - LOCATION) @ np.stack([right, -up, forward], axis=1)
    focal = focal_length(FOV, SIZE[0])
    camera = np.array([[focal, 0, SIZE[0] / 2], [0, focal, SIZE[1] / 2], [0, 0, 1]])
    theirs, _ = cv2.projectPoints(
        local, np.zeros(3), np.zeros(3), camera, np.array([*distortion, 0, 0])
    )
    inside = (np.abs(ours[:, :2] - np.array(SIZE) / 2) < np.array(SIZE) / 2).all(axis=1)
    assert inside.sum() > 50
    np.testing.assert_allclose(ours[inside, :2], theirs[inside, 0], atol=1e-6)
    view = View(LOCATION, ROTATION, FOV, *SIZE, distortion)
    engine = view.project(points / (100, -100, 100))
    np.testing.assert_allclose(engine[:, :2], ours[:, :2], atol=1e-6)


@pytest.mark.parametrize("distortion", [BARREL, PINCUSHION, BOTH, (-0.5, 0.0), (-2.0, 5.0)])
def test_distortion_can_be_undone_and_keeps_the_order_of_radii(
    distortion: tuple[float, float],
) -> None:
    limit = valid_square(distortion, 0.4)
    radii = np.linspace(0, 9, 2000)
    factor = distortion_factor(radii**2, distortion, limit)
    assert (np.diff(radii * factor) > 0).all()
    back = correction_factor((radii * factor) ** 2, distortion, limit)
    np.testing.assert_allclose(factor * back, 1.0, atol=1e-5)


def test_a_share_moves_the_edge_of_the_picture_by_that_share() -> None:
    distortion = edge_distortion(-0.01, FOV)
    edge = np.tan(np.radians(FOV) / 2)
    limit = valid_square(distortion, edge**2 * 1.3)
    assert distortion_factor(np.array(edge**2), distortion, limit) == pytest.approx(0.99, abs=1e-6)


def test_whoever_is_far_outside_the_picture_stays_there() -> None:
    """The bare polynomial would bring these points back into view."""
    points = np.array([[-250.0, 900.0, 100.0], [-250.0, -2000.0, 100.0]])
    image = project(points, LOCATION, (0, 0, 0), FOV, *SIZE, (-0.3, 0.0))
    assert image[0, 0] > SIZE[0] and image[1, 0] < 0
