"""Several shards in one run of a work pool: what people see of each, and who is tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import TerminationSignal
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Crashed, Failed, Running

from flows.executors import DEFAULT_POLICY, Round, grouping
from flows.executors import deployments as sending
from flows.executors.deployments import DeploymentExecutor
from flows.flow_runs import read_flow_runs, read_task_runs, runs_in, task_runs_in
from flows.local_server import LocalServer
from flows.render_shard import AskedShard, StoredPlan, render_stored_shards
from manifests.claims import Claim, claim, claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import EngineLost
from manifests.identity import crop_id, digest, render_id
from manifests.recipes_io import load_recipe, recipe_digest
from manifests.requests import keep_plan, keep_recipe
from manifests.shards import ShardSpec
from manifests.stores import open_store
from tasks.jobs import read_job
from tasks.plan.planner import plan_build
from tasks.render.jobs import BuildPlace, ShardDone, ShardJob, shard_label
from tasks.render.watching import RoundProgress
from tests.farms.supervision import wait_for

pytestmark = [pytest.mark.integration]

RECIPE = load_recipe("tiny", {"people.count": 3, "shards.people_per_shard": 1})
PLAN = plan_build(RECIPE)
ALL = [AskedShard(position=k, render_id=render_id(s)) for k, s in enumerate(PLAN.shards)]


@pytest.fixture(autouse=True)
def at_server(prefect_server: LocalServer) -> Iterator[None]:
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        yield


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    found = Dataset(RECIPE.name, open_store(tmp_path / "store"))
    keep_recipe(found, RECIPE)
    keep_plan(found, PLAN)
    return found


def claimed(dataset: Dataset, shard: ShardSpec, attempt: str = "0") -> Claim:
    """Claim a shard without crops, as the process that rendered it would."""
    identity = crop_id(render_id(shard), RECIPE.annotation)
    ours = Claim(
        id=identity,
        render_id=render_id(shard),
        attempt=attempt,
        key=f"tiny/crops/{identity}/{attempt}.parquet",
        sha256="0" * 64,
        rows=0,
        bytes=0,
    )
    return claim(dataset, "crops", ours)


class Claiming:
    """Claims whatever it is asked to render, but one shard."""

    def __init__(self, dataset: Dataset, poison: ShardSpec) -> None:
        self.dataset, self.poison = dataset, poison

    def run(
        self, module: str, job_file: Path, log_file: Path, on_event: Callable[[Any], None]
    ) -> dict[str, Any]:
        job = read_job(job_file, ShardJob)
        if job.shard == self.poison:
            raise EngineLost("at frame 4: the engine ended (signal 9)")
        won = claimed(self.dataset, job.shard, job.attempt)
        return ShardDone(claim=won, won=True).model_dump(mode="json")


def test_every_shard_of_a_run_has_a_state_of_its_own(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))
    claimed(dataset, PLAN.shards[0])  # somebody else was faster

    @flow(name="shared run")
    def shared() -> None:
        plan = StoredPlan(dataset, recipe_digest(RECIPE), digest(PLAN))
        render_stored_shards(plan, ALL[:4], Claiming(dataset, PLAN.shards[2]))

    with get_client(sync_client=True) as client:
        state = shared(return_state=True)
        run_id = state.state_details.flow_run_id
        of_run = {"flow_run_id": {"any_": [run_id]}}
        ended = task_runs_in(StateType.COMPLETED, StateType.FAILED, **of_run)
        # The server records what becomes of tasks by and by.
        wait_for("both", lambda: len(read_task_runs(client, ended)) == 2, 120, every=0.5)
        seen = read_task_runs(client, ended)

    assert state.is_failed()
    assert "EngineLost: at frame 4" in (state.message or "")
    second, third = (f"{shard_label(PLAN.shards[k])}-1" for k in (1, 2))
    assert {run.name: run.state and run.state.type for run in seen} == {
        second: StateType.COMPLETED,
        third: StateType.FAILED,
    }
    assert len(claimed_ids(dataset, "crops")) == 2


@flow(name="render_shard")
def rendered_by_nobody(
    dataset: str,
    recipe_digest: str,
    plan_digest: str,
    position: int,
    render_id: str,
    store: str,
    attempt: int,
    timeout_minutes: int,
    more: list[dict[str, Any]] = [],  # noqa: B006
) -> None:
    """A flow whose runs the test only pretends to execute."""


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sending, "DEPLOYMENT", "render_shard/shared")
    monkeypatch.setattr(sending, "_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(sending, "_STATE_SECONDS", 0.2)
    monkeypatch.setattr(grouping, "RUNS_LEFT", 2)
    with get_client(sync_client=True) as client:
        return str(client.create_deployment(client.create_flow(rendered_by_nobody), "shared"))


def asked_of(run: FlowRun) -> list[tuple[int, int]]:
    """Position and attempt of each shard of a run."""
    asked = [run.parameters, *run.parameters.get("more", [])]
    return [(one["position"], one["attempt"]) for one in asked]


class Worker(threading.Thread):
    """Takes a deployment's runs. The first crashes before it begins; the third shard of the plan
    fails twice, whoever has it."""

    def __init__(self, dataset: Dataset, deployment: str, url: str) -> None:
        super().__init__(daemon=True)
        self.dataset, self.deployment, self.url = dataset, deployment, url
        self.taken: list[list[tuple[int, int]]] = []
        self.ended = threading.Event()

    def run(self) -> None:
        with (
            temporary_settings({PREFECT_API_URL: self.url}),
            get_client(sync_client=True) as client,
        ):
            waiting = runs_in(StateType.SCHEDULED, deployment_id={"any_": [self.deployment]})
            while not self.ended.wait(0.1):
                found = read_flow_runs(client, waiting)
                for run in sorted(found, key=lambda run: str(run.created)):  # as they were sent
                    self.taken.append(asked_of(run))
                    end = Crashed(message="no such image")
                    if len(self.taken) > 1:
                        client.set_flow_run_state(run.id, Running(), force=True)
                        end = self.carry_out(run)
                    client.set_flow_run_state(run.id, end, force=True)

    def carry_out(self, run: FlowRun) -> State:
        for position, attempt in asked_of(run):
            if position == 2 and attempt < 3:
                return Failed(message="Flow run encountered an exception: EngineLost: at frame 4")
            claimed(self.dataset, PLAN.shards[position])
        return Failed(message="behind its last claim")

    def attempts_at(self, position: int) -> list[int]:
        return [attempt for asked in self.taken for one, attempt in asked if one == position]


@pytest.fixture
def worker(dataset: Dataset, deployment: str, prefect_server: LocalServer) -> Iterator[Worker]:
    taking = Worker(dataset, deployment, prefect_server.api_url)
    taking.start()
    yield taking
    taking.ended.set()
    taking.join()


def build(dataset: Dataset, progress: RoundProgress, failures_to_end_at: int = 99) -> list[Claim]:
    """The shards that lack a claim, as a build has them done; its process may be ended early."""
    place = BuildPlace(dataset, Path(dataset.store.address))
    ids = {crop_id(render_id(shard), RECIPE.annotation): shard for shard in PLAN.shards}
    known = read_claims(dataset, "crops", ids)
    shards = [shard for identity, shard in ids.items() if identity not in known]
    done = [*known.values()]

    @flow(name="build of shared runs")
    def finish() -> None:
        with suppress(TerminationSignal), DeploymentExecutor(DEFAULT_POLICY) as executor:
            for won in executor.run(Round(PLAN, shards, RECIPE, place, progress)):
                done.append(won)
                if len(progress.failures) >= failures_to_end_at:
                    raise TerminationSignal(signal=15)

    finish()
    return done


def test_the_shard_that_was_under_way_is_tried_again_alone_and_the_others_go_on(
    dataset: Dataset, worker: Worker
) -> None:
    progress = RoundProgress("render", len(PLAN.shards))

    done = build(dataset, progress)

    assert {claim.render_id for claim in done} == {render_id(shard) for shard in PLAN.shards}
    first = [(0, 1), (2, 1), (1, 1)]  # those of one scene together
    assert [asked for asked in worker.taken if {0, 1, 2} & {p for p, _ in asked}] == [
        first,
        first,  # the other had not begun: that was no attempt
        *sorted([[(1, 1)], [(2, 2)]], key=worker.taken.index),
        [(2, 3)],
    ]
    assert [failure.attempt for failure in progress.failures] == [1, 1, 2]


def test_a_build_that_is_started_again_counts_on(
    dataset: Dataset, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = RoundProgress("render", len(PLAN.shards))
    with get_client(sync_client=True) as client:
        ours = client.create_flow_run(rendered_by_nobody, state=Running())
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ROOT_FLOW_RUN_ID", str(ours.id))
    early = build(dataset, progress, failures_to_end_at=2)
    assert len(early) < len(PLAN.shards)

    done = build(dataset, progress)

    assert {claim.render_id for claim in done} == {render_id(shard) for shard in PLAN.shards}
    assert worker.attempts_at(2) == [1, 1, 2, 3]
