"""Crash flow runs whose process is gone, and start crashed builds again.

Prefect's own automation arms only after a first heartbeat has reached the server and misses
runs that die within seconds of starting; this flow looks at every unfinished run instead. It
runs every minute on a farm. Shards that crash are submitted again by their build; whatever
carries the tag ``resumable`` (builds, training, everything that goes on from what is stored) is
started again here, so that no night is lost.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated

from prefect import flow, get_run_logger
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.filters import EventFilter
from prefect.exceptions import ObjectNotFound
from prefect.runtime import deployment, flow_run
from prefect.states import AwaitingRetry, Cancelled, Crashed
from prefect.types import DateTime
from pydantic import Field

from flows.alerts import tell_workers_seen
from flows.flow_runs import UNFINISHED, read_flow_runs, runs_in

RESUMABLE = "resumable"
"""Tag of deployments whose crashed runs are started again."""

_RESUME_WITHIN = timedelta(hours=24)
_WRONG_CLOCKS = timedelta(hours=2)
_HEARTBEATS = 50
"""So many of the newest are looked at: after a clock was set back, the last is not the newest."""


@dataclass(frozen=True)
class Reconciled:
    """Names of runs that were crashed, and of crashed runs that were started again."""

    crashed: tuple[str, ...]
    resumed: tuple[str, ...]


QUIET_NAME = "nothing was to do"
"""Name of runs of this flow that found nothing: each next run removes them from the Runs page."""


@flow(
    name="reconcile",
    flow_run_name=QUIET_NAME,
    description="Crash flow runs whose process is gone; start crashed builds again.",
)
def reconcile(
    silent_seconds: Annotated[int, Field(ge=60)] = 120,
    pending_seconds: Annotated[int, Field(ge=60)] = 600,
    resumes: Annotated[int, Field(ge=0, le=100)] = 5,
) -> Reconciled:
    """Names of the runs that were crashed, and of those that were started again.

    Args:
        silent_seconds: Longest silence of a run that is still alive.
        pending_seconds: Longest time from being handed to a worker to running; images may have
            to be pulled.
        resumes: How often a crashed run of a resumable deployment is started again.
    """
    silence, pending = timedelta(seconds=silent_seconds), timedelta(seconds=pending_seconds)
    with get_client(sync_client=True) as client:
        now = server_clock(client)
        _drop_missed_runs(client, now)
        crashed = crash_silent_runs(client, now, silence, pending)
        resumed = resume_crashed_runs(client, now, resumes)
        tell_workers_seen(client)
        _forget_quiet_runs(client)
        if crashed or resumed:
            name = f"{len(crashed)} crashed, {len(resumed)} started again"
            client.update_flow_run(flow_run.id, name=name)
    logger = get_run_logger()
    for name in crashed:
        logger.warning("Crashed %s: no sign of life.", name)
    for name in resumed:
        logger.warning("Started %s again.", name)
    return Reconciled(tuple(crashed), tuple(resumed))


def server_clock(client: SyncPrefectClient) -> DateTime:
    """What time it is for the server, whose times are compared with it: this host's clock may be
    minutes off."""
    return DateTime.instance(parsedate_to_datetime(client.hello().headers["date"]))


def crash_silent_runs(
    client: SyncPrefectClient, now: DateTime, silence: timedelta, pending: timedelta
) -> list[str]:
    """Crash every unfinished run that gave no sign of life during ``silence`` before ``now``."""
    crashed = []
    for run in read_flow_runs(client, runs_in(*UNFINISHED)):
        waiting = run.state is not None and run.state.type is StateType.PENDING
        patience = pending if waiting else silence
        if _is_silent(client, run, now, patience):
            message = f"No sign of life for {patience.total_seconds():.0f} seconds."
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
            crashed.append(run.name)
    return crashed


def resume_crashed_runs(client: SyncPrefectClient, now: DateTime, resumes: int) -> list[str]:
    """Schedule crashed runs of resumable deployments again: as the same runs, so that the
    attempts which they have counted stay counted."""
    since = {"after_": now - _RESUME_WITHIN}
    wanted = runs_in(StateType.CRASHED, tags={"all_": [RESUMABLE]}, end_time=since)
    resumed = []
    for run in read_flow_runs(client, wanted):
        # A sub-flow is started again by its parent.
        if run.deployment_id and not run.parent_task_run_id and run.run_count <= resumes:
            message = f"Started again after {run.run_count} attempts."
            client.set_flow_run_state(run.id, AwaitingRetry(message=message), force=True)
            resumed.append(run.name)
    return resumed


def _drop_missed_runs(client: SyncPrefectClient, now: DateTime) -> None:
    """Cancel the runs of this deployment that an outage has left behind; one is enough."""
    if deployment.id is None:
        return
    ours, past = {"any_": [deployment.id]}, {"before_": now}
    missed = runs_in(StateType.SCHEDULED, deployment_id=ours, expected_start_time=past)
    for run in read_flow_runs(client, missed):
        client.set_flow_run_state(run.id, Cancelled(message="Missed; a later one ran."), force=True)


def _forget_quiet_runs(client: SyncPrefectClient) -> None:
    """Delete this deployment's runs that found nothing; 1,440 a day would hide all others."""
    if deployment.id is None:
        return
    quiet = {"deployment_id": {"any_": [deployment.id]}, "name": {"any_": [QUIET_NAME]}}
    missed = {"deployment_id": {"any_": [deployment.id]}}
    for run in [
        *read_flow_runs(client, runs_in(StateType.COMPLETED, **quiet)),
        *read_flow_runs(client, runs_in(StateType.CANCELLED, **missed)),
    ]:
        with suppress(ObjectNotFound):  # another of these runs was faster
            client.delete_flow_run(run.id)


def _is_silent(client: SyncPrefectClient, run: FlowRun, now: DateTime, silence: timedelta) -> bool:
    changed = run.state.timestamp if run.state else run.created
    if changed is None or (now - DateTime.instance(changed)) < silence:
        return False
    # The run's host tells when one was sent, the server when it was received.
    around = {"since": now - silence - _WRONG_CLOCKS, "until": now + _WRONG_CLOCKS}
    heartbeats = EventFilter.model_validate(
        {
            "event": {"name": ["prefect.flow-run.heartbeat"]},
            "resource": {"id": [f"prefect.flow-run.{run.id}"]},
            "occurred": around,
        }
    )
    newest = client.read_events(heartbeats, limit=_HEARTBEATS).events
    return all(now - DateTime.instance(event.received) > silence for event in newest)
