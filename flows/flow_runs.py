"""Questions about flow runs to a Prefect server: by state, page by page."""

from __future__ import annotations

from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, StateType

UNFINISHED = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
"""States of a run that some process is working on, or was."""

PAGE = 200
"""The most runs that a server names in one answer."""


def runs_in(*types: StateType, **more: dict[str, Any]) -> FlowRunFilter:
    """The runs in one of these states; ``more``: further conditions in the words of Prefect's
    filters, such as ``id={"any_": ids}``."""
    return FlowRunFilter.model_validate({"state": {"type": {"any_": types}}} | more)


def read_flow_runs(client: SyncPrefectClient, wanted: FlowRunFilter) -> list[FlowRun]:
    """Every run that is wanted, however many pages they fill."""
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(runs)):
        runs += page
        if len(page) < PAGE:
            break
    return runs
