"""What builds spend beside their shards."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.expenses import read_expenses, record_expense
from manifests.stores import open_store


@pytest.fixture
def toy(tmp_path: Path) -> Dataset:
    return Dataset("toy", open_store(tmp_path))


def test_what_several_runs_spend_adds_up(toy: Dataset) -> None:
    record_expense(toy, "plan", 1.5, 2.0)
    record_expense(toy, "plan", 0.5)
    record_expense(toy, "prefect and the rest", 3.0)

    found = read_expenses(toy)

    assert sum(expense.cpu_seconds for expense in found if expense.stage == "plan") == 2.0
    assert {expense.stage for expense in found} == {"plan", "prefect and the rest"}
    assert read_expenses(Dataset("other", toy.store)) == []


def test_a_damaged_note_is_named(toy: Dataset) -> None:
    toy.store.put(toy.expense_key("plan-0"), b"{}")

    with pytest.raises(CorruptData, match=r"toy/expenses/plan-0\.json"):
        read_expenses(toy)


def test_a_note_in_the_place_of_another_is_no_note(toy: Dataset) -> None:
    record_expense(toy, "plan", 1.5)
    (noted,) = toy.store.list(toy.expenses_prefix)
    toy.store.put(toy.expense_key("publish-0"), toy.store.get(noted.key))

    with pytest.raises(CorruptData, match=r"publish-0\.json: is the expense 'plan-"):
        read_expenses(toy)
