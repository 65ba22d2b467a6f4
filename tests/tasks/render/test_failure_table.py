"""The table of failures in the documentation names tests that exist, for every row."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "workers.md").read_text()
FILES = dict(re.findall(r"`(T[A-Z])`\s+(?:is )?`(tests/[\w/]+\.py)`", PAGE))


def test_every_row_of_the_table_has_a_test_that_exists():
    rows = {
        row for line in re.findall(r"^\| (F[\d, F]+) \|", PAGE, re.M) for row in line.split(", ")
    }
    assert rows == {f"F{number}" for number in range(1, 24)}
    for line in re.findall(r"^\| F\d.*$", PAGE, re.M):
        assert re.search(r"`T[A-Z]::test_", line), line
    named = re.findall(r"`(T[A-Z])::(test_\w+)`", PAGE)
    assert len(FILES) == 7 and len(named) > 40
    for short, test in named:
        assert f"def {test}(" in (ROOT / FILES[short]).read_text(), (FILES[short], test)
