"""A scene whose engines keep dying is left alone for a while, and then tried again."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import EngineLost
from synth_workers.processes.quarantine import HOST, Quarantine


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_failures_in_a_row_lead_to_a_pause_that_ends(tmp_path: Path):
    clock = Clock()
    quarantine = Quarantine(tmp_path / "q", scene_limit=3, seconds=60, clock=clock)
    for _ in range(2):
        quarantine.failed("the engine ended (signal 11)\nlog", "scene street")
        quarantine.expect_free("scene street", HOST)
    quarantine.failed("the engine ended (signal 11)\nlog", "scene street")
    with pytest.raises(EngineLost, match=r"scene street .* 3 failures .*signal 11"):
        quarantine.expect_free("scene street")
    quarantine.expect_free("scene supermarket", HOST)
    clock.now += 61
    quarantine.expect_free("scene street")


def test_a_success_is_forgiving(tmp_path: Path):
    quarantine = Quarantine(tmp_path, scene_limit=2)
    for _ in range(5):
        quarantine.failed("stall", "scene street")
        quarantine.succeeded("scene street")
    quarantine.expect_free("scene street")


def test_the_host_has_a_limit_of_its_own_and_damaged_files_do_not_matter(tmp_path: Path):
    quarantine = Quarantine(tmp_path, host_limit=2)
    quarantine.failed("stall", HOST)
    next(tmp_path.iterdir()).write_text("][")
    quarantine.failed("stall", HOST)
    quarantine.expect_free(HOST)
    quarantine.failed("stall", HOST)
    with pytest.raises(EngineLost, match=HOST):
        quarantine.expect_free(HOST)
