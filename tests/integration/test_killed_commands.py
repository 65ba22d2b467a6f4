"""What killed commands left unfinished is crashed by the next; nothing of anybody else is.

A whole build that is killed with ``kill -9``: ``test_factory``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.context import TagsContext
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import AwaitingRetry, Completed, Running

from flows.killed_commands import end_killed_runs, owned_runs
from flows.local_server import LocalServer
from synth_workers.processes.host import Owner, ProcessMark

pytestmark = [pytest.mark.integration]


@flow(name="sleeper")
def sleeper() -> None:
    """A flow whose run the test only pretends to execute."""


@task(name="napper")
def napper() -> None:
    """A task likewise."""


GONE = Owner.own()._replace(process=ProcessMark(1, 1.0))
ELSEWHERE = GONE._replace(host="another host")


@pytest.fixture(autouse=True)
def own_state(prefect_server: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNREALPERSON_STATE", str(tmp_path))
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield


class KilledError(Exception):
    """The end of a command without a word to the server."""


def flow_state(run: UUID) -> State:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(run).state
    assert state is not None
    return state


@pytest.fixture
def left_by(
    prefect_server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Owner, State], UUID]:
    """A flow run in some state, left by a command of some process."""

    def leave(owner: Owner, state: State) -> UUID:
        left: list[UUID] = []
        with monkeypatch.context() as patch, get_client(sync_client=True) as client:
            patch.setattr(Owner, "own", lambda: owner)
            with pytest.raises(KilledError), owned_runs(prefect_server):
                tags = TagsContext.get().current_tags
                left.append(client.create_flow_run(sleeper, state=state, tags=tags).id)
                raise KilledError
        return left[0]

    return leave


@pytest.mark.parametrize("state", [Running(), AwaitingRetry()], ids=lambda state: state.name)
def test_the_runs_of_a_process_that_is_gone_crash_once(
    left_by: Callable[[Owner, State], UUID], prefect_server: LocalServer, state: State
) -> None:
    run = left_by(GONE, state)

    ended = end_killed_runs(lambda: prefect_server)

    assert len(ended) == 1
    found = flow_state(run)
    assert found.type is StateType.CRASHED
    assert "process 1 of 1970" in (found.message or "")
    assert end_killed_runs(lambda: pytest.fail("asked for a server without need")) == []


def test_its_task_runs_crash_too(prefect_server: LocalServer, monkeypatch) -> None:
    monkeypatch.setattr(Owner, "own", lambda: GONE)
    naps: list[UUID] = []
    with (
        get_client(sync_client=True) as client,
        pytest.raises(KilledError),
        owned_runs(prefect_server),
    ):
        tags = TagsContext.get().current_tags
        parent = client.create_flow_run(sleeper, state=Running(), tags=tags)
        nap = client.create_task_run(napper, parent.id, "0", state=Running(), extra_tags=tags)
        naps.append(nap.id)
        raise KilledError

    end_killed_runs(lambda: prefect_server)

    with get_client(sync_client=True) as client:
        state = client.read_task_run(naps[0]).state
    assert state is not None and state.type is StateType.CRASHED


@pytest.mark.parametrize("owner", [Owner.own(), ELSEWHERE], ids=["living", "of another host"])
def test_runs_of_others_are_left_alone(
    left_by: Callable[[Owner, State], UUID], prefect_server: LocalServer, owner: Owner
) -> None:
    run = left_by(owner, Running())
    assert end_killed_runs(lambda: prefect_server) == []
    assert flow_state(run).type is StateType.RUNNING


def test_what_had_ended_stays_as_it_ended(
    left_by: Callable[[Owner, State], UUID], prefect_server: LocalServer
) -> None:
    run = left_by(GONE, Completed())
    assert end_killed_runs(lambda: prefect_server) == []
    assert flow_state(run).type is StateType.COMPLETED


def test_runs_of_a_workers_deployment_are_left_to_the_worker(prefect_server: LocalServer) -> None:
    with get_client(sync_client=True) as client, owned_runs(prefect_server):
        deployment = client.create_deployment(client.create_flow(sleeper), name="of a worker")
        run = client.create_flow_run_from_deployment(deployment, state=Running())
        assert not set(client.read_flow_run(run.id).tags) & TagsContext.get().current_tags


def test_a_server_that_is_away_is_told_later(
    left_by: Callable[[Owner, State], UUID], prefect_server: LocalServer
) -> None:
    run = left_by(GONE, Running())
    nobody = LocalServer("http://127.0.0.1:9/api", None)
    assert end_killed_runs(lambda: None) == end_killed_runs(lambda: nobody) == []
    assert len(end_killed_runs(lambda: prefect_server)) == 1
    assert flow_state(run).type is StateType.CRASHED
