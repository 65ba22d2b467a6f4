"""Every benchmark has a short form, and the quickest of them run here."""

from __future__ import annotations

import json
import re
import sys

import pytest

from benchmarks.smoke import benchmarks
from tests.docs.pages import ROOT
from tests.docs.parsing import module_complaint

QUICK = ("ranking", "people_diversity")
BENCHMARKS = benchmarks()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_has_a_short_form(name: str) -> None:
    smoke = getattr(BENCHMARKS[name], "SMOKE", None)
    assert smoke is not None, "say in SMOKE which arguments make it short: see smoke.py"
    assert getattr(BENCHMARKS[name], "TAKES", ""), "say in TAKES how long it takes: see smoke.py"
    assert module_complaint(f"benchmarks.{name}", smoke) is None


def test_every_file_that_can_be_run_is_a_benchmark_on_the_page() -> None:
    """But for what runs the others, and the calibration that all of them print."""
    runnable = {
        path.stem
        for path in (ROOT / "benchmarks").glob("*.py")
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    }
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE)
    assert listed == sorted(runnable - {"smoke", "calibration"}) == sorted(BENCHMARKS)


@pytest.mark.parametrize("name", QUICK)
def test_quick_ones_end_in_a_line_of_json(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = BENCHMARKS[name]
    monkeypatch.setattr(module, "calibration_cpu_s", lambda: 0.3)
    monkeypatch.setattr(sys, "argv", [name, *module.SMOKE])
    module.main()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])
