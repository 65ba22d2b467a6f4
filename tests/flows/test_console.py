"""Progress as people see it: lines where there is no terminal, bars where there is one."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from flows.console import shown_progress
from tasks.progress import Progress, report_progress
from tasks.render.watching import RoundProgress


def test_without_a_terminal_stages_end_in_lines() -> None:
    written = io.StringIO()

    with shown_progress(Console(file=written, force_terminal=False, width=100)):
        for done in range(1, 101):
            report_progress(Progress("render", done, 100, "frames", f"{done} crops"))

    lines = written.getvalue().splitlines()
    assert lines[-1].strip() == "render: 100 of 100 frames, 100 crops"
    assert len(lines) < 10


def test_lines_say_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    written, clock = io.StringIO(), iter((100.0, 110.0, 120.0, 700.0))
    monkeypatch.setattr("flows.console.monotonic", lambda: next(clock))

    with shown_progress(Console(file=written, force_terminal=False, width=40)):
        for done in (20, 30, 45, 100):
            report_progress(Progress("render", done, 100, "shards", "a note that fills the line"))

    said = [line.rpartition(", ")[2] for line in written.getvalue().splitlines()]
    assert said == ["a note that fills the line", "70 s left", "44 s left"] + said[:1]


def test_the_next_stage_of_the_same_name_is_timed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    written, clock = io.StringIO(), iter((0.0, 100.0, 1000.0, 1010.0))
    monkeypatch.setattr("flows.console.monotonic", lambda: next(clock))

    with shown_progress(Console(file=written, force_terminal=False, width=80)):
        for done in (0, 100, 0, 50):
            report_progress(Progress("train", done, 100, "iterations"))

    assert written.getvalue().splitlines()[-1].endswith("50 of 100 iterations, 10 s left")


def test_on_a_terminal_every_stage_has_a_bar() -> None:
    written = io.StringIO()

    with shown_progress(Console(file=written, force_terminal=True, width=120)):
        report_progress(Progress("people", 3, 10, "people"))
        report_progress(Progress("render", 10, 10, "shards", "480 crops"))

    assert "3/10 people" in written.getvalue()
    assert "480 crops" in written.getvalue()


def test_nothing_is_heard_after_the_block() -> None:
    written = io.StringIO()

    with shown_progress(Console(file=written, force_terminal=False)):
        pass
    report_progress(Progress("late", 1, 1, "shards"))

    assert "late" not in written.getvalue()


def test_a_round_adds_up_its_shards() -> None:
    written = io.StringIO()

    with shown_progress(Console(file=written, force_terminal=False, width=100)):
        progress = RoundProgress("render", shards=2)
        progress.on_event({"shard": "a", "frames": 5, "frames_expected": 10, "crops": 12})
        progress.finished("b", crops=30)
        progress.finished("a", crops=24)

    assert progress.crops == 54
    assert "render: 2 of 2 shards, 54 crops" in written.getvalue()


def test_what_was_done_before_a_round_is_no_speed_of_it() -> None:
    written = io.StringIO()

    with shown_progress(Console(file=written, force_terminal=False, width=100)):
        RoundProgress("render", shards=2).found("a", crops=5000)

    assert "render: 1 of 2 shards, 5000 crops, 0.0 a second" in written.getvalue()
