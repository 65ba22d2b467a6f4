"""Garbage: orphans go, everything that is named or young stays."""

from __future__ import annotations

import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.claims import claimed_ids
from manifests.dataset import Dataset
from manifests.layout import DatasetLayout
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot, snapshot_numbers
from manifests.stores import Store, open_store
from manifests.stores.base import passing_key
from tasks.publish.garbage import collect_garbage
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import CAMERAS, claim_rows, crop_row, recipe
from tests.patching import in_this_thread

LAYOUT = DatasetLayout("toy")


@pytest.fixture
def orphan(toy: Dataset, published: Snapshot, tmp_path: Path) -> str:
    """The crops of a second attempt at a shard that was claimed already."""
    rows = [crop_row(0, "street", "street_c01", 0)]
    winner = claim_rows(toy, "again", rows, tmp_path, attempt="a1")
    loser = claim_rows(toy, "again", rows, tmp_path, attempt="a2")
    assert loser == winner
    return LAYOUT.crops_key(winner.id, "a2")


def age(tmp_path: Path, key: str, hours: float = 48) -> None:
    path = tmp_path / "store" / key
    past = path.stat().st_mtime - hours * 3600
    os.utime(path, (past, past))


def test_nothing_that_is_named_is_garbage(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    before = [info.key for info in store.list("")]
    for key in before:
        age(tmp_path, key)
    report = collect_garbage(toy, delete=True)
    assert report.orphans == () and report.leftovers == ()
    assert [info.key for info in store.list("")] == before


def test_the_report_of_a_later_run_is_kept(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    key = LAYOUT.published_key(published.publish_id, "report.html")
    store.put(key, b"<html>")
    for info in list(store.list("")):
        age(tmp_path, info.key)

    assert collect_garbage(toy, delete=True).orphans == ()
    assert store.exists(key)


def test_young_orphans_are_spared(store: Store, toy: Dataset, orphan: str) -> None:
    report = collect_garbage(toy, delete=True)
    assert (report.orphans, report.young) == ((), 1)
    assert store.exists(orphan)


def test_old_orphans_are_listed_and_removed_only_on_request(
    store: Store, toy: Dataset, orphan: str, tmp_path: Path
) -> None:
    age(tmp_path, orphan)
    report = collect_garbage(toy)
    assert [o.key for o in report.orphans] == [orphan]
    assert "would remove 1 orphans" in str(report) and orphan in str(report)
    assert store.exists(orphan)
    assert "removed 1 orphans" in str(collect_garbage(toy, delete=True))
    assert not store.exists(orphan)
    assert verify(open_snapshot(toy)).ok


def test_a_publication_that_is_still_going_on_is_spared_as_a_whole(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    first, second = (LAYOUT.part_key("0123-4567", n) for n in (0, 1))
    store.put(first, b"written long ago")
    age(tmp_path, first)
    store.put(second, b"written just now")
    assert collect_garbage(toy).orphans == ()
    age(tmp_path, second)
    assert [o.key for o in collect_garbage(toy).orphans] == [first, second]


def test_interrupted_writes_are_removed(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    for name, hours in ((".partial-old", 48.0), (".partial-young", 0.0)):
        (tmp_path / "store" / "toy" / "crops" / name).write_bytes(b"half")
        age(tmp_path, f"toy/crops/{name}", hours)
    report = collect_garbage(toy, delete=True)
    assert len(report.leftovers) == 1
    left = [p.name for p in (tmp_path / "store" / "toy" / "crops").iterdir() if p.is_file()]
    assert left == [".partial-young"]


def test_age_is_measured_by_the_clock_of_the_store(
    toy: Dataset, orphan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A builder whose clock is a year ahead must not remove what was stored a minute ago."""
    in_this_thread(monkeypatch, time, "time", lambda: 4e9)
    assert collect_garbage(toy).orphans == ()


def test_what_a_killed_probe_left_is_removed(
    store: Store, toy: Dataset, published: Snapshot, tmp_path: Path
) -> None:
    """And nothing else at the root of a store."""
    old, young = passing_key("probe"), passing_key("clock")
    kept = ["clock-notes.txt", "probe-0123456789abcdef/crops/a.parquet"]
    for key in (old, young, *kept):
        store.put(key, b"first")
    for key in (old, *kept):
        age(tmp_path, key)

    report = collect_garbage(toy, delete=True)

    assert [orphan.key for orphan in report.orphans] == [old]
    assert [key for key in (old, young, *kept) if store.exists(key)] == [young, *kept]


def test_other_data_sets_are_left_alone(
    store: Store, toy: Dataset, orphan: str, tmp_path: Path
) -> None:
    store.put("other/crops/abc/a.parquet", b"")
    age(tmp_path, "other/crops/abc/a.parquet")
    collect_garbage(toy, lease_seconds=-10, delete=True)
    assert store.exists("other/crops/abc/a.parquet")
    assert not store.exists(orphan)


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_nothing_behind_a_link_is_deleted_though_it_can_be_read(
    store: Store, toy: Dataset, orphan: str, tmp_path: Path
) -> None:
    """A folder of crops that lies on another disk, say, where somebody else keeps files, too."""
    outside = tmp_path / "outside"
    (tmp_path / "store" / "toy" / "crops").rename(outside)
    (outside / "theirs").mkdir()
    for name in ("theirs/thesis.parquet", "theirs/.partial-0123456789abcdef"):
        (outside / name).write_bytes(b"years of work")
    (tmp_path / "store" / "toy" / "crops").symlink_to(outside, target_is_directory=True)
    before = files_below(outside)

    report = collect_garbage(toy, lease_seconds=-3600, delete=True)

    assert files_below(outside) == before
    assert {info.key for info in report.foreign} == {orphan, "toy/crops/theirs/thesis.parquet"}
    assert "left 2 alone" in str(report) and orphan in str(report)
    assert report.orphans == report.leftovers == ()
    assert verify(open_snapshot(toy)).ok


def test_a_linked_data_set_can_be_read_and_collects_nothing(
    store: Store, toy: Dataset, orphan: str, tmp_path: Path
) -> None:
    (tmp_path / "store" / "toy").rename(tmp_path / "elsewhere")
    (tmp_path / "store" / "toy").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    before = files_below(tmp_path / "elsewhere")

    report = collect_garbage(toy, lease_seconds=-3600, delete=True)

    assert [info.key for info in report.foreign] == [orphan] and report.orphans == ()
    assert files_below(tmp_path / "elsewhere") == before
    assert verify(open_snapshot(toy)).ok


def test_a_circle_of_links_ends(store: Store, toy: Dataset, orphan: str, tmp_path: Path) -> None:
    crops = tmp_path / "store" / "toy" / "crops"
    (crops / "up").symlink_to("..", target_is_directory=True)
    (crops / "itself").symlink_to("itself")
    (crops / "nowhere").symlink_to("gone")

    report = collect_garbage(toy, lease_seconds=-3600, delete=True)

    assert [info.key for info in report.orphans] == [orphan]
    assert verify(open_snapshot(toy)).ok


def test_files_of_others_are_listed_and_left_alone(
    store: Store, toy: Dataset, orphan: str, tmp_path: Path
) -> None:
    crops = tmp_path / "store" / "toy" / "crops"
    theirs = {".DS_Store", ".nfs0000000000c0ffee", "my notes.txt", "zebra.parquet"}
    for name in theirs:
        (crops / name).write_bytes(b"theirs")

    report = collect_garbage(toy, lease_seconds=-3600, delete=True)

    assert {info.key for info in report.foreign} == {f"toy/crops/{name}" for name in theirs}
    assert all((crops / name).is_file() for name in theirs)
    assert [info.key for info in report.orphans] == [orphan] and not store.exists(orphan)
    assert "'toy/crops/my notes.txt'" in str(report)


def test_two_builders_and_garbage_collection_at_once_lose_and_double_nothing(
    store: Store, toy: Dataset, tmp_path: Path
) -> None:
    """Each builder claims all shards in an order of its own and publishes; garbage is collected
    all the while."""
    rng = random.Random(20211129)
    lost = LAYOUT.crops_key("0123", "a0")
    store.put(lost, b"of an attempt that was lost long ago")
    age(tmp_path, lost)
    shards = {
        f"{scene}-{first}": [
            crop_row(person, scene, camera, frame)
            for person in range(first, first + 5)
            for camera in cameras
            for frame in range(2)
        ]
        for scene, cameras in CAMERAS.items()
        for first in range(0, 20, 5)
    }

    def build(name: str, dataset: Dataset, order: list[str]) -> Snapshot:
        folder = tmp_path / name
        folder.mkdir()
        won = [claim_rows(dataset, shard, shards[shard], folder, name) for shard in order]
        return publish_dataset(recipe(), dataset, [], {claim.id: claim for claim in won})

    done = threading.Event()

    def collect() -> list[str]:
        gone: list[str] = []
        while True:
            last = done.is_set()
            gone += [orphan.key for orphan in collect_garbage(toy, delete=True).orphans]
            if last:
                return gone

    with ThreadPoolExecutor(3) as pool:
        collected = pool.submit(collect)
        try:
            orders = [rng.sample(list(shards), len(shards)) for _ in range(2)]
            builders = [pool.submit(build, f"b{n}", toy, order) for n, order in enumerate(orders)]
            snapshots = [builder.result() for builder in builders]
        finally:
            done.set()
    calm = build("calm", Dataset("toy", open_store(tmp_path / "calm-store")), list(shards))

    assert collected.result() == [lost]
    assert snapshots[0] == snapshots[1]
    assert snapshots[0].content_digest == calm.content_digest
    assert snapshot_numbers(toy) == [1] and len(list(claimed_ids(toy, "crops"))) == len(shards)
    assert verify(open_snapshot(toy)).ok
