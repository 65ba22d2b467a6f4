"""Tracklets are published beside the manifest, row for row what its crops make."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.reader import open_snapshot
from manifests.schema import TRACKLETS
from manifests.snapshots import Snapshot
from manifests.stores import Store
from tasks.annotate.tracklets import find_tracklets
from tasks.publish import parts
from tasks.publish.publish import publish_dataset
from tasks.publish.tracklets import TrackletCollector
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import claim_shards, recipe


def test_they_are_read_from_the_snapshot(toy: Dataset, tmp_path: Path) -> None:
    # Two crops of everybody in every camera, half a second apart.
    snapshot = publish_dataset(recipe(images=12), toy, [], claim_shards(toy, tmp_path))
    reader = open_snapshot(toy)
    found = reader.tracklets()
    assert found.schema.equals(TRACKLETS)
    assert snapshot.tracklets is not None and snapshot.tracklets.rows == found.num_rows == 20 * 6
    rows = {row["crop_key"]: row for row in reader.table().to_pylist()}
    for line in found.to_pylist():
        crops = [rows[key] for key in line["crop_keys"]]
        assert [crop["time"] for crop in crops] == line["times"] == [0.0, 0.5]
        for name in ("person_id", "camera", "split", "light", "scene"):
            assert {crop[name] for crop in crops} == {line[name]}
    assert Counter(found["person_index"].to_pylist()) == dict.fromkeys(range(20), 6)
    some = reader.tracklets(["camera", "longest_gap"])
    assert some.column_names == ["camera", "longest_gap"]
    assert set(some["longest_gap"].to_pylist()) == {0.5}
    with pytest.raises(NotFound, match="tracklets have"):
        reader.tracklets(["colour"])


@pytest.mark.parametrize("piece", [1, 7, 100, 1000])
def test_rows_may_come_in_pieces_of_any_size(toy: Dataset, tmp_path: Path, piece: int) -> None:
    publish_dataset(recipe(images=12), toy, [], claim_shards(toy, tmp_path))
    rows = open_snapshot(toy).table()
    collector = TrackletCollector()
    found = [collector.update(rows.slice(at, piece)) for at in range(0, len(rows), piece)]
    found.append(collector.finish())
    assert pa.concat_tables(found).combine_chunks() == find_tracklets(rows).combine_chunks()


def test_parts_of_any_size_make_the_same_file(
    store: Store, toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = claim_shards(toy, tmp_path)
    once = publish_dataset(recipe(images=12), toy, [], claims)
    rows = open_snapshot(toy, once.number).tracklets()
    store.delete("toy/snapshots/0000000001.json")
    monkeypatch.setattr(parts, "PART_BYTES", 8_000)
    again = publish_dataset(recipe(images=12), toy, [], claims)
    assert len(again.parts) > len(once.parts)
    assert open_snapshot(toy, again.number).tracklets() == rows
    assert verify(open_snapshot(toy)).ok


@pytest.mark.parametrize("change", ["drop", "repeat", "another gap", "other crops"])
def test_tracklets_that_are_not_the_rows_own_are_noticed(
    store: Store, toy: Dataset, tmp_path: Path, change: str
) -> None:
    claims = claim_shards(toy, tmp_path)
    snapshot = publish_dataset(recipe(images=12), toy, [], claims)
    assert snapshot.tracklets is not None
    key = snapshot.tracklets.key
    table = open_snapshot(toy).tracklets()
    lines = table.to_pylist()
    changed = {
        "drop": lines[1:],
        "repeat": [*lines, lines[-1]],
        "another gap": [lines[0] | {"longest_gap": 9.0}, *lines[1:]],
        "other crops": [lines[0] | {"crop_keys": lines[1]["crop_keys"]}, *lines[1:]],
    }[change]
    path = tmp_path / "store" / key
    pq.write_table(pa.Table.from_pylist(changed, schema=TRACKLETS), path)
    data = path.read_bytes()
    document = json.loads(snapshot.model_dump_json())
    document["tracklets"] |= {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "rows": len(changed),
    }
    store.put(
        f"toy/snapshots/{snapshot.number:010d}.json", Snapshot.model_validate(document).seal()[1]
    )
    report = verify(open_snapshot(toy))
    assert [problem.where for problem in report.problems] == [key]


def test_damaged_tracklets_are_not_served(store: Store, toy: Dataset, published: Snapshot) -> None:
    assert published.tracklets is not None
    store.put(published.tracklets.key, store.get(published.tracklets.key)[:-3])
    with pytest.raises(CorruptData, match=published.tracklets.key):
        open_snapshot(toy).tracklets()
