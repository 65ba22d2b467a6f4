"""Withdrawn snapshots: still there, but nobody is to use them any more.

Snapshots are written once; that one is withdrawn is said by a document beside it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field, ValidationError

from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.sealed import Sealed


class Withdrawal(Sealed):
    """Why snapshot ``number`` is withdrawn, and since when."""

    number: int = Field(ge=1)
    reason: str
    created: str = Field(default="", description="ISO 8601, UTC.")

    def __str__(self) -> str:
        return f"withdrawn {self.created}: {self.reason}"


def withdraw_snapshot(dataset: Dataset, number: int, reason: str) -> Withdrawal:
    """Withdraw snapshot ``number``; the withdrawal that counts, ours or an earlier one."""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    sealed, document = Withdrawal(number=number, reason=reason, created=created).seal()
    key = dataset.withdrawal_key(number)
    if dataset.store.put_if_absent(key, document):
        return sealed
    return _withdrawal_in(dataset.store.get(key), dataset, key)


def withdrawn_numbers(dataset: Dataset) -> list[int]:
    """The numbers of all snapshots that were ever withdrawn, rising; some may be gone since."""
    listed = dataset.store.list(dataset.withdrawals_prefix)
    found = (dataset.withdrawal_number(info.key) for info in listed)
    return sorted(number for number in found if number is not None)


def read_withdrawal(dataset: Dataset, number: int) -> Withdrawal | None:
    """Why snapshot ``number`` is withdrawn; ``None`` if it is not."""
    key = dataset.withdrawal_key(number)
    if not dataset.store.exists(key):
        return None
    return _withdrawal_in(dataset.store.get(key), dataset, key)


def _withdrawal_in(data: bytes, dataset: Dataset, key: str) -> Withdrawal:
    # A damaged one still withdraws: its key says of which snapshot it is.
    try:
        return Withdrawal.unseal(data)
    except (ValidationError, CorruptData):
        number = dataset.withdrawal_number(key)
        assert number is not None
        return Withdrawal(number=number, reason=f"for a reason that is damaged ({key})")
