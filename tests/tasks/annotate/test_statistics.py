"""Statistics against hand counts."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pytest

from manifests.annotation_rules import AnnotationRules
from tasks.annotate.shard import annotate_bundle
from tasks.annotate.statistics import (
    crop_statistics,
    dedupe_ids,
    near_duplicates,
    refusals_by_person,
)
from tests.tasks.annotate.drawing import Scene, everybody, shard_of, write_bundle


@pytest.fixture
def shard(tmp_path):
    rows = []
    for frame, camera in enumerate(["street_c01", "street_c01", "street_c02", "street_c02"]):
        scene = Scene(frame=frame, time=frame * 1.0, camera=camera)
        scene.person(0, (100 + 80 * frame, 100, 160 + 80 * frame, 300))
        if camera == "street_c01":
            scene.person(1, (500, 100, 560, 300), yaw=frame * 4.0)
        scene.person(2, (20, 20, 25, 40))
        rows.append(scene.row())
    path = write_bundle(tmp_path / "frames.parquet", rows)
    return annotate_bundle(path, AnnotationRules(), shard_of(3), everybody(3))


def test_counts(shard):
    found = shard.statistics
    assert found["frames"] == 4
    assert found["frames_per_camera"] == {"street_c01": 2, "street_c02": 2}
    assert found["refused"] == {"few-pixels": 4}
    assert found["refused_per_camera"] == {"street_c01": 2, "street_c02": 2}
    assert found["crops"] == 6 and found["people"] == 2
    assert found["crops_per_camera"] == {"street_c01": 4, "street_c02": 2}
    assert found["people_per_camera"] == {"street_c01": 2, "street_c02": 1}
    assert found["cameras_per_person"] == {"1": 1, "2": 1}
    assert found["people_in_one_camera_only"] == 1
    assert found["images_per_person"]["min"] == 2 and found["images_per_person"]["max"] == 4
    assert found["box_height"]["mean"] == 200
    assert sum(found["viewpoints"].values()) == 6


def test_somebody_who_stands_still_is_a_near_duplicate(shard):
    assert shard.statistics["near_duplicates"] == 1  # person 1, second frame


def test_near_duplicates_share_a_dedupe_id(shard):
    rows = shard.crops.select(["person_index", "camera", "dedupe_id"]).to_pylist()
    ids = [row["dedupe_id"] for row in rows if row["person_index"] == 1]
    assert ids[0] == ids[1]
    assert len({row["dedupe_id"] for row in rows}) == len(rows) - 1


def test_dedupe_ids_follow_the_first_of_a_run_whatever_the_order_of_rows():
    box = {"box_x0": 0, "box_y0": 0, "box_x1": 50, "box_y1": 100}
    same = {"person_id": "a", "camera": "c", "render_id": "r", "viewpoint": 90.0, **box}
    rows = pd.DataFrame(
        [same | {"crop_key": f"r/{t}", "time": float(t)} for t in range(3)]
        + [same | {"crop_key": "r/3", "time": 3.0, "box_x0": 40, "box_x1": 90}]
        + [same | {"crop_key": "r/4", "time": 4.0}]  # back again, but not beside the run
    )
    ids = dedupe_ids(rows).tolist()
    assert ids[0] == ids[1] == ids[2] and len(set(ids)) == 3
    assert dedupe_ids(rows.iloc[::-1]).tolist() == ids[::-1]
    assert dedupe_ids(rows.iloc[:0]).tolist() == []


def test_refusals_are_known_by_person(shard):
    assert refusals_by_person(shard.refusals) == {2: {"few-pixels": 4}}


def test_statistics_survive_json_and_do_not_depend_on_row_order(shard):
    assert json.loads(json.dumps(shard.statistics)) == shard.statistics
    reordered = shard.crops.take(pa.array([3, 1, 5, 0, 2, 4]))
    assert crop_statistics(reordered) == crop_statistics(shard.crops)


def test_near_duplicates_need_the_same_place_and_the_same_turn():
    same = {"person_id": "a", "camera": "c", "render_id": "r", "viewpoint": 355.0}
    box = {"box_x0": 0, "box_y0": 0, "box_x1": 50, "box_y1": 100}
    rows = pd.DataFrame(
        [
            same | box | {"time": 1.0},
            same | box | {"time": 2.0, "viewpoint": 3.0},  # turned by 8 degrees
            same | box | {"time": 3.0, "viewpoint": 20.0},  # turned by 17
            same | box | {"time": 4.0, "viewpoint": 20.0, "box_x0": 12, "box_x1": 62},
            same | box | {"time": 5.0, "viewpoint": 20.0, "camera": "d"},
            same | box | {"time": 5.0, "viewpoint": 20.0, "person_id": "b"},
        ]
    )
    assert near_duplicates(rows).tolist() == [False, True, False, False, False, False]
    backwards = near_duplicates(rows.iloc[::-1])
    assert backwards.tolist() == [False, False, False, False, True, False]
