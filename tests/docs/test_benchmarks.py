"""Every benchmark has a short form, and the quickest of them run here."""

from __future__ import annotations

import importlib
import json
import re
import sys

import pytest

from benchmarks.smoke import benchmarks
from tests.docs.pages import ROOT
from tests.docs.parsing import module_complaint

QUICK = ("ranking", "people_diversity")
# By their text: to import them all takes seconds, of every process that collects these tests.
RUNNABLE = sorted(
    path.parent.name if path.stem == "__main__" else path.stem
    for pattern in ("*.py", "*/__main__.py")
    for path in (ROOT / "benchmarks").glob(pattern)
    # What runs the others, and the calibration that all of them print, are no benchmarks.
    if path.stem not in ("smoke", "calibration")
    and '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", RUNNABLE)
def test_a_benchmark_has_a_short_form(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    smoke = getattr(module, "SMOKE", None)
    assert smoke is not None, "say in SMOKE which arguments make it short: see smoke.py"
    assert getattr(module, "TAKES", ""), "say in TAKES how long it takes: see smoke.py"
    assert module_complaint(f"benchmarks.{name}", smoke) is None


def test_every_file_that_can_be_run_is_a_benchmark_on_the_page() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]", page, re.MULTILINE)
    assert listed == RUNNABLE == sorted(benchmarks())


@pytest.mark.parametrize("name", QUICK)
def test_quick_ones_end_in_a_line_of_json(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    monkeypatch.setattr(module, "calibration_cpu_s", lambda: 0.3)
    monkeypatch.setattr(sys, "argv", [name, *module.SMOKE])
    module.main()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])
