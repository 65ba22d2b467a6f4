"""What a build spent outside its shards: planning, people, publishing, orchestration.

Claims say what each shard cost; everything else is noted here, one document for each stage of
each run, so that a build which was interrupted still knows what its earlier runs spent.
"""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

from pydantic import Field, ValidationError

from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.sealed import Sealed

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


class Expense(Sealed):
    """CPU-seconds (user + system, children included) and wall seconds of one stage of one run.

    ``name``: what it is stored as, so that a copy of it is no other expense; empty in those of
    version 0.1.
    """

    name: str = ""
    stage: str
    cpu_seconds: float = Field(ge=0)
    seconds: float = Field(default=0.0, ge=0)
    created: str = Field(default="", description="ISO 8601, UTC.")


def record_expense(dataset: Dataset, stage: str, cpu_seconds: float, seconds: float = 0.0) -> None:
    """Note that a run has spent so much on ``stage``."""
    name = f"{_NOT_IN_NAMES.sub('-', stage.lower()).strip('-')}-{secrets.token_hex(6)}"
    expense = Expense(
        name=name,
        stage=stage,
        cpu_seconds=round(cpu_seconds, 3),
        seconds=round(seconds, 3),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    dataset.store.put(dataset.expense_key(name), expense.seal()[1])


def read_expenses(dataset: Dataset) -> list[Expense]:
    """Everything that was noted of a data set, oldest first."""
    found = [
        expense_in(dataset.store.get(info.key), dataset, info.key)
        for info in dataset.store.list(dataset.expenses_prefix)
    ]
    return sorted(found, key=lambda expense: (expense.created, expense.stage))


def expense_names(dataset: Dataset) -> list[str]:
    """What the expenses of a data set are called, sorted."""
    listed = dataset.store.list(dataset.expenses_prefix)
    return [_name(dataset, info.key) for info in listed]


def expense_in(data: bytes, dataset: Dataset, key: str) -> Expense:
    """The expense that is stored as ``data`` under ``key``; ``CorruptData`` if it is none."""
    try:
        expense = Expense.unseal(data)
    except (ValidationError, CorruptData):
        raise CorruptData(
            f"{dataset.where(key)}: not a valid expense; restore it, or delete it to leave it out"
        ) from None
    if expense.name and expense.name != _name(dataset, key):
        raise CorruptData(
            f"{dataset.where(key)}: is the expense {expense.name!r}; restore it, or delete it to "
            "leave it out"
        )
    return expense


def _name(dataset: Dataset, key: str) -> str:
    return key.removeprefix(dataset.expenses_prefix).removesuffix(".json")
