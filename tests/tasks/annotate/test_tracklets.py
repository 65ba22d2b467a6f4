"""Tracklets: gaps in seconds, order in time, nothing merged that is apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from manifests.errors import BadRecipe
from manifests.schema import CROPS, TRACKLETS
from tasks.annotate.tracklets import TRACKLET_COLUMNS, find_tracklets


def table(*crops: tuple[int, str, float]) -> pa.Table:
    """Crops as (person, camera, time); frames are numbered so that text order differs."""
    rows = [
        {
            "crop_key": f"r/{int(time * 10)}/{person}/{camera}",
            "person_id": f"0-{person:06d}",
            "person_index": person,
            "scene": "street",
            "camera": camera,
            "light": "day",
            "render_id": "r",
            "frame": int(time * 10),
            "time": time,
        }
        for person, camera, time in crops
    ]
    schema = pa.schema([CROPS.field(name) for name in TRACKLET_COLUMNS])
    return pa.Table.from_pylist(rows, schema=schema)


def test_a_long_gap_starts_a_new_tracklet():
    times = [0.0, 0.5, 1.0, 2.0, 3.1, 3.5]
    found = find_tracklets(table(*((1, "c01", t) for t in times)), max_gap=1.0)
    assert found.schema == TRACKLETS
    rows = found.to_pylist()
    assert [row["times"] for row in rows] == [[0.0, 0.5, 1.0, 2.0], [3.1, 3.5]]
    assert [row["longest_gap"] for row in rows] == pytest.approx([1.0, 0.4])
    assert [(row["start"], row["end"]) for row in rows] == [(0.0, 2.0), (3.1, 3.5)]
    assert [row["tracklet"] for row in rows] == ["r/c01/000001/000", "r/c01/000001/001"]


def test_frames_are_ordered_by_time_not_by_text():
    times = [float(t) for t in range(12)]
    shuffled = np.random.default_rng(0).permutation(times).tolist()
    (row,) = find_tracklets(table(*((1, "c01", t) for t in shuffled)), max_gap=1.5).to_pylist()
    assert row["times"] == times
    assert row["frames"] == [int(t * 10) for t in times]
    assert row["crop_keys"][2] == "r/20/1/c01"


def test_people_and_cameras_are_apart_and_the_last_tracklet_is_there():
    crops = [(p, c, t) for p in (1, 2) for c in ("c01", "c02") for t in (0.0, 0.5)]
    rows = find_tracklets(table(*crops), max_gap=1.0).to_pylist()
    assert [(row["person_index"], row["camera"]) for row in rows] == [
        (1, "c01"),
        (1, "c02"),
        (2, "c01"),
        (2, "c02"),
    ]
    assert all(len(row["frames"]) == 2 for row in rows)


def test_short_tracklets_are_left_out_on_request():
    crops = table((1, "c01", 0.0), (1, "c01", 9.0), (1, "c01", 9.5))
    assert find_tracklets(crops, max_gap=1.0).num_rows == 1
    every = find_tracklets(crops, max_gap=1.0, min_length=1).to_pylist()
    assert [len(row["frames"]) for row in every] == [1, 2]


def test_a_short_tracklet_still_has_its_number():
    crops = table((1, "c01", 0.0), (1, "c01", 9.0), (1, "c01", 9.5))
    (row,) = find_tracklets(crops, max_gap=1.0).to_pylist()
    assert row["tracklet"] == "r/c01/000001/001"


def test_shards_have_clocks_of_their_own():
    one, other = table((1, "c01", 0.0), (1, "c01", 1.0)), table((1, "c01", 0.5), (1, "c01", 1.5))
    shard = other.schema.get_field_index("render_id")
    other = other.set_column(shard, other.schema.field(shard), pa.array(["q", "q"]))
    rows = find_tracklets(pa.concat_tables([one, other]), max_gap=1.0).to_pylist()
    assert [row["times"] for row in rows] == [[0.5, 1.5], [0.0, 1.0]]


def test_no_crops_no_tracklets():
    assert find_tracklets(table(), max_gap=1.0).num_rows == 0


@pytest.mark.parametrize("gap, length", [(0.0, 2), (-1.0, 2), (1.0, 0), (float("nan"), 2)])
def test_senseless_limits_are_refused(gap, length):
    with pytest.raises(BadRecipe):
        find_tracklets(table((1, "c01", 0.0)), gap, length)
