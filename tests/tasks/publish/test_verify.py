"""Verification notices every kind of damage and names the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.content import ContentDigest
from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.reader import open_snapshot
from manifests.schema import MANIFEST
from manifests.snapshots import Snapshot
from manifests.stores import Store
from tasks.publish.verify import verify

SNAPSHOT = "toy/snapshots/0000000001.json"


def test_an_undamaged_data_set_agrees(toy: Dataset, published: Snapshot) -> None:
    report = verify(open_snapshot(toy))
    report.raise_if_broken()
    assert report.ok and report.images == 120
    assert "Everything agrees" in str(report) and published.content_digest in str(report)


def test_there_must_be_something_to_verify(toy: Dataset) -> None:
    with pytest.raises(NotFound, match="build --recipe toy"):
        verify(open_snapshot(toy))


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


@pytest.mark.parametrize("which", ["part", "manifest", "tracklets", "card", "recipe"])
@pytest.mark.parametrize("damage", ["flipped", "truncated", "emptied", "deleted"])
def test_every_damaged_file_is_named(
    store: Store, toy: Dataset, published: Snapshot, which: str, damage: str
) -> None:
    assert published.tracklets is not None
    key = {
        "tracklets": published.tracklets.key,
        "part": published.parts[0].key,
        "manifest": published.manifest.key,
        "card": published.files[0].key,
        "recipe": f"toy/recipes/{published.recipe_digest}.yaml",
    }[which]
    data = store.get(key)
    if damage == "deleted":
        store.delete(key)
    else:
        middle = data.index(b"count: 20") + 8 if which == "recipe" else len(data) // 2
        changed = {"flipped": flip(data, middle), "truncated": data[:-7], "emptied": b""}
        store.put(key, changed[damage])
    report = verify(open_snapshot(toy))
    assert {problem.where for problem in report.problems} == {key}
    with pytest.raises(CorruptData, match=key):
        report.raise_if_broken()


def test_a_flipped_bit_anywhere_in_a_part_is_noticed(
    store: Store, toy: Dataset, published: Snapshot
) -> None:
    key = published.parts[0].key
    data = store.get(key)
    for position in np.random.default_rng(0).integers(0, len(data), 6):
        store.put(key, flip(data, int(position)))
        assert not verify(open_snapshot(toy)).ok


def forge(
    tmp_path: Path, published: Snapshot, change: Callable[[pa.Table], pa.Table], parts: bool = True
) -> None:
    """Change the rows of manifest (and parts) and make every digest agree with the forgery."""
    root = tmp_path / "store"
    document = json.loads(published.model_dump_json())
    files = [document["manifest"], *(document["parts"] if parts else [])]
    for info in files:
        path = root / info["key"]
        table = change(pq.read_table(path))
        pq.write_table(table, path)
        data = path.read_bytes()
        info |= {
            "sha256": hashlib.sha256(data).hexdigest(),
            "bytes": len(data),
            "rows": table.num_rows,
        }
        if info is document["manifest"]:
            content = ContentDigest()
            content.update(table.select(MANIFEST.names).cast(MANIFEST))
            document["content_digest"] = content.hexdigest()
    document["crops"] = document["manifest"]["rows"]
    (root / SNAPSHOT).write_text(json.dumps(document))


def replace(name: str, edit: Callable[[list], list]) -> Callable[[pa.Table], pa.Table]:
    def change(table: pa.Table) -> pa.Table:
        index = table.column_names.index(name)
        field = table.schema.field(name)
        return table.set_column(index, field, pa.array(edit(table[name].to_pylist()), field.type))

    return change


def swap_first(values: list, value: object) -> list:
    return [value, *values[1:]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.slice(0, t.num_rows - 1), "not exactly 6 crops each: people 19"),
        (lambda t: t.slice(6), "has 19 people instead of 20"),
        (
            lambda t: pa.concat_tables([t.slice(0, 1), t]).slice(0, t.num_rows),
            "images are there twice",
        ),
        (lambda t: t.take(pa.array(range(t.num_rows)[::-1])), "not in canonical order"),
        (
            replace("split", lambda v: swap_first(v, "test" if v[0] == "train" else "train")),
            "in two splits: people 0",
        ),
        (
            replace("role", lambda v: ["gallery" if x == "query" else x for x in v]),
            "counts by split",
        ),
        (
            replace("look_alike_group", lambda v: ["g9"] * len(v)),
            "look-alike groups in two splits: g9",
        ),
        (
            replace("role", lambda v: ["query" if x == "gallery" else x for x in v]),
            "queries without an answer",
        ),
    ],
)
def test_rows_that_break_a_promise_are_noticed_even_if_all_digests_agree(
    toy: Dataset, published: Snapshot, tmp_path: Path, change: Callable, words: str
) -> None:
    forge(tmp_path, published, change)
    report = verify(open_snapshot(toy))
    assert any(words in problem.what for problem in report.problems), report


def test_labels_of_parts_must_be_those_of_the_manifest(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    forge(tmp_path, published, replace("age", lambda v: swap_first(v, 99.0)), parts=False)
    problems = verify(open_snapshot(toy)).problems
    assert [p.where for p in problems] == [published.parts[0].key]
    assert "labels of row group 0 differ" in problems[0].what


def test_images_that_do_not_decode_are_named(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    garbage = b"\xff\xd8 not a picture"

    def change(table: pa.Table) -> pa.Table:
        digest = hashlib.sha256(garbage).digest()
        table = replace("crop_digest", lambda v: swap_first(v, digest))(table)
        if "image" in table.column_names:
            images = table["image"].to_pylist()
            images[0]["bytes"] = garbage
            table = replace("image", lambda v: images)(table)
        return table

    forge(tmp_path, published, change)
    report = verify(open_snapshot(toy))
    assert any("cannot be decoded" in problem.what for problem in report.problems), report


def test_images_of_another_size_than_labelled_are_named(
    toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    forge(tmp_path, published, replace("width", lambda v: swap_first(v, 17)))
    assert "is 16x32 instead of 17x32" in str(verify(open_snapshot(toy)))
