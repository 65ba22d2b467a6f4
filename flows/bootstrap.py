"""Makes a Prefect server ready for the factory: work pools, limits and automations.

``python -m flows.bootstrap`` against the server of ``PREFECT_API_URL``, or else the one that was
started on this machine, on every host with GPUs or a worker of the pool `gpu`; run it as often as
you like, what exists is kept.
"""

from __future__ import annotations

import argparse
import copy
import shutil
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import (
    GlobalConcurrencyLimitCreate,
    GlobalConcurrencyLimitUpdate,
    WorkPoolCreate,
    WorkPoolUpdate,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Crashed
from prefect.workers.process import ProcessWorker

from flows.asked_server import asked_server
from flows.flow_runs import UNFINISHED, read_flow_runs, runs_in
from flows.gpu_slots import gpu_limit
from flows.patience import insist
from flows.reconcile import RESUMABLE

WORK_POOLS = ("render", "cpu", "gpu")
RUN_COMMAND = "python -m prefect.engine"
"""What a worker of a pool of processes starts for a run: one process, with the `python` of the
worker's PATH. Left to itself, Prefect 3.8 starts two in turn, the first only to find the flow."""

_START_SECONDS = 600.0

ZOMBIE_AUTOMATION = "Crash flow runs whose heartbeat stopped"
HEARTBEAT_SECONDS = 30
ZOMBIE_AFTER = timedelta(seconds=3 * HEARTBEAT_SECONDS)


def bootstrap(
    pool_type: str = "process", gpu_slots: int | None = None
) -> dict[str, tuple[str, ...]]:
    """Make what is missing; names of what that was, by kind.

    ``pool_type``: of the work pools (process, docker, kubernetes). ``gpu_slots``: runs that may
    train or measure on this host at a time; by default one for each GPU, and one without any.
    """
    slots = max(1, gpu_count()) if gpu_slots is None else gpu_slots
    with get_client(sync_client=True) as client:
        pools = tuple(name for name in WORK_POOLS if _make_pool(client, name, pool_type))
        limits = (gpu_limit(),) if _make_limit(client, gpu_limit(), slots) else ()
    automations = (ZOMBIE_AUTOMATION,) if _make_zombie_automation() else ()
    return {"work pools": pools, "limits": limits, "automations": automations}


def gpu_count() -> int:
    """GPUs that this host's driver lists; 0 without a driver."""
    if shutil.which("nvidia-smi") is None:
        return 0
    listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines())


def set_paused(paused: bool) -> None:
    """Let no pool start another run, while what runs goes on; or let every pool again."""
    with get_client(sync_client=True) as client:
        for name in WORK_POOLS:
            client.update_work_pool(name, WorkPoolUpdate(is_paused=paused))


def running_runs(*, resumable: bool) -> list[FlowRun]:
    """Flow runs that a process is working on: those that can be started again, or the others.

    A build waits for its shards; who drains a farm waits for shards and lets builds go on when
    the farm is up again.
    """
    with get_client(sync_client=True) as client:
        runs = read_flow_runs(client, runs_in(*UNFINISHED))
    ours = [run for run in runs if run.deployment_id is not None]
    return [run for run in ours if (RESUMABLE in run.tags) == resumable]


def crash(runs: Iterable[FlowRun], reason: str) -> None:
    """Say of runs whose processes have been ended that they have ended."""
    with get_client(sync_client=True) as client:
        for run in runs:
            client.set_flow_run_state(run.id, Crashed(message=reason), force=True)


def _make_pool(client: SyncPrefectClient, name: str, pool_type: str) -> bool:
    """Make a pool, or give one of processes that exists the command; whether it was made."""
    try:
        existing = client.read_work_pool(name)
    except ObjectNotFound:
        template = _with_command({}) if pool_type == ProcessWorker.type else {}
        with suppress(ObjectAlreadyExists):  # another host has been faster
            client.create_work_pool(
                WorkPoolCreate(name=name, type=pool_type, base_job_template=template)
            )
            return True
        return False
    template = existing.base_job_template
    if existing.type == ProcessWorker.type and _with_command(template) != template:
        client.update_work_pool(name, WorkPoolUpdate(base_job_template=_with_command(template)))
    return False


def _with_command(template: dict[str, Any]) -> dict[str, Any]:
    """A pool's template of runs, with a command of its own if it has none."""
    template = copy.deepcopy(template or ProcessWorker.get_default_base_job_template())
    command = template["variables"]["properties"].setdefault("command", {"type": "string"})
    command["default"] = command.get("default") or RUN_COMMAND
    return template


def _make_limit(client: SyncPrefectClient, name: str, slots: int) -> bool:
    """Make a limit, or give one that exists this many slots; whether it was made."""
    try:
        existing = client.read_global_concurrency_limit_by_name(name)
    except ObjectNotFound:
        with suppress(ObjectAlreadyExists):
            client.create_global_concurrency_limit(
                GlobalConcurrencyLimitCreate(name=name, limit=slots)
            )
            return True
        return False
    if existing.limit != slots:
        client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(limit=slots))
    return False


def _make_zombie_automation() -> bool:
    try:
        Automation.read(name=ZOMBIE_AUTOMATION)  # pyright: ignore[reportUnusedCoroutine]
    except ValueError:
        pass
    else:
        return False
    ends = {f"prefect.flow-run.{end}" for end in ("Completed", "Failed", "Cancelled", "Crashed")}
    automation = Automation(
        name=ZOMBIE_AUTOMATION,
        description="A flow run that sent heartbeats and went silent has lost its process.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.heartbeat", *ends},
            match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=ZOMBIE_AFTER,
        ),
        actions=[  # pyright: ignore[reportArgumentType]
            ChangeFlowRunState(
                name="Crashed",
                state=StateType.CRASHED,
                force=False,
                message=f"No heartbeat for {ZOMBIE_AFTER.total_seconds():.0f} seconds.",
            )
        ],
    )
    automation.create()  # pyright: ignore[reportUnusedCoroutine]
    return _is_the_only(automation)


def _is_the_only(automation: Automation) -> bool:
    """Whether no other host has made one of that name at the same moment: only one of them stays,
    the same for whoever looks."""
    with get_client(sync_client=True) as client:
        found = client.read_automations_by_name(automation.name)
        stays = min(found, key=lambda one: str(one.id))
        for other in found:
            if other.id != stays.id:
                _remove(client, other.id)
    return stays.id == automation.id


def _remove(client: SyncPrefectClient, automation_id: UUID) -> None:
    """Remove an automation, unless another host has."""
    try:
        client.delete_automation(automation_id)
    except PrefectHTTPStatusError as error:
        if error.response.status_code != HTTPStatus.NOT_FOUND:
            raise


def main() -> None:
    """Entry point; prints what it made."""
    parser = argparse.ArgumentParser(description="Make a Prefect server ready for the factory.")
    parser.add_argument("--pool-type", default="process", help="process, docker or kubernetes")
    parser.add_argument("--gpu-slots", type=int, help="of this host [default: one a GPU]")
    options = parser.parse_args()
    with asked_server(parser):
        # Hosts of a farm start in any order; begun anew every few seconds, this costs more.
        made = insist(lambda: bootstrap(options.pool_type, options.gpu_slots), _START_SECONDS)
    for kind, names in made.items():
        print(f"{kind:12s} made: {', '.join(names) or 'none, all were there'}")


if __name__ == "__main__":
    main()
