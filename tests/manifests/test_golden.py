"""Data of every schema version stays readable, and the schema only ever grows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from manifests.claims import claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.reader import open_snapshot
from manifests.schema import CROPS, FRAMES, MANIFEST, SCHEMA_VERSION, TRACKLETS
from manifests.stores import open_store
from tasks.publish.parts import read_crops
from tasks.publish.verify import verify
from tasks.render.jobs import BuildPlace
from tasks.repair.repair import repair_dataset
from tests.manifests.claimed_shards import Nobody
from tests.manifests.golden.make import FOLDER, expected

VERSIONS = sorted(FOLDER.glob("v*"), key=lambda path: int(path.name[1:]))


def answers(version: Path) -> dict:
    return json.loads((version / "expected.json").read_text())


def test_todays_version_has_golden_files() -> None:
    assert [path.name for path in VERSIONS] == [f"v{n + 1}" for n in range(SCHEMA_VERSION)]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
class TestEveryVersion:
    def test_its_snapshots_read_and_say_what_they_always_said(self, version: Path) -> None:
        reader = open_snapshot(Dataset("golden", open_store(version / "store")))
        want = answers(version)
        assert reader.snapshot.content_digest == want["content_digest"]
        rows = expected(reader.table())
        assert len(rows) == len(want["manifest"])
        for row, old in zip(rows, want["manifest"]):
            assert {name: row[name] for name in old} == old
            assert all(row[name] is None for name in row.keys() - old.keys())
        assert len(list(reader.images())) == len(rows)

    def test_its_claimed_crops_can_still_be_published(self, version: Path) -> None:
        dataset = Dataset("golden", open_store(version / "store"))
        (claim,) = read_claims(dataset, "crops", claimed_ids(dataset, "crops")).values()
        rows = expected(read_crops(dataset.store, claim))
        for row, old in zip(rows, answers(version)["crops"], strict=True):
            assert {name: row[name] for name in old} == old

    def test_its_files_have_only_columns_that_still_exist_with_the_same_type(
        self, version: Path
    ) -> None:
        pairs = [(next(version.rglob("manifest.parquet")), MANIFEST)]
        pairs += [(version / "frames.parquet", FRAMES)]
        pairs += [
            (path, CROPS) for path in (version / "store" / "golden" / "crops").rglob("*.parquet")
        ]
        pairs += [(path, TRACKLETS) for path in version.rglob("tracklets.parquet")]
        for path, today in pairs:
            for field in pq.read_schema(path):
                assert today.field(field.name).type == field.type, f"{path.name}: {field.name}"
            for field in today:
                if field.name not in pq.read_schema(path).names:
                    assert field.nullable, f"{field.name} was added and must be nullable"

    def test_its_tracklets_read_or_are_said_not_to_be_there(self, version: Path) -> None:
        reader = open_snapshot(Dataset("golden", open_store(version / "store")))
        want = answers(version).get("tracklets")
        if want is None:
            with pytest.raises(NotFound, match="older than published tracklets"):
                reader.tracklets()
        else:
            assert expected(reader.tracklets()) == want

    def test_it_verifies(self, version: Path) -> None:
        verify(open_snapshot(Dataset("golden", open_store(version / "store")))).raise_if_broken()

    def test_its_published_files_can_be_had_again(self, version: Path, tmp_path: Path) -> None:
        shutil.copytree(version / "store", tmp_path / "store")
        dataset = Dataset("golden", open_store(tmp_path / "store"))
        snapshot = open_snapshot(dataset).snapshot
        for file in (*snapshot.parts, snapshot.manifest):
            dataset.store.delete(file.key)
        done = repair_dataset(BuildPlace(dataset, tmp_path), Nobody())
        done.raise_if_broken()
        assert done.snapshots[0].content_digest == answers(version)["content_digest"]
        verify(open_snapshot(dataset)).raise_if_broken()

    def test_its_frames_read(self, version: Path) -> None:
        rows = expected(pq.read_table(version / "frames.parquet"))
        assert rows == answers(version)["frames"]
