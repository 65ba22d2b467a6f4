"""Questions about runs to a Prefect server: by state, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, TaskRunFilter
from prefect.client.schemas.objects import FlowRun, StateType, TaskRun

UNFINISHED = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
"""States of a run that some process is working on, or was."""

OPEN = (*UNFINISHED, StateType.SCHEDULED)
"""States of a run that has not ended."""

PAGE = 200
"""The most runs that a server names in one answer."""

R = TypeVar("R")


def runs_in(*types: StateType, **more: dict[str, Any]) -> FlowRunFilter:
    """The runs in one of these states; ``more``: further conditions in the words of Prefect's
    filters, such as ``id={"any_": ids}``."""
    return FlowRunFilter.model_validate({"state": {"type": {"any_": types}}} | more)


def task_runs_in(*types: StateType, **more: dict[str, Any]) -> TaskRunFilter:
    """As ``runs_in``, of task runs."""
    return TaskRunFilter.model_validate({"state": {"type": {"any_": types}}} | more)


def read_flow_runs(client: SyncPrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    """Every run that is wanted, however many pages they fill."""
    return _all_pages(
        lambda at: client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=at)
    )


def read_task_runs(client: SyncPrefectClient, wanted: TaskRunFilter) -> list[TaskRun]:
    """As ``read_flow_runs``, of task runs."""
    return _all_pages(
        lambda at: client.read_task_runs(task_run_filter=wanted, limit=PAGE, offset=at)
    )


def _all_pages(read: Callable[[int], list[R]]) -> list[R]:
    runs: list[R] = []
    while page := read(len(runs)):
        runs += page
        if len(page) < PAGE:
            break
    return runs
