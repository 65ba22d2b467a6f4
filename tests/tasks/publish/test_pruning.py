"""Snapshots are withdrawn and removed; whatever is still needed by somebody stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, NotFound
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot, commit_snapshot, find_snapshot, snapshot_numbers
from manifests.stores import Store
from manifests.stores.local import LocalStore
from manifests.withdrawals import readmit_snapshot, withdraw_snapshot
from tasks.publish.garbage import collect_garbage
from tasks.publish.inspection import inspect
from tasks.publish.leases import lease, leases
from tasks.publish.pruning import prune
from tasks.publish.publish import publish_dataset
from tasks.publish.published import find_published
from tasks.publish.verify import verify
from tests.manifests.claimed_shards import claim_shards, recipe


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
    shards = keys(toy, "claims/") | keys(toy, "crops/") | keys(toy, "recipes/")
    with lease(toy, "build"):
        found = prune(toy, 1)
        assert found.snapshots == [1] and not shards & found.sizes.keys()
        assert "being built" in str(found)
    assert leases(toy) == [] and keys(toy, "leases/") == set()
    assert shards & prune(toy, 1).sizes.keys()
    for path in (tmp_path / "store" / "toy" / "claims").rglob("*.json"):
        os.utime(path)
    assert not keys(toy, "claims/") & prune(toy, 1).sizes.keys()


def test_a_build_waits_while_somebody_prunes(
    toy: Dataset, published: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pruning = lease(toy, "prune")
    pruning.__enter__()
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        pruning.__exit__(None, None, None)

    monkeypatch.setattr("tasks.publish.leases.time.sleep", sleep)
    with lease(toy, "build"):
        assert len(slept) == 1


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
