"""A farm's Prefect server: bootstrapped twice, zombies crashed, slots and shards given back."""

from __future__ import annotations

import errno
import os
import platform
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import StateType, WorkPool
from prefect.events.filters import EventFilter
from prefect.events.schemas.events import Event, Resource
from prefect.exceptions import Abort, ObjectNotFound, TerminationSignal
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelling, Completed, Crashed, Failed, Running
from prefect.types import DateTime
from prefect.workers.process import ProcessWorker

from flows import alerts, gpu_slots, standing_aside
from flows.alerts import tell_room, tell_stood_aside, tell_workers_seen
from flows.bootstrap import RUN_COMMAND, WORK_POOLS, ZOMBIE_AUTOMATION, bootstrap
from flows.executors import DEFAULT_POLICY
from flows.executors.deployments import (
    DeploymentExecutor,
    _Submitted,  # pyright: ignore[reportPrivateUsage]
)
from flows.flow_runs import read_flow_runs, runs_in
from flows.local_server import LocalServer
from flows.notifications import make_notifications
from flows.reconcile import (
    QUIET_NAME,
    RESUMABLE,
    Reconciled,
    crash_silent_runs,
    reconcile,
    resume_crashed_runs,
    server_clock,
)
from manifests.disks import naming_disks
from manifests.errors import MissingRequirement
from manifests.recipes_io import load_recipe
from manifests.stores import open_store
from synth_workers.processes.quarantine import Quarantine, subjects_of
from tasks.plan.planner import plan_build
from tests.farms.supervision import wait_for
from tests.integration import webhook
from tests.integration.conftest import prefect_server_in

pytestmark = [pytest.mark.integration]


@pytest.fixture(scope="module")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server that nobody else uses: what these tests end would be others' runs."""
    with prefect_server_in(tmp_path_factory.mktemp("state")) as server:
        yield server


@pytest.fixture(autouse=True)
def at_server(prefect_server: LocalServer):
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield


def test_bootstrap_makes_what_is_missing_once() -> None:
    bootstrap()
    again = bootstrap()

    assert set(again.values()) == {()}
    with get_client(sync_client=True) as client:
        assert {pool.name for pool in client.read_work_pools()} >= set(WORK_POOLS)


def test_hosts_that_bootstrap_at_the_same_moment_make_everything_once() -> None:
    with get_client(sync_client=True) as client:
        for automation in client.read_automations_by_name(ZOMBIE_AUTOMATION):
            client.delete_automation(automation.id)
        for name in WORK_POOLS:
            with suppress(ObjectNotFound):
                client.delete_work_pool(name)

        with ThreadPoolExecutor(3) as hosts:
            # Each with the settings of this test: they say where the server is.
            asked = [hosts.submit(copy_context().run, bootstrap) for _ in range(3)]
            for each in asked:
                each.result()

        assert {pool.name for pool in client.read_work_pools()} >= set(WORK_POOLS)
        assert len(client.read_automations_by_name(ZOMBIE_AUTOMATION)) == 1


def test_a_pool_of_processes_names_the_command_of_its_runs() -> None:
    bootstrap()
    with get_client(sync_client=True) as client:
        before = client.read_work_pool("render")
        # As an earlier version or Prefect's own pages make it.
        plain = ProcessWorker.get_default_base_job_template()
        client.update_work_pool("render", WorkPoolUpdate(base_job_template=plain))
        bootstrap()
        after = client.read_work_pool("render")

    assert command_of(before) == command_of(after) == RUN_COMMAND


def command_of(pool: WorkPool) -> str:
    return pool.base_job_template["variables"]["properties"]["command"]["default"]


@flow(name="sleeper")
def sleeper() -> None:
    """A flow whose run the test only pretends to execute."""


RECONCILED = (QUIET_NAME, "1 crashed, 0 started again", QUIET_NAME)


def sleeper_deployment(client: SyncPrefectClient, tags: list[str]) -> UUID:
    flow_id = client.create_flow(sleeper)
    return client.create_deployment(
        flow_id, name=f"tagged {tags[0]}", tags=tags, work_pool_name="cpu"
    )


def test_a_run_that_went_silent_is_crashed_and_a_young_one_is_spared() -> None:
    now, silence = DateTime.now("UTC"), timedelta(seconds=60)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(sleeper, state=Running())

        assert run.name not in crash_silent_runs(client, now, silence, silence)
        assert run.name in crash_silent_runs(client, now.add(minutes=10), silence, silence)

        state = client.read_flow_run(run.id).state
    assert state is not None
    assert state.type is StateType.CRASHED


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_run_whose_host_has_a_wrong_clock_is_no_silent_one(minutes: int) -> None:
    silence = timedelta(seconds=60)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(sleeper, state=Running())
        assert run.state is not None
        time.sleep(1.0)
        heartbeat = Event(
            event="prefect.flow-run.heartbeat",
            occurred=server_clock(client).add(minutes=minutes),
            resource=Resource({"prefect.resource.id": f"prefect.flow-run.{run.id}"}),
        )
        client.request("POST", "/events", json=[heartbeat.model_dump(mode="json")])
        about_it = EventFilter.model_validate({"id": {"id": [str(heartbeat.id)]}})
        about_it.occurred.until = heartbeat.occurred.add(hours=1)
        wait_for("the heartbeat", lambda: client.read_events(about_it, limit=1).total > 0, 240.0)
        (kept,) = client.read_events(about_it, limit=1).events
        # Silent for long enough, but for the heartbeat, whenever its host believes it sent it.
        patience = DateTime.instance(kept.received + silence)
        age = DateTime.instance(kept.received) - DateTime.instance(run.state.timestamp)
        between = patience - age / 2
        assert run.name not in crash_silent_runs(client, between, silence, silence)
        assert run.name in crash_silent_runs(client, patience.add(seconds=1), silence, silence)


def test_the_reconciler_is_a_flow_that_finds_nothing_on_a_quiet_server() -> None:
    assert reconcile(silent_seconds=86_400, pending_seconds=86_400, resumes=0) == Reconciled((), ())


def test_the_reconciler_leaves_no_page_full_of_runs_that_found_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bootstrap()
    silence = {"silent_seconds": 86_400, "pending_seconds": 86_400, "resumes": 0}
    with get_client(sync_client=True) as client:
        deployment_id = sleeper_deployment(client, tags=["maintenance"])
        done = [client.create_flow_run_from_deployment(deployment_id, name=n) for n in RECONCILED]
        for run in done:
            client.set_flow_run_state(run.id, Completed(), force=True)
        monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", str(deployment_id))

        reconcile(**silence)

        ours = {"deployment_id": {"any_": [deployment_id]}}
        left = read_flow_runs(client, runs_in(StateType.COMPLETED, **ours))
    assert [run.name for run in left] == ["1 crashed, 0 started again"]


def test_a_crashed_build_is_started_again_as_the_same_run_but_not_for_ever() -> None:
    bootstrap()
    with get_client(sync_client=True) as client:
        deployment_id = sleeper_deployment(client, tags=[RESUMABLE])
        run = client.create_flow_run_from_deployment(deployment_id)
        client.set_flow_run_state(run.id, Crashed(), force=True)
        now = DateTime.now("UTC").add(seconds=1)

        assert resume_crashed_runs(client, now, resumes=5) == [run.name]
        assert resume_crashed_runs(client, now, resumes=5) == []
        state = client.read_flow_run(run.id).state
        client.set_flow_run_state(run.id, Crashed(), force=True)
        assert resume_crashed_runs(client, now, resumes=-1) == []

    assert state is not None
    assert state.is_scheduled()


def test_runs_of_a_limited_pool_that_come_at_once_are_all_taken(
    prefect_server: LocalServer,
) -> None:
    """On SQLite a plain server of Prefect refuses most of them (503), and changes of state too."""
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="narrow", type="process", concurrency_limit=1))
        flow_id = client.create_flow(sleeper)
        deployment_id = client.create_deployment(flow_id, "narrow", work_pool_name="narrow")
    url = f"{prefect_server.api_url}/deployments/{deployment_id}/create_flow_run"
    with ThreadPoolExecutor(12) as threads:
        replies = list(threads.map(lambda _: httpx.post(url, json={}, timeout=60), range(12)))

    assert [reply.status_code for reply in replies] == [201] * 12


def test_a_webhook_hears_of_builds_that_fail_and_of_those_that_stall() -> None:
    bootstrap()
    with webhook.listening() as (url, heard), get_client(sync_client=True) as client:
        for _ in range(2):  # the second time both are made anew
            make_notifications(url, timedelta(seconds=10))
        deployment_id = sleeper_deployment(client, tags=["build"])
        fails, stalls = (
            client.create_flow_run_from_deployment(deployment_id, name=n) for n in ('"bad"', "slow")
        )
        factory_id = sleeper_deployment(client, tags=["factory"])
        factory = client.create_flow_run_from_deployment(factory_id, name="all of it")

        def told() -> dict[str, str]:
            return {entry["text"].partition(". ")[0]: entry["message"] for entry in heard}

        for _ in range(3):  # automations that were made just now may not hear of the first
            client.set_flow_run_state(stalls.id, Running(), force=True)
            client.set_flow_run_state(fails.id, Failed(message='BadRecipe: "x" is none'), True)
            client.set_flow_run_state(factory.id, Failed(message="no room"), force=True)
            with suppress(AssertionError):
                wait_for("all calls", lambda: len(told()) >= 3, 90, every=0.5)
                break
        client.set_flow_run_state(stalls.id, Crashed(), force=True)

    assert told() == {
        'a build has failed: "bad": Failed': 'BadRecipe: "x" is none',
        "a build has failed: all of it: Failed": "no room",
        "a build makes no progress: slow: Running": "",
    }


def test_a_webhook_hears_once_of_a_bad_host_a_full_store_and_a_worker_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "LEAST_FREE", 1.1)  # however much room there is here
    store = open_store(tmp_path)
    with webhook.listening() as (url, heard), get_client(sync_client=True) as client:
        made = make_notifications(url, gone_after=timedelta(seconds=10))
        client.create_work_pool(WorkPoolCreate(name="here", type="process"))
        client.send_worker_heartbeat("here", "render-0", heartbeat_interval_seconds=3600)

        def both_heard() -> bool:
            # Told again and again, as hosts in trouble do; automations that were made just now may
            # not hear of the first.
            tell_stood_aside("street is left alone after 3 failures")
            tell_room(store)
            return len(heard) >= 2

        wait_for("a bad host and a full store", both_heard, 120, every=2.0)
        for _ in range(3):
            tell_workers_seen(client)
            with suppress(AssertionError):
                wait_for("a worker that is gone", lambda: len(heard) >= 3, 60, every=1.0)
                break
        known = client.read_automations()

    assert sorted(entry["text"] for entry in heard) == [
        f"a host stands aside: {platform.node()}",
        f"a store is nearly full: {tmp_path}",
        "a worker is gone: render-0",
    ]
    assert "street is left alone after 3 failures" in [entry["message"] for entry in heard]
    # The pages list them.
    assert set(made) <= {automation.name for automation in known}


def test_shards_of_a_cancelled_build_say_who_asked_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap()
    plan = plan_build(load_recipe("tiny"))
    executor = DeploymentExecutor(DEFAULT_POLICY)
    with get_client(sync_client=True) as client:
        build = client.create_flow_run(sleeper, name="demo", state=Running())
        deployment_id = sleeper_deployment(client, tags=["shard"])
        waiting, begins = (client.create_flow_run_from_deployment(deployment_id) for _ in range(2))

        def begun_meanwhile(*words: Any) -> Any:
            found = read_flow_runs(*words)
            if not client.read_flow_run(begins.id).run_count:
                client.set_flow_run_state(begins.id, Running(), force=True)
            return found

        monkeypatch.setattr("flows.executors.deployments.read_flow_runs", begun_meanwhile)
        asked = Cancelling(message="Not needed any more, says Ann.")
        client.set_flow_run_state(build.id, asked, force=True)
        monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ROOT_FLOW_RUN_ID", str(build.id))
        monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__NAME", build.name)
        with pytest.raises(TerminationSignal), executor:
            open_shards = executor._open  # pyright: ignore[reportPrivateUsage]
            open_shards["a shard"] = _Submitted(plan.shards[0], 1, 1, waiting.id)
            open_shards["another"] = _Submitted(plan.shards[1], 1, 1, begins.id)
            raise TerminationSignal(signal=15)

        state, told = (client.read_flow_run(run.id).state for run in (waiting, begins))
    assert told is not None and told.type is StateType.CANCELLING
    assert state is not None and state.type is StateType.CANCELLED
    assert (
        state.message
        == told.message
        == "Its build 'demo' was cancelled: Not needed any more, says Ann."
    )


def test_a_crashed_shard_is_left_to_its_build() -> None:
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(sleeper_deployment(client, tags=["render"]))
        client.set_flow_run_state(run.id, Crashed(), force=True)

        resumed = resume_crashed_runs(client, DateTime.now("UTC").add(seconds=1), resumes=5)

    assert run.name not in resumed


def test_a_gpu_slot_is_held_while_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    bootstrap(gpu_slots=1)
    monkeypatch.setattr(gpu_slots.deployment, "id", "a deployment", raising=False)

    with get_client(sync_client=True) as client:
        with gpu_slots.gpu_slot():
            held = client.read_global_concurrency_limit_by_name(gpu_slots.gpu_limit()).active_slots
        after = client.read_global_concurrency_limit_by_name(gpu_slots.gpu_limit()).active_slots

    assert (held, after) == (1, 0)


def test_without_its_limit_a_gpu_slot_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu_slots.deployment, "id", "a deployment", raising=False)
    monkeypatch.setenv("UNREALPERSON_GPU_LIMIT", "gpu-of-nobody")

    with pytest.raises(MissingRequirement, match=r"flows\.bootstrap"), gpu_slots.gpu_slot():
        pytest.fail("two runs could share a GPU now")


@pytest.mark.parametrize(
    ("why", "said"),
    [("engines", "signal 9"), ("version", "data version 1"), ("disk", "no space left")],
)
def test_a_host_that_cannot_gives_its_shards_back(
    why: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shard = plan_build(load_recipe("tiny")).shards[0]
    quarantine = Quarantine(tmp_path)
    if why == "engines":
        for _ in range(quarantine.scene_limit):
            quarantine.failed("the engine ended (signal 9)", *subjects_of(shard))
    if why == "version":
        shard = shard.model_copy(update={"data_version": 1})
    monkeypatch.setattr(standing_aside.Quarantine, "of_this_host", lambda: quarantine)
    monkeypatch.setattr(standing_aside, "SLOT_SECONDS", 0.0)
    monkeypatch.setattr(standing_aside.deployment, "id", "a deployment", raising=False)
    worked: list[str] = []

    @flow(name="shard on a bad host")
    def render() -> None:
        standing_aside.stand_aside(shard)
        with standing_aside.standing_aside_without_room(), naming_disks(tmp_path / "file"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        worked.append("rendered all the same")

    with get_client(sync_client=True) as client:
        run = client.create_flow_run(render)
        with pytest.raises(Abort):
            run_flow(render, flow_run=run)
        given_back = client.read_flow_run(run.id)

    assert worked == []
    assert given_back.state is not None
    assert given_back.state.name == "AwaitingRetry"
    assert said in (given_back.state.message or "")
