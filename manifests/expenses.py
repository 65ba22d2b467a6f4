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
    """CPU-seconds (user + system, children included) and wall seconds of one stage of one run."""

    stage: str
    cpu_seconds: float = Field(ge=0)
    seconds: float = Field(default=0.0, ge=0)
    created: str = Field(default="", description="ISO 8601, UTC.")


def record_expense(dataset: Dataset, stage: str, cpu_seconds: float, seconds: float = 0.0) -> None:
    """Note that a run has spent so much on ``stage``."""
    expense = Expense(
        stage=stage,
        cpu_seconds=round(cpu_seconds, 3),
        seconds=round(seconds, 3),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    name = f"{_NOT_IN_NAMES.sub('-', stage.lower()).strip('-')}-{secrets.token_hex(6)}"
    dataset.store.put(dataset.expense_key(name), expense.seal()[1])


def read_expenses(dataset: Dataset) -> list[Expense]:
    """Everything that was noted of a data set, oldest first."""
    found: list[Expense] = []
    for info in dataset.store.list(dataset.expenses_prefix):
        try:
            found.append(Expense.unseal(dataset.store.get(info.key)))
        except (ValidationError, CorruptData):
            raise CorruptData(
                f"{dataset.where(info.key)}: not a valid expense; delete it to leave it out"
            ) from None
    return sorted(found, key=lambda expense: (expense.created, expense.stage))
