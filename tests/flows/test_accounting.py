"""Cost sheets: what is charged to whom, and that nested runs share one sheet."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tasks.accounting import CostSheet, cost_sheet

BURN = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def test_a_stage_pays_for_the_children_it_waits_for() -> None:
    costs = CostSheet()

    with costs.measure("stage"):
        subprocess.run([sys.executable, "-c", BURN], check=True)

    assert costs.stages["stage"].cpu_seconds >= 0.2
    assert costs.total_cpu_seconds() == costs.stages["stage"].cpu_seconds


def test_a_stage_that_fails_is_still_charged() -> None:
    costs = CostSheet()

    def fail() -> None:
        with costs.measure("stage"):
            subprocess.run([sys.executable, "-c", BURN], check=True)
            raise RuntimeError("after its work")

    with pytest.raises(RuntimeError, match="after its work"):
        fail()

    assert costs.stages["stage"].cpu_seconds >= 0.2


def test_nested_runs_share_the_outer_sheet() -> None:
    with cost_sheet() as outer, cost_sheet() as inner:
        inner.add("render", cpu_seconds=1.0)

    assert inner is outer
    with cost_sheet() as later:
        assert later is not outer
