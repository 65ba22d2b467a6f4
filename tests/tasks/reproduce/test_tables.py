"""What a filled table says."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tasks.reproduce.questions import Setting
from tasks.reproduce.tables import markdown, plain
from tests.tasks.reproduce.toy_tables import TABLE, measured, stand_in_cells, table


def test_a_row_has_the_papers_ours_on_the_real_target_and_ours_on_the_stand_in() -> None:
    cells = dict(stand_in_cells())
    cells["random", "market", Setting.real] = (measured(0.5, 0),)
    text = markdown(table(cells))

    row = next(line for line in text.splitlines() if "random" in line and "52.0" in line)

    assert [value.strip() for value in row.strip("|").split("|")] == [
        "800", "6", "random", "no", "no",
        "52.0", "50.0", "10.0 (10.0 to 10.0)",
        "26.2", "75.0", "54.9 (54.8 to 55.0)",
    ]  # fmt: skip


def test_every_target_has_every_row_with_as_many_columns_as_headings() -> None:
    lines = markdown(table(stand_in_cells())).splitlines()
    parts = [i for i, line in enumerate(lines) if line.startswith("| people |")]

    assert len(parts) == 3
    for start in parts:
        part = lines[start : start + 2 + len(TABLE.rows)]
        assert {line.count("|") for line in part} == {12}


def test_a_table_of_longer_training_says_so() -> None:
    longer = replace(table(stand_in_cells()), longer=3)

    assert "Budget `small`, learning 3 times as long" in markdown(longer)
    assert plain(longer)["longer"] == 3
    assert "times as long" not in markdown(table(stand_in_cells()))


def test_claims_say_whether_they_show() -> None:
    verdicts = {each.claim.says: each.found.verdict for each in table(stand_in_cells()).contrasts}

    assert len(verdicts) == len(TABLE.claims)
    assert verdicts["cameras: 34 beat 6"] == "shows"
    # Rows 9 to 12 are made equal above.
    assert verdicts["people: 3,000 beat 800"] == "does not show"


def test_one_seed_claims_nothing() -> None:
    text = markdown(table(stand_in_cells(seeds=1), seeds=1))

    assert text.count("not judged: fewer than three seeds") == len(TABLE.claims)
    assert "claim nothing" in text


def test_nothing_measured_is_said_so() -> None:
    text = markdown(table({}))

    assert text.count("not measured") == len(TABLE.claims)
    assert "| 52.0 | – | – | 26.2 | – | – |" in text


def test_json_has_the_numbers_of_every_seed() -> None:
    found = json.loads(json.dumps(plain(table(stand_in_cells()))))
    first = found["cells"][0]

    assert first["row"] == "random"
    assert first["paper"] == [52.0, 26.2]
    assert first["real"] is None
    assert first["stand-in"]["rank1"] == pytest.approx([0.1] * 3)
    assert first["stand-in"] | {"people": 20, "queries": 200, "gallery": 40} == first["stand-in"]
    assert len(found["claims"]) == len(TABLE.claims)
