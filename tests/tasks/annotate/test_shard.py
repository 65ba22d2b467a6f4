"""Whole bundles: real Parquet files in, crops and reasons out."""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simplejpeg

from manifests.annotation_rules import AnnotationRules
from manifests.errors import CorruptData
from manifests.identity import render_id
from manifests.schema import CROPS, REFUSALS
from tasks.annotate.rows import WHOLE_FRAME
from tasks.annotate.shard import annotate_bundle
from tests.synth_workers.encoding import encode_lit, encode_mask
from tests.tasks.annotate.drawing import Looks, Scene, colour_of, everybody, shard_of, write_bundle

RULES = AnnotationRules()


def busy_scene(frame: int = 0) -> Scene:
    """Person 0 in front of 1, 2 cut by a pole, 3 off the edge, 4 far away, 5 not in view."""
    scene = Scene(frame=frame, time=frame * 0.5)
    scene.person(1, (100, 100, 200, 400), distance=1500.0)
    scene.person(2, (400, 120, 490, 380), distance=1200.0).pole(440, 455)
    scene.person(0, (35, 110, 125, 420), distance=900.0, yaw=180.0)
    scene.person(3, (590, 100, 690, 400), distance=1000.0)
    scene.person(4, (300, 200, 312, 240), distance=4000.0)
    return scene.know(5)


def annotate(tmp_path, rows, people=6, rules=RULES, **shard):
    path = write_bundle(tmp_path / "frames.parquet", rows)
    return annotate_bundle(path, rules, shard_of(people, **shard), everybody(people))


def rows_of(result) -> dict[int, dict]:
    return {row["person_index"]: row for row in result.crops.to_pylist()}


def test_a_busy_frame(tmp_path):
    result = annotate(tmp_path, [busy_scene().row()])
    assert result.crops.schema == CROPS and result.refusals.schema == REFUSALS
    rows = rows_of(result)
    assert sorted(rows) == [0, 1, 2]
    reasons = {row["person_index"]: row["reason"] for row in result.refusals.to_pylist()}
    assert reasons == {3: "truncated", 4: "few-pixels"}

    front, behind, split = rows[0], rows[1], rows[2]
    assert front["visibility"] == 1.0 and front["occluders"] == []
    assert behind["occluders"] == ["7-000000"]
    assert behind["visibility"] == pytest.approx(behind["visible_pixels"] / behind["full_pixels"])
    assert 0.6 <= behind["visibility"] < 1.0 and behind["visibility_exact"]
    assert [split[name] for name in ("box_x0", "box_y0", "box_x1", "box_y1")] == [
        400,
        121,  # the pole takes the topmost pixels
        490,
        379,
    ]
    assert 0.7 < split["visibility"] < 0.9
    assert behind["viewpoint_class"] == "back" and front["viewpoint_class"] == "front"
    assert front["scene"] == "street" and front["render_id"] == render_id(shard_of(6))
    assert front["garment_colours"] == [0xFF0000, 0x00FF00]


def test_crops_are_what_the_labels_say(tmp_path):
    scene = busy_scene()
    result = annotate(tmp_path, [scene.row()], rules=AnnotationRules(jpeg_quality=100))
    for row in result.crops.to_pylist():
        image = simplejpeg.decode_jpeg(row["jpeg"], "BGR")
        assert image.shape[:2] == (row["height"], row["width"])
        x0, y0, x1, y1 = (row[f"crop_{side}"] for side in ("x0", "y0", "x1", "y1"))
        assert (row["width"], row["height"]) == (x1 - x0, y1 - y0)
        assert x0 <= row["box_x0"] and row["box_x1"] <= x1 <= scene.width
        cut = scene.pixels[y0:y1, x0:x1]
        assert np.abs(image.astype(int) - cut).mean() < 4
        weights = np.array([0.114, 0.587, 0.299])
        assert row["luminance"] == pytest.approx((cut @ weights).mean(), abs=1)
        assert row["crop_digest"] == hashlib.sha256(row["jpeg"]).digest()
        inside = scene.owner[row["box_y0"] : row["box_y1"], row["box_x0"] : row["box_x1"]]
        mine = inside == row["person_index"]
        assert row["visible_pixels"] == mine.sum()
        assert row["fill"] == pytest.approx(mine.mean())
        assert mine[0].any() and mine[-1].any() and mine[:, 0].any() and mine[:, -1].any()


def test_the_same_input_gives_the_same_bytes_whatever_the_encoding_and_row_groups(tmp_path):
    scenes = [busy_scene(frame) for frame in range(5)]
    first = annotate(tmp_path, [scene.row() for scene in scenes])
    again = annotate(tmp_path, [scene.row(mask="rgba") for scene in scenes])
    assert first.crops.equals(again.crops)
    shuffled = annotate(tmp_path, [scene.row() for scene in reversed(scenes)])
    assert first.crops.equals(shuffled.crops) and first.refusals.equals(shuffled.refusals)
    assert first.crops.column("frame").to_pylist() == [f for f in range(5) for _ in range(3)]
    keys = first.crops.column("crop_key").to_pylist()
    assert keys == sorted(set(keys))
    boxes = {tuple(row[f"crop_{side}"] for side in ("x0", "y0")) for row in first.crops.to_pylist()}
    assert len(boxes) > 3, "enlargement must differ between frames"


def test_order_of_people_in_the_frame_does_not_matter(tmp_path):
    scene = busy_scene()
    first = annotate(tmp_path, [scene.row()])
    scene.people.reverse()
    assert annotate(tmp_path, [scene.row()]).crops.equals(first.crops)


@pytest.mark.parametrize(
    "replace, reason",
    [
        ({"lit": encode_lit(np.zeros((480, 640, 3), np.uint8), "png")}, "black"),
        ({"lit": encode_lit(np.full((480, 640, 3), 90, np.uint8), "png")}, "flat"),
        ({"lit": encode_lit(np.zeros((470, 640, 3), np.uint8), "png")}, "size-mismatch"),
        ({"lit": b"GIF89a", "lit_format": "png"}, "undecodable"),
        ({"lit": busy_scene().row(lit="jpg")["lit"][:5000], "lit_format": "jpg"}, "undecodable"),
        ({"lit_format": "bmp"}, "lit-format"),
        ({"mask": encode_mask(np.zeros((480, 641), np.uint32), "palette")}, "size-mismatch"),
        ({"mask": encode_mask(np.full((480, 640), 0x123456, np.uint32), "rgb")}, "unknown-colour"),
        ({"mask": b""}, "undecodable"),
    ],
)
def test_a_bad_frame_is_refused_whole_and_the_others_go_on(tmp_path, replace, reason):
    result = annotate(tmp_path, [busy_scene(0).row(), busy_scene(1).row() | replace])
    assert set(result.crops.column("frame").to_pylist()) == {0}
    (refused,) = [row for row in result.refusals.to_pylist() if row["frame"] == 1]
    assert (refused["person_index"], refused["reason"]) == (WHOLE_FRAME, reason)
    assert result.statistics["refused"][f"frame:{reason}"] == 1
    assert result.statistics["frames"] == 2


def test_two_people_of_one_colour_refuse_the_frame(tmp_path):
    scene = Scene().person(0, (100, 100, 160, 300)).person(1, (300, 100, 360, 300))
    scene.people[1]["colour"] = colour_of(0)
    result = annotate(tmp_path, [scene.row()])
    assert result.crops.num_rows == 0
    assert result.statistics["refused"] == {"frame:duplicate-colour": 1}


def test_empty_frames_are_fine(tmp_path):
    result = annotate(tmp_path, [Scene().row(), Scene(frame=1).know(0).row()])
    assert result.crops.num_rows == result.refusals.num_rows == 0
    assert result.crops.schema == CROPS
    assert result.statistics["crops"] == 0 and result.statistics["frames"] == 2


def test_people_behind_the_camera_are_nobody(tmp_path):
    scene = Scene().person(0, (100, 100, 160, 300))
    scene.know(1, full_box=(float("nan"),) * 4).know(2, full_box=(50.0, 40.0, 20.0, 10.0))
    result = annotate(tmp_path, [scene.row()])
    assert list(rows_of(result)) == [0] and result.refusals.num_rows == 0


def test_engines_without_ground_truth_are_estimated_and_say_so(tmp_path):
    scene = Scene().person(0, (100, 100, 160, 300), exact=False)
    (row,) = annotate(tmp_path, [scene.row()]).crops.to_pylist()
    assert not row["visibility_exact"] and row["full_pixels"] is None
    assert row["visibility"] == 1.0


def test_three_hundred_people(tmp_path):
    rng = np.random.default_rng(0)
    scene = Scene(width=1280, height=720)
    for index in range(300):
        x, y = int(rng.integers(0, 1230)), int(rng.integers(0, 560))
        scene.person(index, (x, y, x + 45, y + 150), distance=3000.0 - index)
    result = annotate(tmp_path, [scene.row(mask="rgba")], people=300)
    assert result.crops.num_rows > 5
    seen = len(np.unique(scene.owner[scene.owner >= 0]))
    assert result.crops.num_rows + result.refusals.num_rows == seen
    for row in result.crops.to_pylist():
        ys, xs = np.nonzero(scene.owner == row["person_index"])
        assert (row["box_x0"], row["box_y0"]) == (xs.min(), ys.min())
        assert row["visible_pixels"] == len(xs)


@pytest.mark.parametrize("rules", ["unrealperson", "unrealperson-video"])
def test_the_papers_rules_keep_other_people(tmp_path, rules):
    scene = Scene()
    scene.person(0, (4, 100, 80, 300), "rectangle")  # near the edge but whole
    scene.person(1, (200, 100, 270, 420), "rectangle")
    scene.person(2, (400, 200, 500, 300), "rectangle")  # wide
    result = annotate(tmp_path, [scene.row()], rules=AnnotationRules(rules=rules))
    kept = [1] if rules == "unrealperson-video" else [1, 2]
    assert sorted(rows_of(result)) == kept
    row = rows_of(result)[1]
    assert [row[f"box_{side}"] for side in ("x0", "y0", "x1", "y1")] == [200, 100, 269, 419]


def test_in_the_papers_levels_other_actors_have_mask_colours_too(tmp_path):
    scene = Scene().person(0, (200, 100, 270, 400))
    colours = scene.colours()
    colours[:50] = 0x445566
    row = scene.row(mask="rgba") | {"mask": encode_mask(colours, "rgba")}
    rules = AnnotationRules(rules="unrealperson")
    assert annotate(tmp_path, [row], rules=rules).crops.num_rows == 0
    assert annotate(tmp_path, [row], rules=rules, contract="unrealperson").crops.num_rows == 1


def test_a_bundle_of_other_people_is_an_error(tmp_path):
    path = write_bundle(tmp_path / "frames.parquet", [busy_scene().row()])
    with pytest.raises(CorruptData, match="specs"):
        annotate_bundle(path, RULES, shard_of(2), [Looks(0), Looks(1)])


def test_damaged_files_are_named(tmp_path):
    path = write_bundle(tmp_path / "frames.parquet", [busy_scene().row()])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CorruptData, match=r"frames\.parquet"):
        annotate_bundle(path, RULES, shard_of(6), everybody(6))
    pq.write_table(pa.table({"frame": [1]}), path)
    with pytest.raises(CorruptData, match="no column"):
        annotate_bundle(path, RULES, shard_of(6), everybody(6))
