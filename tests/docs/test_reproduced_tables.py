"""The page of reproduced tables says what was measured, of tables and claims that there are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tasks.reproduce.experiments import EXPERIMENTS
from tasks.reproduce.tables import Filled, plain
from tasks.reproduce.terms import TableName
from tests.docs.pages import ROOT
from tests.docs.parsing import load_script
from tests.tasks.reproduce.toy_tables import TABLE, stand_in_cells, table

SCRIPT = load_script(ROOT / "docs" / "make_reproduced_tables.py")


def page_of(folder: Path, **tables: Filled) -> str:
    for name, filled in tables.items():
        path = folder / f"{name.replace('_', '-')}.json"
        path.write_text(json.dumps(plain(filled)), encoding="utf-8")
    return SCRIPT.page(SCRIPT.read_tables(folder, "small"))


def test_a_cell_has_ours_and_the_papers_in_brackets(tmp_path: Path) -> None:
    text = page_of(tmp_path, table2_small=table(stand_in_cells()))

    row = next(line for line in text.splitlines() if line.startswith("| 800 | 6 | random"))
    assert "| 10.0, 54.9 (52.0, 26.2) |" in row
    assert "`unrealperson reproduce table2 --budget small`" in text


def test_rows_that_were_not_measured_are_left_out_and_the_command_says_why(tmp_path: Path) -> None:
    compared = {key for claim in TABLE.claims for key in (claim.better, claim.worse)}
    cells = {key: found for key, found in stand_in_cells().items() if key[0] in compared}
    filled = replace(table(cells), longer=3)

    text = page_of(tmp_path, table2_small_3_times_as_long=filled)

    assert "`unrealperson reproduce table2 --budget small --longer 3 --claims-only`" in text
    assert "## Claims, learning 3 times as long" in text
    assert sum(line.startswith("| 800 | 16 ") for line in text.splitlines()) == 0
    assert sum(line.startswith("| 800 | 34 ") for line in text.splitlines()) == 1


def test_other_budgets_are_left_out(tmp_path: Path) -> None:
    page_of(tmp_path, table2_small=table(stand_in_cells()), table2_smoke=table({}, seeds=1))

    assert [found.budget for found in SCRIPT.read_tables(tmp_path, "small")] == ["small"]


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_page_judges_every_claim_by_its_present_words(name: TableName) -> None:
    judged = [line.split("|")[1:3] for line in SCRIPT.PAGE.read_text().splitlines() if "**" in line]

    assert {claim.says for claim in EXPERIMENTS[name].claims} <= {
        claim.strip() for table, claim in judged if table.strip() == name
    }
