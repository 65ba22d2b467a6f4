"""A farm's Prefect server: bootstrapped twice, deployments registered, zombies crashed."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Running
from prefect.types import DateTime

from flows.local_server import LocalServer
from flows.reconcile import crash_silent_runs, reconcile
from infra.bootstrap import WORK_POOLS, bootstrap

DEPLOY_ALL = ("--all", "--prefect-file", "infra/prefect.yaml")

pytestmark = [pytest.mark.integration]


@pytest.fixture(autouse=True)
def at_server(prefect_server: LocalServer):
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield


def test_bootstrap_makes_what_is_missing_once() -> None:
    bootstrap()
    again = bootstrap()

    assert again.work_pools == again.automations == ()
    with get_client(sync_client=True) as client:
        assert {pool.name for pool in client.read_work_pools()} >= set(WORK_POOLS)


def test_all_deployments_register(prefect_server: LocalServer) -> None:
    bootstrap()
    result = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", *DEPLOY_ALL],
        capture_output=True,
        text=True,
        timeout=200,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    with get_client(sync_client=True) as client:
        names = {deployment.name for deployment in client.read_deployments()}
        nightly = client.read_deployment_by_name("build_dataset/nightly")
    assert names >= {"factory", "build", "nightly", "render", "train", "evaluate", "reconcile"}
    assert nightly.schedules[0].slug == "nightly"


@flow(name="sleeper")
def sleeper() -> None:
    """A flow whose run the test only pretends to execute."""


def test_a_run_that_went_silent_is_crashed_and_a_young_one_is_spared() -> None:
    now, silence = DateTime.now("UTC"), timedelta(seconds=60)
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(sleeper, state=Running())

        assert run.name not in crash_silent_runs(client, now, silence)
        assert run.name in crash_silent_runs(client, now.add(minutes=10), silence)

        state = client.read_flow_run(run.id).state
    assert state is not None
    assert state.type is StateType.CRASHED


def test_the_reconciler_is_a_flow_that_finds_nothing_on_a_quiet_server() -> None:
    assert reconcile(silent_seconds=86_400) == []
