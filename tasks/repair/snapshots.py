"""Snapshots and the files that they name: what is damaged or gone is put back or written anew."""

from __future__ import annotations

from pydantic import ValidationError

from manifests.checksums import is_whole
from manifests.claims import claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError, NotFound
from manifests.expenses import expense_in, expense_names
from manifests.layout import repairing
from manifests.reader import SnapshotReader
from manifests.replaced import replace_document
from manifests.requests import read_recipe
from manifests.sealed import is_sealed, text_is_whole
from manifests.snapshots import (
    Snapshot,
    commit_snapshot,
    read_snapshot,
    snapshot_numbers,
    standing_numbers,
)
from manifests.withdrawals import Withdrawal, withdraw_snapshot, withdrawn_numbers
from tasks.publish.copies import copied_snapshots, keep_copy
from tasks.publish.frame_tables import FRAME_FILES, changed_frames
from tasks.publish.origins import read_origins
from tasks.publish.published_claims import claimed_by
from tasks.publish.restoring import restored
from tasks.repair.report import RepairReport
from tasks.report.build import store_report

_DAMAGED = "gone or damaged"


def mend_snapshots(dataset: Dataset, report: RepairReport) -> list[Snapshot]:
    """Put damaged and lost snapshots back from their copies; those that stand and can be read."""
    copies = {found.number: data for found, data in copied_snapshots(dataset)}
    withdrawn = set(withdrawn_numbers(dataset))
    # Of withdrawn ones, too, since builds read all that there are; pruned ones stay gone.
    for number in sorted({*snapshot_numbers(dataset), *(copies.keys() - withdrawn)}):
        key = dataset.snapshot_key(number)
        try:
            read_snapshot(dataset, number)
        except (CorruptData, NotFound) as error:
            if number not in copies:
                way = ", and the next build publishes the same content from the claims"
                report.not_mended[key] = (
                    f"{_without(error, dataset, key)}; no copy of it is kept (those of schema "
                    "versions 1 and 2 have none): delete it" + ("" if number in withdrawn else way)
                )
                continue
            was = dataset.store.get(key) if dataset.store.exists(key) else None
            replace_document(dataset, key, was, copies[number], _DAMAGED)
            report.mended[key] = f"{_DAMAGED}; put back from its copy"
    return [
        read_snapshot(dataset, number)
        for number in standing_numbers(dataset)
        if dataset.snapshot_key(number) not in report.not_mended
    ]


def mend_publication(dataset: Dataset, snapshot: Snapshot, report: RepairReport) -> Snapshot:
    """See to it that every file which ``snapshot`` names is there; the snapshot that stands then.

    What does not come out byte for byte is named by a new snapshot of the same content, and the
    old one is withdrawn.
    """
    store = dataset.store
    damaged = [file.key for file in snapshot.named_files() if not is_whole(store, file)]
    if _lost_expenses(dataset, snapshot, report):
        damaged.append(dataset.published_key(snapshot.publish_id, "claims.json"))
    if damaged:
        try:
            # Where nothing says which claims it was made from, the selection tells.
            ids = claimed_by(dataset, snapshot) or claimed_ids(dataset, "crops")
            claims = read_claims(dataset, "crops", ids)
            if len(claims) < len(ids):
                raise CorruptData(f"{len(ids) - len(claims)} of its claims are gone")
            recipe = read_recipe(dataset, snapshot.recipe_digest)
            written = new = restored(dataset, recipe, snapshot, claims, damaged)
            if new != snapshot:
                new = new.model_copy(update={"repair_of": snapshot.place})
                new = commit_snapshot(dataset, new, instead_of=snapshot.number)
        except FactoryError as error:
            report.not_mended |= dict.fromkeys(damaged, f"{_DAMAGED}; {error}")
            return snapshot
        if new == snapshot:
            report.mended |= dict.fromkeys(damaged, f"{_DAMAGED}; written again, byte for byte")
        else:
            old, snapshot = snapshot, new
            withdraw_snapshot(dataset, old.number, f"repaired as snapshot {snapshot.number}")
            named = f"{_DAMAGED}; written again, as snapshot {snapshot.number} names it"
            report.mended |= dict.fromkeys(damaged, named)
            if new.named_files() != written.named_files():
                # Another repair was faster, and its files may have been written over by ours.
                return mend_publication(dataset, new, report)
    _judge_frames(dataset, snapshot, report)
    keep_copy(dataset, snapshot)
    _mend_page(dataset, snapshot, report)
    return snapshot


def _judge_frames(dataset: Dataset, snapshot: Snapshot, report: RepairReport) -> None:
    """Frames that are published by their digests alone cannot be had again if they came out
    otherwise."""
    try:
        for key, changed in changed_frames(dataset, snapshot).items():
            report.not_mended[key] = (
                f"{changed} of its frames were rendered again and came out otherwise, as another "
                "renderer's do; the published ones cannot be had here"
            )
    except FactoryError as error:
        report.not_mended |= {
            info.key: str(error) for info in snapshot.files if info.key.endswith(FRAME_FILES)
        }


def _lost_expenses(dataset: Dataset, snapshot: Snapshot, report: RepairReport) -> bool:
    """Whether notes of cost that ``snapshot`` counts on are gone; damaged ones are removed."""
    for info in list(dataset.store.list(dataset.expenses_prefix)):
        try:
            expense_in(dataset.store.get(info.key), dataset, info.key)
        except CorruptData:
            dataset.store.delete(info.key)
            report.mended[info.key] = "a damaged note of cost; removed, it cannot be had again"
    try:
        noted = read_origins(dataset, snapshot).expenses
    except (FactoryError, ValidationError):
        return False
    gone = set(noted) - set(expense_names(dataset))
    for name in gone:
        found = "a note of cost that is gone; no longer counted on"
        report.mended.setdefault(dataset.expense_key(name), found)
    return bool(gone)


def _mend_page(dataset: Dataset, snapshot: Snapshot, report: RepairReport) -> None:
    key = dataset.published_key(snapshot.publish_id, "report.html")
    if not dataset.store.exists(key):
        store_report(SnapshotReader(dataset, snapshot))
    elif not text_is_whole(dataset.store.get(key), sealed=bool(snapshot.self_digest)):
        dataset.store.delete(key)
        store_report(SnapshotReader(dataset, snapshot))
        report.mended[key] = "damaged; written again, without what models were measured to do"


def mend_records(dataset: Dataset, report: RepairReport) -> None:
    """Damaged withdrawals withdraw still, without their reason; damaged records of repairs go."""
    for info in dataset.store.list(dataset.withdrawals_prefix):
        number = dataset.withdrawal_number(info.key)
        was = dataset.store.get(info.key)
        if number is not None and not is_sealed(was):
            unknown = Withdrawal(number=number, reason="for a reason that was damaged")
            replace_document(dataset, info.key, was, unknown.seal()[1], _DAMAGED)
            report.mended[info.key] = "damaged; it withdraws still, but nobody knows why"
    for info in dataset.store.list(dataset.repairs_prefix):
        if not is_sealed(dataset.store.get(info.key)):
            dataset.store.delete(info.key)
            report.mended[info.key] = "a damaged record of an earlier repair; removed"


def _without(error: FactoryError, dataset: Dataset, key: str) -> str:
    said = str(error).removeprefix(f"{dataset.where(key)}: ")
    return said.removesuffix(f"; {repairing(key)}")
