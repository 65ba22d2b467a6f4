"""Joints, masks and carried things: what is kept on request, what belongs to a box."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.annotation_rules import AnnotationRules
from manifests.schema import KEYPOINT_NAMES
from tasks.annotate.joints import body_regions, coco_order
from tasks.annotate.rle import decode_rle
from tasks.annotate.shard import annotate_bundle
from tests.tasks.annotate.drawing import Scene, everybody, shard_of, write_bundle


def standing(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    """(17, 3) joints of somebody who fills the box, all inside it."""
    shares = np.linspace(0.05, 0.95, 17)
    across = 0.5 + 0.3 * np.sin(np.arange(17) * 2.5)
    x, y = x0 + across * (x1 - x0), y0 + shares * (y1 - y0)
    return np.column_stack([x, y, np.full(17, 1000.0)])


def annotate(tmp_path, scene: Scene, rules: AnnotationRules) -> dict[int, dict]:
    path = write_bundle(tmp_path / "frames.parquet", [scene.row()])
    result = annotate_bundle(path, rules, shard_of(4), everybody(4))
    return {row["person_index"]: row for row in result.crops.to_pylist()}


def with_umbrella() -> Scene:
    """Person 0 under a canopy wider and higher than the body, of the same mask colour."""
    scene = Scene()
    scene.person(0, (280, 60, 480, 120), "rectangle")
    scene.people.clear()
    body = (350, 130, 410, 380)
    return scene.person(0, body, "rectangle", joints=standing(*body), full_box=(280, 60, 480, 380))


@pytest.mark.parametrize("props", [True, False])
def test_umbrellas_belong_to_the_box_only_if_the_recipe_says_so(tmp_path, props):
    scene = with_umbrella()
    scene.people[0]["full_pixels"] = int((scene.owner == 0).sum())
    rules = AnnotationRules(props_in_box=props, enlarge=0)
    row = annotate(tmp_path, scene, rules)[0]
    assert row["visible_pixels"] == 200 * 60 + 60 * 250
    assert row["visibility"] == 1.0
    if props:
        assert (row["box_x0"], row["box_y0"], row["box_x1"]) == (280, 60, 480)
    else:
        margin = 0.16 * 0.9 * 250
        assert row["box_y0"] == pytest.approx(130 + 0.05 * 250 - margin, abs=1)
        assert 300 < row["box_x0"] < 350 and 410 < row["box_x1"] < 450
    assert row["box_y1"] == 380
    inside = scene.owner[row["box_y0"] : row["box_y1"], row["box_x0"] : row["box_x1"]]
    assert row["fill"] == pytest.approx((inside == 0).mean())


def test_a_body_with_an_unknown_joint_can_be_anywhere():
    joints = np.stack([standing(10, 20, 50, 120), standing(10, 20, 50, 120)])
    joints[1, 3] = np.nan
    known, unknown = body_regions(joints)
    assert known.tolist() == [
        int(np.floor(joints[0, :, 0].min() - 0.16 * 90)),
        int(np.floor(25 - 0.16 * 90)),
        int(np.ceil(joints[0, :, 0].max() + 0.16 * 90)),
        int(np.ceil(115 + 0.16 * 90)),
    ]
    assert unknown[0] < -1e6 and unknown[2] > 1e6


def test_joints_say_whether_they_can_be_seen(tmp_path):
    box = (200, 100, 280, 380)
    scene = Scene().person(0, box, "rectangle", joints=standing(*box), distance=1200.0)
    scene.person(1, (150, 300, 290, 400), "rectangle", distance=800.0)
    joints = standing(*box)
    row = annotate(tmp_path, scene, AnnotationRules(joints=True, max_others=0.9))[0]
    found = np.array(row["joints"]).reshape(-1, 3)
    assert np.allclose(found[:, :2], joints[:, :2], atol=1e-3)
    covered = joints[:, 1] > 302
    assert found[:, 2].tolist() == np.where(covered, 0.0, 1.0).tolist()
    assert covered.any() and not covered.all()


def test_joints_off_frame_or_behind_the_camera_are_not_visible(tmp_path):
    box = (560, 100, 660, 380)
    joints = standing(*box)
    joints[0] = np.nan
    scene = Scene().person(0, box, "rectangle", joints=joints)
    row = annotate(tmp_path, scene, AnnotationRules(joints=True, max_truncation=1))[0]
    found = np.array(row["joints"], float).reshape(-1, 3)
    assert np.isnan(found[0, 0]) and found[0, 2] == 0
    assert (found[1:, 2] == (joints[1:, 0] < 640)).all()


def test_masks_are_kept_on_request(tmp_path):
    scene = with_umbrella().pole(380, 390)
    rules = AnnotationRules(masks=True, max_truncation=1)
    row = annotate(tmp_path, scene, rules)[0]
    assert np.array_equal(decode_rle(row["mask_rle"], 640, 480), scene.owner == 0)


def test_neither_is_kept_without_request(tmp_path):
    row = annotate(tmp_path, with_umbrella(), AnnotationRules())[0]
    assert row["joints"] is None and row["mask_rle"] is None


def test_joints_are_brought_into_cocos_order():
    shuffled = ["neck", *reversed(KEYPOINT_NAMES)]
    order = coco_order(shuffled)
    assert order is not None and [shuffled[i] for i in order] == list(KEYPOINT_NAMES)
    assert coco_order(["head", "feet"]) is None
