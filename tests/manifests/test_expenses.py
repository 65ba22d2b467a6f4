"""What builds spend beside their shards."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import CorruptData
from manifests.expenses import read_expenses, record_expense
from manifests.layout import DatasetLayout
from manifests.stores import open_store

TOY = DatasetLayout("toy")


def test_what_several_runs_spend_adds_up(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    record_expense(store, TOY, "plan", 1.5, 2.0)
    record_expense(store, TOY, "plan", 0.5)
    record_expense(store, TOY, "prefect and the rest", 3.0)

    found = read_expenses(store, TOY)

    assert sum(expense.cpu_seconds for expense in found if expense.stage == "plan") == 2.0
    assert {expense.stage for expense in found} == {"plan", "prefect and the rest"}
    assert read_expenses(store, DatasetLayout("other")) == []


def test_a_damaged_note_is_named(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    store.put(TOY.expense_key("plan-0"), b"{}")

    with pytest.raises(CorruptData, match=r"toy/expenses/plan-0\.json"):
        read_expenses(store, TOY)
