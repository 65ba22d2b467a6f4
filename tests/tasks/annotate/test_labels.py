"""Geometric labels at positions where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.annotate import labels


@pytest.mark.parametrize(
    "camera, yaw, azimuth, name",
    [
        ((500, 0), 0, 0, "front"),  # walks along +x towards the camera
        ((-500, 0), 0, 180, "back"),
        ((0, 500), 0, 90, "right"),  # +y is to the right of somebody who looks along +x
        ((0, -500), 0, 270, "left"),
        ((500, 0), 90, 270, "left"),  # turned right, so the camera is on the left
        ((500, 500), 0, 45, "front-right"),
        ((-500, 500), 0, 135, "back-right"),
        ((-500, -500), 0, 225, "back-left"),
        ((500, -500), 0, 315, "front-left"),
        ((500, 0), 380, 340, "front"),
        ((500, 0), -337, 337, "front-left"),
    ],
)
def test_viewpoint_is_the_cameras_azimuth_from_the_body(camera, yaw, azimuth, name):
    found = labels.viewpoint(
        np.array([*camera, 300.0]) + 40.0, np.array([[40.0, 40.0, 0.0]]), np.array([yaw])
    )
    assert found[0] == pytest.approx(azimuth, abs=1e-3)
    assert labels.viewpoint_class(found) == [name]


def test_viewpoint_stays_below_360_even_when_rounded_to_single_precision():
    found = labels.viewpoint(np.array([500.0, 0.0, 0.0]), np.zeros((1, 3)), np.array([1e-9]))
    assert 0 <= found[0] < 360
    assert labels.viewpoint_class(np.array([359.99, 337.5, 337.4])) == [
        "front",
        "front",
        "front-left",
    ]


def test_truncation_is_the_share_off_frame():
    full = np.array([[10, 10, 20, 30], [-10, 0, 10, 10], [630, 470, 650, 490], [700, 0, 720, 9]])
    found = labels.truncation(full.astype(float), 640, 480)
    assert found.tolist() == pytest.approx([0, 0.5, 0.75, 1.0])


def test_visibility_uses_exact_counts_where_known_and_the_box_elsewhere():
    full = np.array([[0.0, 0, 50, 100]] * 4)
    found = labels.visibility(
        np.array([900, 1200, 1050, 700]),
        np.array([1000, 1000, np.nan, np.nan]),
        full,
        np.array([True, True, True, False]),
    )
    half = 1050 / (labels.BODY_FILL * 5000)
    assert found.tolist() == pytest.approx([0.9, 1.0, half, 1.0])


def test_projections_that_reach_behind_the_camera_fall_back_to_the_visible_box():
    full = np.array([[0, 0, 10, 20], [5, 5, 5, 9], [np.nan, 0, 1, 1], [9, 9, np.inf, 20]])
    tight = np.array([[1, 2, 3, 4]] * 4)
    boxes, usable = labels.usable_full_boxes(full.astype(float), tight)
    assert usable.tolist() == [True, False, False, False]
    assert boxes.tolist() == [[0, 0, 10, 20], *[[1, 2, 3, 4]] * 3]


def test_occluders_stand_in_front_largest_first():
    counts = np.array([[500, 40, 90, 0, 200, 3]])
    distance = np.array([800.0, 700.0, 300.0, 100.0, 900.0, 100.0])
    full = np.array([[0.0, 0.0, 10.0, 100.0]])
    # 0 is the person; 4 stands behind; 3 covers nothing; 5 covers less than half a percent.
    assert labels.occluders(counts, distance, full, np.array([0])) == [[2, 1]]
