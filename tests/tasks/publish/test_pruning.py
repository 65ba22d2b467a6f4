"""Snapshots are withdrawn and removed; whatever is still needed by somebody stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, NotFound, StoreConflict
from manifests.reader import open_snapshot
from manifests.snapshots import (
    Snapshot,
    commit_snapshot,
    find_snapshot,
    readmit_snapshot,
    snapshot_numbers,
)
from manifests.stores import Store
from manifests.stores.local import LocalStore
from manifests.withdrawals import withdraw_snapshot
from tasks.publish import verify as verify_module
from tasks.publish.garbage import collect_garbage
from tasks.publish.inspection import inspect
from tasks.publish.leases import lease, leases, sweep_leases
from tasks.publish.pruning import prune
from tasks.publish.publish import publish_dataset
from tasks.publish.published import find_published
from tasks.publish.verify import verify, verify_all
from tests.manifests.claimed_shards import claim_shards, recipe
from tests.patching import in_this_thread


@pytest.fixture
def newer(toy: Dataset, published: Snapshot, tmp_path: Path) -> Snapshot:
    """A second snapshot, of other shards; everything is two days old."""
    claims = claim_shards(toy, tmp_path, people=range(4))
    made = publish_dataset(recipe(people=4), toy, [], claims)
    for path in (tmp_path / "store").rglob("*.*"):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 2 * 86400))
    return made


def keys(toy: Dataset, room: str = "") -> set[str]:
    return {info.key for info in toy.store.list(f"toy/{room}")}


def test_scores_go_with_the_content_that_they_are_of(
    toy: Dataset, published: Snapshot, newer: Snapshot
) -> None:
    old, new = (toy.scores_key(one.content_digest, "model") for one in (published, newer))
    for key in (old, new):
        toy.store.put(key, b"scores")
    prune(toy, 1, delete=True)
    assert keys(toy, "scores") == {new}


def test_a_withdrawn_snapshot_is_shown_and_not_used(
    toy: Dataset, published: Snapshot, newer: Snapshot
) -> None:
    withdraw_snapshot(toy, newer.number, "wrong light")
    assert find_snapshot(toy) == published
    with pytest.raises(NotFound, match=r"withdrawn .*wrong light.*--withdrawn"):
        find_snapshot(toy, newer.number)
    assert find_snapshot(toy, newer.number, withdrawn=True) == newer
    assert "wrong light" in str(inspect(toy))
    assert "wrong light" in str(verify(open_snapshot(toy, 2, withdrawn=True)))
    with pytest.raises(NotFound, match=r"wrong light.*--undo"):
        find_published(recipe(people=4), toy)
    assert withdraw_snapshot(toy, newer.number, "another reason").reason == "wrong light"
    withdraw_snapshot(toy, published.number, "all of it")
    with pytest.raises(NotFound, match="every snapshot of 'toy' is withdrawn"):
        find_snapshot(toy)
    readmit_snapshot(toy, newer.number)
    assert find_snapshot(toy) == newer


def test_pruning_lists_first_and_removes_what_nothing_else_needs(
    store: Store, toy: Dataset, published: Snapshot, newer: Snapshot
) -> None:
    before = keys(toy)
    listed = prune(toy, 1)
    assert keys(toy) == before and listed.snapshots == [1] and "would remove" in str(listed)
    done = prune(toy, 1, delete=True)
    assert done.sizes == listed.sizes
    assert before - keys(toy) == {*listed.sizes, toy.snapshot_key(1)}
    assert {file.key for file in published.named_files()} <= listed.sizes.keys()
    assert len(keys(toy, "claims/crops/")) == len(keys(toy, "crops/")) == 2
    assert snapshot_numbers(toy) == [2] and verify(open_snapshot(toy)).ok
    assert collect_garbage(toy).orphans == ()
    with pytest.raises(BadRecipe, match="--keep"):
        prune(toy, 0)


def test_what_a_kept_snapshot_is_made_from_stays(
    toy: Dataset, published: Snapshot, tmp_path: Path, newer: Snapshot
) -> None:
    claims = claim_shards(toy, tmp_path, groups=dict.fromkeys(range(5), "g1"))
    again = publish_dataset(recipe(images=12), toy, [], claims)
    prune(toy, 1, delete=True)
    assert snapshot_numbers(toy) == [again.number] == [3]
    assert verify(open_snapshot(toy)).ok


def test_the_young_the_read_and_what_is_being_built_stay(
    toy: Dataset, published: Snapshot, newer: Snapshot, tmp_path: Path
) -> None:
    with lease(toy, "read", 1):
        assert prune(toy, 1).snapshots == []
    with lease(toy, "repair"):
        found = prune(toy, 1)
        assert (found.snapshots, found.sizes) == ([], {}) and "being repaired" in str(found)
    shards = keys(toy, "claims/") | keys(toy, "crops/") | keys(toy, "recipes/")
    with lease(toy, "build"):
        found = prune(toy, 1)
        assert found.snapshots == [1] and not shards & found.sizes.keys()
        assert "being built" in str(found)
    assert leases(toy) == [] and keys(toy, "leases/") == set()
    assert shards & prune(toy, 1).sizes.keys()
    for path in (tmp_path / "store" / "toy" / "claims").rglob("*.json"):
        os.utime(path)
    assert not (keys(toy, "claims/") | keys(toy, "crops/")) & prune(toy, 1).sizes.keys()


def test_a_build_waits_while_somebody_prunes(
    toy: Dataset, published: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pruning = lease(toy, "prune")
    pruning.__enter__()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        pruning.__exit__(None, None, None)

    in_this_thread(monkeypatch, time, "sleep", sleep)
    with lease(toy, "build"):
        assert len(slept) == 1


def test_what_is_verified_is_not_pruned_meanwhile(
    toy: Dataset, published: Snapshot, newer: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[set[int | None]] = []
    check = verify_module.checked_recipe

    def looking(*words: Any) -> Any:
        held.append({one.snapshot for one in leases(toy)})
        assert prune(toy, 1, delete=True).snapshots == []
        return check(*words)

    monkeypatch.setattr(verify_module, "checked_recipe", looking)
    assert verify(open_snapshot(toy, 1), quick=True).ok
    assert all(report.ok for report in verify_all(toy, quick=True))
    assert held == [{1}, {1, 2}, {1, 2}] and leases(toy) == []


DIES_PRUNING = """
import os, signal, sys
from manifests.dataset import Dataset
from manifests.stores import open_store
from tasks.publish.leases import lease

pruning = lease(Dataset("toy", open_store(sys.argv[1])), "prune")
pruning.__enter__()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_leases_of_the_dead_hold_nothing(toy: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = subprocess.run([sys.executable, "-c", DIES_PRUNING, toy.store.uri])
    assert dying.returncode == -signal.SIGKILL
    assert len(keys(toy, "leases/")) == 1 and leases(toy) == []
    in_this_thread(monkeypatch, time, "sleep", lambda _: pytest.fail("it waits"))
    with lease(toy, "build"):
        pass


def test_leases_of_other_hosts_hold_for_ten_minutes(toy: Dataset, tmp_path: Path) -> None:
    with lease(toy, "build"):
        (key,) = keys(toy, "leases/")
        about = json.loads(toy.store.get(key))
    toy.store.put(key, json.dumps(about | {"host": "elsewhere", "pid": 1}).encode())
    assert [held.key for held in leases(toy)] == [key]
    path = tmp_path / "store" / key
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 601))
    assert leases(toy) == []
    sweep_leases(toy)
    assert keys(toy, "leases/") == set()


def test_who_has_slept_too_long_prunes_no_more(
    toy: Dataset, published: Snapshot, newer: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = LocalStore.delete

    def delete(store: LocalStore, key: str) -> None:
        real(store, key)
        monkeypatch.setattr("tasks.publish.leases.clock_that_never_stops", lambda: 1e12)

    before = keys(toy)
    monkeypatch.setattr(LocalStore, "delete", delete)
    with pytest.raises(StoreConflict, match="not been renewed for too long"):
        prune(toy, 1, delete=True)
    assert len(before - keys(toy)) <= 1 and find_snapshot(toy) == newer


def test_what_is_pruned_meanwhile_stops_nobody(
    toy: Dataset, published: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("published", "garbage", "inspection", "pruning"):
        monkeypatch.setattr(f"tasks.publish.{room}.snapshot_numbers", lambda _: [1, 2])
    assert find_published(recipe(), toy) == published
    assert collect_garbage(toy).orphans == () and inspect(toy).snapshots == (published,)
    assert prune(toy, 1).snapshots == []


def test_the_newest_that_is_kept_is_no_repair_of_an_old_one(
    toy: Dataset, published: Snapshot, newer: Snapshot
) -> None:
    again = published.model_copy(update={"repair_of": 1})
    commit_snapshot(toy, again, instead_of=1)
    withdraw_snapshot(toy, 1, "repaired as snapshot 3")
    assert find_snapshot(toy) == newer
    prune(toy, 1, delete=True)
    assert snapshot_numbers(toy) == [2] and verify(open_snapshot(toy)).ok


class Died(BaseException):
    """The process was killed."""


def test_a_pruning_that_dies_anywhere_is_finished_by_the_next(
    toy: Dataset, published: Snapshot, newer: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, left = LocalStore.delete, [0]

    def delete(store: LocalStore, key: str) -> None:
        if "/leases/" not in key and key.startswith("toy/"):
            left[0] -= 1
            if left[0] < 0:
                raise Died
        real(store, key)

    monkeypatch.setattr(LocalStore, "delete", delete)
    for stop in range(40):
        left[0] = stop % 4  # a few deletions at a time, until nothing is left
        try:
            prune(toy, 1, delete=True)
            break
        except Died:
            assert verify(open_snapshot(toy)).ok and find_snapshot(toy) == newer
    left[0] = 1000
    assert prune(toy, 1).sizes == {} and snapshot_numbers(toy) == [2]
    collect_garbage(toy, delete=True)  # files whose claims went just before a death
    assert len(keys(toy, "claims/crops/")) == len(keys(toy, "crops/")) == 2
    assert len(keys(toy, "published/")) == len(newer.named_files()) + 1


def test_no_number_is_given_twice(toy: Dataset, published: Snapshot, newer: Snapshot) -> None:
    withdraw_snapshot(toy, newer.number, "wrong light")
    prune(toy, 1, delete=True)
    assert snapshot_numbers(toy) == [1]
    other = published.model_copy(update={"content_digest": "0" * 64})
    assert commit_snapshot(toy, other).number == 3
