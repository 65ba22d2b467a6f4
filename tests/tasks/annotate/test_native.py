"""The native rules, one threshold at a time."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.annotation_rules import AnnotationRules
from manifests.reasons import Refusal
from tasks.annotate import native
from tasks.annotate.candidates import Candidates

RULES = AnnotationRules()


def one(
    box: tuple[int, int, int, int] = (200, 100, 260, 250),
    *,
    visible: int = 5000,
    others: int = 0,
    visibility: float = 1.0,
    truncation: float = 0.0,
    person: int = 3,
) -> Candidates:
    return Candidates(
        np.array([person]),
        np.array([visible]),
        np.array([box]),
        np.array([others]),
        np.array([visibility]),
        np.array([truncation]),
        640,
        480,
    )


def draw_for(person: int) -> np.random.Generator:
    return np.random.default_rng([5, person])


def reason(candidate: Candidates, rules: AnnotationRules = RULES) -> Refusal | None:
    (word,) = native.judge(candidate, rules, draw_for).reasons
    return word


def test_a_person_in_full_view_is_accepted():
    assert reason(one()) is None


@pytest.mark.parametrize(
    "good, bad, word",
    [
        (one(visible=2000), one(visible=1999), "few-pixels"),
        (one((0, 0, 60, 96)), one((0, 0, 60, 95)), "small"),
        (one(truncation=0.05), one(truncation=0.0501), "truncated"),
        (one(visibility=0.6), one(visibility=0.599), "occluded"),
        (one((0, 0, 80, 100)), one((0, 0, 81, 100)), "wide"),
        (one((0, 0, 50, 100), others=1500), one((0, 0, 50, 100), others=1501), "crowded"),
    ],
)
def test_each_threshold_is_inclusive_on_the_good_side(good, bad, word):
    assert reason(good) is None
    assert reason(bad) == word


def test_the_first_failed_test_names_the_reason():
    everything_wrong = one((0, 0, 90, 90), visible=10, others=8000, visibility=0.1, truncation=0.9)
    assert reason(everything_wrong) == "few-pixels"


def test_a_large_person_at_the_edge_is_kept_as_long_as_the_body_is_inside():
    assert reason(one((0, 0, 200, 480), visible=50000, truncation=0.03)) is None


def test_boxes_only_grow_by_at_most_the_share_on_each_side_and_stay_inside():
    boxes = np.array([[200, 100, 260, 250], [0, 0, 50, 100], [600, 380, 640, 480]])
    candidates = Candidates(
        np.arange(3), np.full(3, 5000), boxes, *(np.zeros(3),) * 3, width=640, height=480
    )
    crops = []
    for seed in range(300):

        def draw(person: int, seed: int = seed) -> np.random.Generator:
            return np.random.default_rng([seed, person])

        crops.append(native.judge(candidates, RULES, draw).crops)
    moves = np.stack(crops) - boxes
    assert moves[:, 0].min(axis=0).tolist() == [-6, -15, 0, 0]
    assert moves[:, 0].max(axis=0).tolist() == [0, 0, 6, 15]
    assert (moves[:, 1, :2] == 0).all() and (moves[:, 2, 2:] == 0).all()
    exactly = AnnotationRules(enlarge=0.0)
    assert np.array_equal(native.judge(candidates, exactly, draw_for).crops, boxes)


def test_somebodys_crop_does_not_depend_on_the_company():
    alone = native.judge(one(person=8), RULES, draw_for).crops
    two = Candidates(
        np.array([2, 8]),
        np.array([5000, 5000]),
        np.array([[20, 30, 90, 200], [200, 100, 260, 250]]),
        *(np.zeros(2),) * 3,
        width=640,
        height=480,
    )
    assert np.array_equal(native.judge(two, RULES, draw_for).crops[1], alone[0])
