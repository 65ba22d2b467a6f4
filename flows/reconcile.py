"""Crash flow runs whose process is gone, so that their shards are submitted again.

Prefect's own automation arms only after a first heartbeat has reached the server and misses
runs that die within seconds of starting; this flow looks at every unfinished run instead. It
runs every minute on a farm.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from prefect import flow, get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.filters import (
    EventFilter,
    EventNameFilter,
    EventOccurredFilter,
    EventResourceFilter,
)
from prefect.states import Crashed
from prefect.types import DateTime
from pydantic import Field

_UNFINISHED = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
_PAGE = 200
_PENDING_PATIENCE = 5


@flow(
    name="reconcile",
    description="Crash flow runs whose process is gone, so that their work is done again.",
)
def reconcile(silent_seconds: Annotated[int, Field(ge=60)] = 120) -> list[str]:
    """Names of the runs that were crashed.

    Args:
        silent_seconds: Longest silence of a run that is still alive.
    """
    with get_client(sync_client=True) as client:
        crashed = crash_silent_runs(client, DateTime.now("UTC"), timedelta(seconds=silent_seconds))
    logger = get_run_logger()
    for name in crashed:
        logger.warning("Crashed %s: no sign of life for %d seconds.", name, silent_seconds)
    return crashed


def crash_silent_runs(client: SyncPrefectClient, now: DateTime, silence: timedelta) -> list[str]:
    """Crash every unfinished run that gave no sign of life during ``silence`` before ``now``."""
    message = f"No sign of life for {silence.total_seconds():.0f} seconds; its process is gone."
    crashed = []
    for run in _unfinished(client):
        if _is_silent(client, run, now, silence):
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
            crashed.append(run.name)
    return crashed


def _unfinished(client: SyncPrefectClient) -> list[FlowRun]:
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_UNFINISHED)))
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(flow_run_filter=wanted, limit=_PAGE, offset=len(runs)):
        runs += page
    return runs


def _is_silent(client: SyncPrefectClient, run: FlowRun, now: DateTime, silence: timedelta) -> bool:
    changed = run.state.timestamp if run.state else run.created
    if run.state and run.state.type is StateType.PENDING:
        # Workers may still be pulling an image; nothing sends heartbeats yet.
        silence = silence * _PENDING_PATIENCE
    if changed is None or (now - DateTime.instance(changed)) < silence:
        return False
    heartbeats = client.read_events(
        EventFilter(
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
            occurred=EventOccurredFilter(since=now - silence, until=now),
        ),
        limit=1,
    )
    return not heartbeats.events
