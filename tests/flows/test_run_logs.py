"""The Logs tab says an error of the factory in one line, and every other with its traceback."""

from __future__ import annotations

import logging
import sys

import pytest

import flows.stages  # whatever imports a flow has its logs told like this
from manifests.errors import BadRecipe, EngineLost

assert flows.stages.run_logs.STORY.isEnabledFor(logging.INFO)
RUNS, TASKS = logging.getLogger("prefect.flow_runs"), logging.getLogger("prefect.task_runs")


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a run's tab would show: formatted records of both loggers."""
    shown: list[str] = []

    class Tab(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(self.format(record))

    for logger in (RUNS, TASKS):
        monkeypatch.setattr(logger, "handlers", [Tab()])
        monkeypatch.setattr(logger, "propagate", False)
        monkeypatch.setattr(logger, "level", logging.INFO)
    return shown


def fail(error: Exception, run: str) -> None:
    """What Prefect says of a task that fails, and of the flow run that fails with it."""
    more = {"flow_run_id": run}
    try:
        raise error
    except Exception:
        trace = sys.exc_info()
        TASKS.error("Task run failed with exception: %r", error, exc_info=trace, extra=more)
        TASKS.error("Finished in state Failed('...')", extra=more)
        RUNS.error("Encountered exception during execution: %r", error, exc_info=trace, extra=more)
        RUNS.info("Finished in state Failed('...')", extra=more)


def test_what_the_factory_refuses_is_one_line_in_each_run(lines: list[str]) -> None:
    error = BadRecipe("people.count: must be at least 2; got 1")

    fail(error, "build")
    fail(error, "factory")
    RUNS.info("Finished in state Completed()", extra={"flow_run_id": "another"})

    said = "BadRecipe: people.count: must be at least 2; got 1"
    assert lines == [said, said, "Finished in state Completed()"]


def test_a_line_says_that_it_is_tried_again(lines: list[str]) -> None:
    error = EngineLost("the engine went away")

    TASKS.error("Task run failed with exception: %r - Retry 1/2 will start", error, exc_info=error)

    assert lines == ["EngineLost: the engine went away - Retry 1/2 will start"]


def test_any_other_error_keeps_its_traceback(lines: list[str]) -> None:
    fail(KeyError("a fault of ours"), "a third")

    assert len(lines) == 4
    assert lines[0].count("Traceback") == lines[2].count("Traceback") == 1
