"""What lies in a data set beside the snapshot that is verified: other snapshots, expenses, the
report, and recipes, plans and claims of other builds, whether kept or under way."""

from __future__ import annotations

import re
from functools import partial

from manifests.dataset import Dataset
from manifests.errors import CorruptData, FactoryError, NotFound
from manifests.expenses import Expense, expense_in
from manifests.sealed import is_sealed, text_is_whole
from manifests.snapshots import read_snapshot, snapshot_numbers
from tasks.publish.documents import (
    checked_claim,
    checked_plan,
    checked_recipe,
    unknown_keys,
    within,
)
from tasks.publish.verify_report import VerifyReport
from tasks.publish.wording import some

_MOST_NAMED = 5
_ROOMS = {
    "recipes": checked_recipe,
    "plans": checked_plan,
    "claims/crops": partial(checked_claim, "crops"),
    "claims/frames": partial(checked_claim, "frames"),
}
_DOCUMENT = re.compile(r"([a-z0-9][a-z0-9-]{0,79})\.(json|yaml)")


def check_surroundings(dataset: Dataset, report: VerifyReport) -> None:
    """Read everything of ``dataset`` that ``report`` has not seen, but for published files.

    What the snapshot is not made from may be kept for others or belong to a build that is under
    way: as long as it is whole it is no problem, and counted in a note.
    """
    _check_page(dataset, report)
    _check_expenses(dataset, report)
    _check_other_snapshots(dataset, report)
    for prefix in (dataset.replaced_prefix, dataset.repairs_prefix, dataset.withdrawals_prefix):
        for info in dataset.store.list(prefix):
            data = report.read(dataset.store, info.key)
            if data is not None and not is_sealed(data):
                report.complain(info.key, "damaged: it is not what its digest says")
    found: list[str] = []
    for room, check in _ROOMS.items():
        prefix, count = f"{dataset.name}/{room}/", 0
        for info in dataset.store.list(prefix):
            name = _DOCUMENT.fullmatch(info.key.removeprefix(prefix))
            if info.key not in report.seen and name is not None:
                check(dataset, name[1], report)
                count += 1
        if count:
            found.append(f"{count} {room}")
    if found:
        report.notes.append(
            "read besides, of other snapshots, kept for later or of a build under way: "
            + ", ".join(found)
        )


def _check_page(dataset: Dataset, report: VerifyReport) -> None:
    """The stored report of the snapshot: no snapshot names it, since it is written afterwards."""
    snapshot = report.snapshot
    key = dataset.published_key(snapshot.publish_id, "report.html")
    if not dataset.store.exists(key):
        report.notes.append("no report is stored beside it")
        return
    page = report.read(dataset.store, key)
    if page is None:
        return
    if not text_is_whole(page, sealed=bool(snapshot.self_digest)):
        report.complain(key, "damaged: it does not end with its SHA-256, or with another one")
    elif snapshot.self_digest and snapshot.content_digest.encode() not in page:
        report.complain(key, "is the report of another snapshot")


def _check_expenses(dataset: Dataset, report: VerifyReport) -> None:
    for info in dataset.store.list(dataset.expenses_prefix):
        data = report.read(dataset.store, info.key)
        if data is None:
            continue
        try:
            expense_in(data, dataset, info.key)
            report.complain(info.key, *unknown_keys(data, Expense))
        except CorruptData as error:
            report.complain(info.key, within(dataset, info.key, error))


def _check_other_snapshots(dataset: Dataset, report: VerifyReport) -> None:
    """What the other snapshots say of themselves, and which there are."""
    numbers = snapshot_numbers(dataset)
    others = [number for number in numbers if number != report.snapshot.number]
    for number in others:
        key = dataset.snapshot_key(number)
        if key in report.seen:
            continue
        try:
            read_snapshot(dataset, number)
            report.files += 1
        except NotFound:
            continue
        except FactoryError as error:
            report.complain(key, within(dataset, key, error))
    gone = sorted(set(range(1, max(numbers, default=0))) - set(numbers))
    if gone:
        report.notes.append(f"there is no snapshot {some(gone, _MOST_NAMED)} any more")
