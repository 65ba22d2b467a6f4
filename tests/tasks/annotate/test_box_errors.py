"""Boxes that are off as hand-drawn and detected ones are."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from pydantic import ValidationError

from manifests.annotation_rules import AnnotationRules
from tasks.annotate import native
from tasks.annotate.box_errors import BOX_ERRORS, Boxes
from tasks.annotate.candidates import enlarged
from tests.tasks.annotate.test_native import one

BOX = (200, 100, 260, 250)


def crops_of(kind: Boxes, box: tuple[int, int, int, int] = BOX, count: int = 400) -> np.ndarray:
    boxes = np.tile(np.array(box), (count, 1))
    people = np.arange(count)
    return enlarged(boxes, people, 0.0, _draw, 640, 480, kind)


def _draw(person: int) -> np.random.Generator:
    return np.random.default_rng([5, person])


def overlap(crops: np.ndarray) -> np.ndarray:
    """Intersection over union with the exact box."""
    low, high = np.maximum(crops[:, :2], BOX[:2]), np.minimum(crops[:, 2:], BOX[2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    return shared / ((crops[:, 2:] - crops[:, :2]).prod(axis=1) + 60 * 150 - shared)


def test_exact_boxes_are_exact_and_others_are_worse_in_order():
    exact, drawn, detected = (overlap(crops_of(kind)) for kind in get_args(Boxes))
    assert exact.min() == 1.0
    assert 0.8 < np.median(drawn) < 0.95
    assert 0.65 < np.median(detected) < np.median(drawn)
    assert detected.min() > 0.35


def test_a_detector_knows_one_shape_and_misses_feet_more_often_than_heads():
    crops = crops_of("detected")
    shape = (crops[:, 2] - crops[:, 0]) / (crops[:, 3] - crops[:, 1])
    assert shape == pytest.approx(BOX_ERRORS["detected"].aspect, abs=0.02)
    feet = (crops[:, 3] < BOX[3] - 20).sum()
    heads = (crops[:, 1] > BOX[1] + 20).sum()
    assert feet > heads > 0


@pytest.mark.parametrize("corner", [(0, 0, 40, 100), (600, 380, 640, 480)])
def test_crops_stay_in_the_frame(corner: tuple[int, int, int, int]):
    crops = crops_of("detected", corner)
    assert (crops >= 0).all() and (crops <= [640, 480, 640, 480]).all()
    assert ((crops[:, 2:] - crops[:, :2]) > 8).all()


def test_labels_keep_the_exact_box_and_recipes_without_errors_their_identity():
    everybody = one(BOX)
    off = native.judge(everybody, AnnotationRules(boxes="detected"), _draw)
    exact = native.judge(everybody, AnnotationRules(), _draw)
    assert (off.boxes == exact.boxes).all() and (off.crops != exact.crops).any()
    assert off.reasons == exact.reasons == (None,)
    assert "boxes" not in AnnotationRules().model_dump(mode="json")
    again = native.judge(everybody, AnnotationRules(boxes="detected"), _draw)
    assert (again.crops == off.crops).all()


def test_the_papers_rules_refuse_what_they_would_not_do():
    with pytest.raises(ValidationError, match="boxes: 'drawn' is for the rules `native`"):
        AnnotationRules(rules="unrealperson", boxes="drawn")
