"""Measurements against pixel-by-pixel counting."""

from __future__ import annotations

import numpy as np
import pytest

from synth_workers.images import decode_mask
from tasks.annotate.measure import labels_at, measure, pixels_in_boxes
from tasks.annotate.runs import Runs, label_runs
from tests.synth_workers.encoding import encode_mask
from tests.tasks.annotate.drawing import colour_of
from tests.tasks.annotate.reference import boxes_and_areas


def runs_of(owner: np.ndarray, people: int) -> Runs:
    colours = np.array([colour_of(i) for i in range(people)], np.uint32)
    image = np.where(owner >= 0, colours[owner], 0).astype(np.uint32)
    data = encode_mask(image, "rgba")
    return label_runs(decode_mask(data, (owner.shape[1], owner.shape[0])), colours)


def crowd(people: int, height: int = 120, width: int = 160, seed: int = 0) -> np.ndarray:
    """Rectangles on top of each other, some people invisible, some one pixel large."""
    rng = np.random.default_rng(seed)
    owner = np.full((height, width), -1)
    for index in rng.permutation(people)[: max(1, people * 3 // 4)]:
        y, x = rng.integers(0, height), rng.integers(0, width)
        h, w = rng.integers(1, 40), rng.integers(1, 20)
        owner[y : y + h, x : x + w] = index
    return owner


@pytest.mark.parametrize("people", [1, 2, 20, 101, 300])
def test_boxes_and_areas_equal_pixel_counting(people):
    owner = crowd(people, seed=people)
    found = measure(runs_of(owner, people), people)
    boxes, areas = boxes_and_areas(owner, people)
    assert np.array_equal(found.visible, areas)
    assert np.array_equal(found.boxes, boxes)


def test_a_person_split_by_a_pole_has_one_box_around_both_parts():
    owner = np.full((100, 100), -1)
    owner[10:90, 20:60] = 0
    owner[:, 35:42] = -1
    found = measure(runs_of(owner, 1), 1)
    assert found.boxes.tolist() == [[20, 10, 60, 90]]
    assert found.visible.tolist() == [80 * 33]


def test_touching_people_are_told_apart():
    owner = np.full((50, 60), -1)
    owner[5:45, 10:30] = 0
    owner[5:45, 30:50] = 1
    found = measure(runs_of(owner, 2), 2)
    assert found.boxes.tolist() == [[10, 5, 30, 45], [30, 5, 50, 45]]


def test_one_pixel_people_in_the_corners_and_everything_at_once():
    owner = np.full((30, 40), -1)
    owner[0, 0], owner[29, 39] = 0, 1
    found = measure(runs_of(owner, 3), 3)
    assert found.boxes.tolist() == [[0, 0, 1, 1], [39, 29, 40, 30], [0, 0, 0, 0]]
    whole = measure(runs_of(np.zeros((30, 40), int), 1), 1)
    assert whole.boxes.tolist() == [[0, 0, 40, 30]] and whole.visible.tolist() == [1200]


def test_nobody_visible():
    found = measure(runs_of(np.full((9, 9), -1), 4), 4)
    assert found.visible.tolist() == [0] * 4 and not found.boxes.any()


@pytest.mark.parametrize("people", [3, 60])
def test_pixels_in_boxes_equal_counting(people):
    owner = crowd(people, seed=people + 1)
    rng = np.random.default_rng(1)
    corners = rng.integers(-20, 140, (40, 2, 2))
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    found = pixels_in_boxes(runs_of(owner, people), boxes, people)
    for row, (x0, y0, x1, y1) in zip(found, boxes, strict=True):
        inside = owner[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        assert row.tolist() == [int((inside == i).sum()) for i in range(people)]


def test_labels_at_points():
    owner = crowd(20, seed=5)
    y, x = np.mgrid[-3:123, -3:163]
    found = labels_at(runs_of(owner, 20), x, y)
    expected = np.full(x.shape, -1)
    expected[3:123, 3:163] = owner
    assert np.array_equal(found, expected)
