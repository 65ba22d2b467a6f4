"""The state of a farm as its Prefect server sees it, for a table on a terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import WorkPoolFilter, WorkPoolFilterName
from prefect.client.schemas.objects import StateType
from prefect.types import DateTime
from rich.table import Table

from flows.bootstrap import WORK_POOLS
from flows.console import plain_table
from flows.farm import FarmWorker
from flows.flow_runs import UNFINISHED, runs_in

_ONLINE = "ONLINE"


@dataclass(frozen=True)
class PoolStatus:
    """One work pool: its workers that are online, runs in progress and waiting."""

    name: str
    online: tuple[str, ...]
    paused: bool
    running: int
    waiting: int


def pool_statuses() -> list[PoolStatus]:
    """Every pool of the factory."""
    with get_client(sync_client=True) as client:
        return [_pool_status(client, name) for name in WORK_POOLS]


def wait_until_online(farm: list[FarmWorker], seconds: float = 60.0) -> bool:
    """Wait until every worker has reported to the server; whether all did in time."""
    names = {worker.name for worker in farm}
    deadline = time.monotonic() + seconds
    while True:
        if names <= {name for pool in pool_statuses() for name in pool.online}:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(1.0)


def status_table(farm: list[FarmWorker]) -> Table:
    """Pools, workers with process ids, work, and what is scheduled next."""
    headings = ("pool", "state", "workers", "running", "waiting")
    rows: list[tuple[str, ...]] = []
    for pool in pool_statuses():
        workers = [
            f"{worker.name} (pid {worker.pid}, {worker.limit} at a time)"
            + ("" if worker.name in pool.online else " starting")
            for worker in farm
            if worker.pool == pool.name
        ]
        elsewhere = sorted(set(pool.online) - {worker.name for worker in farm})
        state = "paused" if pool.paused else "ready"
        names = "\n".join([*workers, *elsewhere]) or "none"
        rows.append((pool.name, state, names, str(pool.running), str(pool.waiting)))
    return plain_table(headings, rows, words=len(headings))


def schedule_lines() -> list[str]:
    """Deployments with a schedule, one line each."""
    with get_client(sync_client=True) as client:
        deployments = client.read_deployments()
    lines = []
    for deployment in sorted(deployments, key=lambda found: found.name):
        for schedule in deployment.schedules:
            spec = schedule.schedule
            when = getattr(spec, "cron", None) or f"every {getattr(spec, 'interval', '?')}"
            lines.append(f"{deployment.name:22s} {when}")
    return lines


def _pool_status(client: SyncPrefectClient, name: str) -> PoolStatus:
    workers = client.read_workers_for_work_pool(name)
    late = {"before_": DateTime.now("UTC")}
    return PoolStatus(
        name=name,
        online=tuple(sorted(w.name for w in workers if w.status and w.status.value == _ONLINE)),
        paused=client.read_work_pool(name).is_paused,
        running=_count(client, name, UNFINISHED),
        waiting=_count(client, name, [StateType.SCHEDULED], expected_start_time=late),
    )


def _count(
    client: SyncPrefectClient, pool: str, types: Sequence[StateType], **more: dict[str, Any]
) -> int:
    return client.count_flow_runs(
        flow_run_filter=runs_in(*types, **more),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
    )
