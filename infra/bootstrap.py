"""Makes a Prefect server ready for the factory: work pools and automations.

``python -m infra.bootstrap`` against the server of ``PREFECT_API_URL``; run it as often as you
like, what exists is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound

WORK_POOLS = ("render", "cpu", "gpu")
ZOMBIE_AUTOMATION = "Crash flow runs whose heartbeat stopped"
HEARTBEAT_SECONDS = 30
ZOMBIE_AFTER = timedelta(seconds=3 * HEARTBEAT_SECONDS)


@dataclass(frozen=True)
class Bootstrapped:
    """What the call had to make; empty when everything was there."""

    work_pools: tuple[str, ...]
    automations: tuple[str, ...]


def bootstrap(pool_type: str = "process") -> Bootstrapped:
    """Make what is missing; work pools of ``pool_type`` (process, docker, kubernetes)."""
    with get_client(sync_client=True) as client:
        pools = tuple(name for name in WORK_POOLS if _make_pool(client, name, pool_type))
    automations = (ZOMBIE_AUTOMATION,) if _make_zombie_automation() else ()
    return Bootstrapped(pools, automations)


def pause_pools() -> None:
    """Let no pool start another run; what runs goes on."""
    _set_paused(True)


def resume_pools() -> None:
    """Let every pool start runs again."""
    _set_paused(False)


def unfinished_runs() -> int:
    """Flow runs that a process is working on."""
    filter_ = FlowRunFilter(
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING])
        )
    )
    with get_client(sync_client=True) as client:
        return client.count_flow_runs(flow_run_filter=filter_)


def _set_paused(paused: bool) -> None:
    with get_client(sync_client=True) as client:
        for name in WORK_POOLS:
            client.update_work_pool(name, WorkPoolUpdate(is_paused=paused))


def _make_pool(client: SyncPrefectClient, name: str, pool_type: str) -> bool:
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=name, type=pool_type))
        return True
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
    return True


if __name__ == "__main__":
    print(bootstrap())
