"""Whatever is damaged or gone is made anew, byte for byte where that can be, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from manifests.claims import claim_in, replace_claim
from manifests.dataset import Dataset
from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.reader import open_snapshot
from manifests.replaced import replacements
from manifests.snapshots import Snapshot, find_snapshot, readmit_snapshot, standing_numbers
from manifests.stores.local import LocalStore
from manifests.withdrawals import read_withdrawal, withdraw_snapshot
from tasks.publish import frame_tables, parts, tracklets
from tasks.publish.compare import diff_snapshots
from tasks.publish.presence import require_present
from tasks.publish.pruning import prune
from tasks.publish.verify import verify, verify_all
from tasks.render import process
from tasks.render.jobs import BuildPlace
from tasks.repair import snapshots
from tasks.repair.repair import repair_dataset
from tests.tasks.repair.conftest import InThisProcess, Made


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 8
    path.write_bytes(data)


def crops(made: Made) -> str:
    return made.claim("street").key


def frames(made: Made) -> str:
    return next(key for key in made.files() if key.startswith("toy/frames/"))


def crop_claim(made: Made) -> str:
    return made.dataset.claim_key("crops", made.claim("street").id)


def publication(made: Made) -> str:
    return made.dataset.published_prefix(made.snapshot.publish_id).rstrip("/")


PLACES: dict[str, Callable[[Made], str]] = {
    "crops": crops,
    "frames": frames,
    "claim": crop_claim,
    "manifest": lambda made: made.snapshot.manifest.key,
    "part": lambda made: made.snapshot.parts[0].key,
    "claims.json": lambda made: made.snapshot.files[3].key,
    "card": lambda made: made.snapshot.files[0].key,
    "snapshot": lambda made: made.dataset.snapshot_key(1),
    "copy": lambda made: publication(made) + "/snapshot.json",
}


DAMAGED = [
    *((place, os.unlink) for place in PLACES),
    *((place, cut) for place in ("crops", "claim", "snapshot")),
    *((place, flip) for place in ("crops", "part", "snapshot")),
]


@pytest.mark.parametrize(("place", "damage"), DAMAGED)
def test_one_damaged_file_comes_back_byte_for_byte(
    made: Made, place: str, damage: Callable[[Path], None]
) -> None:
    before = made.files()
    damage(made.path(PLACES[place](made)))
    runner = InThisProcess()
    made.repair(runner).raise_if_broken()
    after = {key: data for key, data in made.files().items() if "/replaced/" not in key}
    after.pop(publication(made) + "/report.html")
    assert after == before
    assert len(runner.shards) == (place in ("crops", "frames"))
    report = verify(open_snapshot(made.dataset))
    assert report.ok, report
    assert made.repair(runner).mended == {}


def test_a_lost_publication_and_a_cut_crop_file_come_back_together(made: Made) -> None:
    before = made.files()
    shutil.rmtree(made.path(publication(made)))
    cut(made.path(crops(made)))
    made.repair().raise_if_broken()
    after = made.files()
    assert after.items() >= {k: v for k, v in before.items() if "snapshot.json" not in k}.items()
    assert verify(open_snapshot(made.dataset)).ok


def test_what_cannot_come_back_byte_for_byte_is_claimed_anew_and_recorded(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made.claim("street")
    made.path(old.key).unlink()
    write_as_another_library(monkeypatch, "gzip")
    done = made.repair()
    done.raise_if_broken()
    new = made.claim("street")
    assert new.attempt != old.attempt and new.sha256 != old.sha256
    assert [found.content_digest for found in done.snapshots] == [made.snapshot.content_digest]
    (record,) = replacements(made.dataset)
    assert claim_in(record.old, made.dataset, record.key) == old
    report = verify(open_snapshot(made.dataset))
    assert report.ok and any("replaced by a repair" in note for note in report.notes)
    # What is published of it names another file then, in a snapshot of its own.
    made.path(made.snapshot.parts[0].key).unlink()
    (again,) = made.repair().snapshots
    assert (again.number, again.content_digest) == (2, made.snapshot.content_digest)
    assert find_snapshot(made.dataset) == again and again.manifest == made.snapshot.manifest
    assert again.repair_of == 1
    assert verify(open_snapshot(made.dataset)).ok
    with pytest.raises(NotFound, match="repaired as snapshot 2"):
        find_snapshot(made.dataset, 1)
    (whole,) = verify_all(made.dataset)
    assert whole.ok and any("snapshot 1" in note for note in whole.notes)


def write_as_another_library(patch: pytest.MonkeyPatch, codec: str) -> None:
    """Have tables come out in other bytes, as they would from another version of Arrow."""
    changed = {
        name: lambda *given, _real=real, **how: _real(*given, **how | {"compression": codec})
        for name, real in (("write_table", pq.write_table), ("ParquetWriter", pq.ParquetWriter))
    }
    for module in (frame_tables, parts, tracklets, process):
        patch.setattr(module, "pq", SimpleNamespace(**vars(pq) | changed))


@pytest.fixture
def repaired_as_another(made: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Snapshot 2 names the manifest that could not be written again as snapshot 1 names it."""
    made.path(made.snapshot.manifest.key).unlink()
    with monkeypatch.context() as patch:
        write_as_another_library(patch, "gzip")
        made.repair().raise_if_broken()
    return made


def test_what_was_repaired_as_another_stays_withdrawn(repaired_as_another: Made) -> None:
    dataset = repaired_as_another.dataset
    with pytest.raises(BadRecipe, match="repaired as snapshot 2, which has the same data"):
        readmit_snapshot(dataset, 1)
    assert standing_numbers(dataset) == [2]
    withdraw_snapshot(dataset, 2, "wrong light")
    assert readmit_snapshot(dataset, 2).repair_of == 1 and standing_numbers(dataset) == [2]


def test_a_repair_that_died_before_it_withdrew_leaves_two_that_count_as_one(
    repaired_as_another: Made,
) -> None:
    dataset = repaired_as_another.dataset
    dataset.store.delete(dataset.withdrawal_key(1))
    assert diff_snapshots(dataset, 1, 2).same
    assert (prune(dataset, 2).kept, prune(dataset, 2).snapshots) == ([2], [1])
    prune(dataset, 2, delete=True)
    assert verify(open_snapshot(dataset)).ok


def test_of_two_repairs_that_write_otherwise_one_stands_whole(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.path(made.snapshot.manifest.key).unlink()
    restored = snapshots.restored

    def overtaken(*given: Any) -> Snapshot:
        monkeypatch.setattr(snapshots, "restored", restored)
        with monkeypatch.context() as patch:
            write_as_another_library(patch, "gzip")
            made.repair().raise_if_broken()
        write_as_another_library(monkeypatch, "brotli")
        return restored(*given)

    monkeypatch.setattr(snapshots, "restored", overtaken)
    (stands,) = made.repair().snapshots
    assert (stands.number, stands.place) == (3, 1)
    assert all(report.ok for report in verify_all(made.dataset))


def test_of_two_repairs_at_once_one_decides(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    made.path(crop_claim(made)).write_bytes(b"{")
    made.path(made.snapshot.files[3].key).unlink()  # with the copy of the claim
    other = InThisProcess()
    first = InThisProcess(before=lambda: made.repair(other) and None)
    made.repair(first)
    (decided,) = (found for found in replacements(made.dataset) if "/claims/" in found.key)
    assert first.shards == other.shards == ["street"]
    assert made.dataset.store.get(crop_claim(made)) == decided.now.encode()
    assert verify(open_snapshot(made.dataset)).ok


def test_a_repair_that_dies_anywhere_is_finished_by_the_next(made: Made) -> None:
    before = made.files()
    names = [info.key for info in made.dataset.store.list(publication(made))]
    lost = [crops(made), crop_claim(made), *(key for key in names if "claims.json" not in key)]
    for stop in range(0, 100, 3):
        for key in lost:
            made.path(key).unlink()
        try:
            repair_dataset(BuildPlace(dying_after(made.dataset, stop), made.work), InThisProcess())
        except Died:
            made.repair().raise_if_broken()
            assert made.files().items() >= before.items()
            assert [info.number for info in made.repair().snapshots] == [1]
        else:
            assert stop > 8
            return
    raise AssertionError("it never came to its end")


class Died(BaseException):
    """The process was killed."""


def dying_after(dataset: Dataset, writes: int) -> Dataset:
    """The data set in a store that kills who writes to it more often."""
    left = [writes]

    class Store(LocalStore):
        def put(self, key: str, data: bytes) -> None:
            count()
            super().put(key, data)

        def put_file(self, key: str, path: Path) -> None:
            count()
            super().put_file(key, path)

        def put_if_absent(self, key: str, data: bytes) -> bool:
            count()
            return super().put_if_absent(key, data)

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Died

    assert isinstance(dataset.store, LocalStore)
    return Dataset(dataset.name, Store(dataset.store.root))


def test_what_cannot_be_made_again_is_said(made: Made) -> None:
    key = crop_claim(made)
    made.path(key).write_bytes(b"{")
    made.path(made.snapshot.files[3].key).unlink()
    recipe = made.dataset.recipe_key(made.snapshot.recipe_digest)
    for gone in (recipe, made.snapshot.files[0].key):
        made.path(gone).unlink()
    done = made.repair()
    assert "so is the card" in done.not_mended[recipe]
    assert "no stored plan has its shard" in done.not_mended[key]
    with pytest.raises(CorruptData, match="could not be put right"):
        done.raise_if_broken()
    assert made.path(key).read_bytes() == b"{"


def test_a_build_says_what_is_gone_and_what_puts_it_right(made: Made) -> None:
    require_present(made.dataset, made.snapshot)
    for place in ("part", "crops", "claim", "frames"):
        key = PLACES[place](made)
        made.path(key).rename(made.folder / "aside")
        with pytest.raises(CorruptData, match=f"{key}.*unrealperson repair toy"):
            require_present(made.dataset, made.snapshot)
        (made.folder / "aside").rename(made.path(key))


def test_a_shard_that_was_claimed_anew_is_looked_for_where_it_is(made: Made) -> None:
    old, store = made.claim("street"), made.dataset.store
    new = old.model_copy(
        update={"attempt": "0" * 12, "key": made.dataset.crops_key(old.id, "0" * 12)}
    )
    made.path(old.key).rename(made.path(new.key))
    replace_claim(made.dataset, "crops", store.get(crop_claim(made)), new, "its file is gone")
    require_present(made.dataset, made.snapshot)
    made.path(new.key).unlink()
    with pytest.raises(CorruptData, match=new.key):
        require_present(made.dataset, made.snapshot)


def test_a_claim_and_its_file_are_had_again_as_often_as_they_are_lost(made: Made) -> None:
    made.path(made.snapshot.files[3].key).unlink()  # with the copy of the claim
    for _ in range(2):
        made.path(crops(made)).unlink()
        made.path(crop_claim(made)).unlink()
        made.repair().raise_if_broken()
    assert verify(open_snapshot(made.dataset)).ok


def test_a_damaged_snapshot_that_is_withdrawn_comes_back_too(made: Made) -> None:
    withdraw_snapshot(made.dataset, 1, "wrong light")
    path = made.path(made.dataset.snapshot_key(1))
    before = path.read_bytes()
    flip(path)
    done = made.repair()
    assert done.mended.keys() == {made.dataset.snapshot_key(1)} and done.snapshots == []
    assert path.read_bytes() == before
    path.unlink()  # as pruning does
    assert made.repair().mended == {} and not path.exists()


def test_damaged_records_are_noticed_and_put_right(made: Made) -> None:
    withdraw_snapshot(made.dataset, 7, "long gone")
    flip(made.path(made.dataset.withdrawal_key(7)))
    report = verify(open_snapshot(made.dataset))
    assert [problem.where for problem in report.problems] == [made.dataset.withdrawal_key(7)]
    made.repair().raise_if_broken()
    assert "damaged" in str(read_withdrawal(made.dataset, 7))
    (record,) = (info.key for info in made.dataset.store.list(made.dataset.repairs_prefix))
    cut(made.path(record))
    assert not verify(open_snapshot(made.dataset)).ok
    assert made.repair().mended.keys() == {record}
    assert verify(open_snapshot(made.dataset)).ok


@pytest.mark.parametrize("damage", [os.unlink, flip])
def test_a_lost_note_of_cost_is_no_longer_counted_on(
    made: Made, damage: Callable[[Path], None]
) -> None:
    (expense,) = (info.key for info in made.dataset.store.list(made.dataset.expenses_prefix))
    damage(made.path(expense))
    assert not verify(open_snapshot(made.dataset)).ok
    done = made.repair()
    done.raise_if_broken()
    assert [(s.number, s.content_digest) for s in done.snapshots] == [
        (2, made.snapshot.content_digest)
    ]
    report = verify(open_snapshot(made.dataset))
    assert report.ok, report
    assert made.repair().mended == {}
