"""Shards as runs of the ``render_shard`` deployment on a work pool.

A shard is done when its claim exists in the object store; runs are only looked at to learn that
one has ended without a claim (crashed, killed, lost). Then the shard is submitted again, with an
idempotency key for each attempt, so that a build which is itself started again counts on.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, TerminationSignal
from prefect.runtime import flow_run
from prefect.states import Cancelled, Cancelling

from flows.executors.base import Round, ShardPolicy
from flows.executors.lost import LostShards
from flows.flow_runs import PAGE, read_flow_runs, runs_in
from flows.patience import insist
from flows.run_logs import say_in_run
from manifests.claims import Claim, claimed_ids, read_claims
from manifests.dataset import Dataset
from manifests.errors import EngineLost, FactoryError, MissingRequirement
from manifests.identity import crop_id, digest, render_id
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.requests import keep_plan, keep_recipe
from manifests.shards import BuildPlan, ShardSpec
from tasks.render.jobs import BuildPlace, shard_label
from tasks.render.watching import RoundProgress, ShardFailure

DEPLOYMENT = "render_shard/render"
_PAUSE_SECONDS = 2.0
_LONGEST_PAUSE = 15.0
_LOOK_SHARE = 0.05
"""Looking for claims and ended runs should take at most this share of the time."""

_STATE_SECONDS = 5.0
_LOST_STARTS = 10
"""So many runs of a shard may crash before they begin."""

_LONELY_SECONDS = 60.0
_GRAPH_SHARDS = 100
"""Up to so many shards are drawn as sub-flows of their build; more make its page unusable."""

_ENDED = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
_ALIVE = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
_NAMED_ERROR = re.compile(r"\b([A-Z][A-Za-z]+): (.*)", re.DOTALL)

_log = logging.getLogger("unrealperson.build")


@dataclass(frozen=True)
class _Submitted:
    """A run of a shard. ``attempt`` counts runs that began, ``number`` all of this build."""

    shard: ShardSpec
    attempt: int
    number: int
    run_id: UUID


@dataclass(frozen=True)
class _Build:
    """What all shards of one round have in common."""

    id: str
    plan_id: str
    recipe: Recipe
    dataset: Dataset
    positions: dict[str, int]
    as_graph: bool


class DeploymentExecutor:
    """Submits shards to a work pool and waits for their claims."""

    def __init__(self, policy: ShardPolicy) -> None:
        self._policy = policy
        self._open: dict[str, _Submitted] = {}
        self._lost = LostShards()

    def __enter__(self) -> DeploymentExecutor:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Ask what still runs to end; a build that is killed leaves it to be found again."""
        ended = isinstance(error, TerminationSignal)
        cancelled = _cancellation() if ended else None
        if cancelled is not None:
            _log.warning("Cancelled: %s", cancelled.message or "whoever did it gave no reason")
        if not self._open or (ended and cancelled is None):
            # Whoever ends this process (a drain, a reboot) will have the build started again.
            return
        words = cancelled.message or "" if cancelled else _first_line(error)
        reason = f"Its build {flow_run.name!r} {'was cancelled' if cancelled else 'ended'}"
        reason = f"{reason}: {words}" if words else f"{reason}."
        _log.warning(
            "%d shards are asked to end. What is claimed is kept: run it again to go on",
            len(self._open),
        )
        # What the block raised matters more than a server that is away now.
        with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
            ids = [submitted.run_id for submitted in self._open.values()]
            for first in range(0, len(ids), PAGE):
                page, starts = {"any_": ids[first : first + PAGE]}, dict[UUID, int]()
                for run in read_flow_runs(client, runs_in(*_ALIVE, id=page)):
                    say_in_run(run, reason)
                    # One that waits is cancelled by it; the server would forget why.
                    waits = run.state is not None and run.state.type is StateType.SCHEDULED
                    starts[run.id] = run.run_count
                    state = Cancelled(message=reason) if waits else Cancelling(message=reason)
                    client.set_flow_run_state(run.id, state, force=False)
                # One that began between the look and the word has to be told to end.
                for run in read_flow_runs(client, runs_in(StateType.CANCELLED, id=page)):
                    if run.run_count > starts.get(run.id, run.run_count):
                        client.set_flow_run_state(run.id, Cancelling(message=reason), force=True)

    def prepare(self, plan: BuildPlan, recipe: Recipe, place: BuildPlace) -> float:
        """Nothing: each host of the farm builds the people of its own shards."""
        return 0.0

    def run(self, wanted: Round) -> Iterator[Claim]:
        """See ``ShardExecutor.run``: a shard has failed for good when it ended without a claim in
        every attempt, or with an error that no other attempt can mend; the error is of the class
        that its last run ended with. Raises ``MissingRequirement`` if the deployment is not
        registered with the Prefect server."""
        build, self._lost = _new_build(wanted), LostShards()
        insist(lambda: keep_recipe(build.dataset, build.recipe))
        insist(lambda: keep_plan(build.dataset, wanted.plan))
        found = insist(lambda: _living_runs(wanted.shards, build.dataset))
        for shard in wanted.shards:
            identity = crop_id(render_id(shard), build.recipe.annotation)
            run = found.get(_tag(shard))
            self._open[identity] = (
                _adopted(build, shard, run) if run else self._submit(build, shard, 1, 1)
            )
        claimed, states_read = time.monotonic(), 0.0
        while self._open:
            began = time.monotonic()
            claims = insist(lambda: self._new_claims(build))
            looking = time.monotonic() - began
            for claim in claims:
                del self._open[claim.id]
                yield claim
            now = time.monotonic()
            claimed = now if claims else claimed
            if now - states_read >= _STATE_SECONDS:
                for run in insist(self._ended_runs):
                    self._take_end(build, run, wanted.progress)
                states_read = time.monotonic()
                looking += states_read - now
            if now - claimed > _LONELY_SECONDS:
                self._warn_if_lonely()
                claimed = now
            if self._open:
                time.sleep(min(_LONGEST_PAUSE, max(_PAUSE_SECONDS, looking / _LOOK_SHARE)))
        self._lost.report()

    def _new_claims(self, build: _Build) -> list[Claim]:
        stored = set(claimed_ids(build.dataset, "crops"))
        wanted = [identity for identity in self._open if identity in stored]
        return list(read_claims(build.dataset, "crops", wanted).values())

    def _ended_runs(self) -> list[FlowRun]:
        ids = [submitted.run_id for submitted in self._open.values()]
        return [
            run
            for first in range(0, len(ids), PAGE)
            for run in _read_runs(runs_in(*_ENDED, id={"any_": ids[first : first + PAGE]}))
        ]

    def _take_end(self, build: _Build, run: FlowRun, progress: RoundProgress) -> None:
        """Submit the shard of an ended run again unless it is done or hopeless."""
        identity, submitted = next(item for item in self._open.items() if item[1].run_id == run.id)
        # The claim may have been written between the two looks.
        if insist(lambda: read_claims(build.dataset, "crops", [identity])):
            return
        failure, error = _failure(run, submitted)
        # A run that crashed before it began (its server was away) was no attempt at the shard.
        began = run.start_time is not None
        lost_starts = submitted.number - submitted.attempt + (not began)
        progress.failed(failure)
        _log.warning("%s, attempt %d: %s", run.name, submitted.attempt, failure.message)
        if (
            not error.retryable
            or lost_starts > _LOST_STARTS
            or (began and submitted.attempt >= self._policy.attempts)
        ):
            del self._open[identity]
            self._lost.add(
                error.saying(
                    f"{shard_label(submitted.shard)}: attempt {submitted.attempt} of "
                    f"{self._policy.attempts} ended without a claim ({failure.error}: "
                    f"{failure.message}); it was flow run {run.name!r}, {run.id}"
                )
            )
            return
        self._open[identity] = self._submit(
            build, submitted.shard, submitted.attempt + began, submitted.number + 1
        )

    def _submit(self, build: _Build, shard: ShardSpec, attempt: int, number: int) -> _Submitted:
        identity = render_id(shard)

        def submit() -> FlowRun:
            return run_deployment(  # pyright: ignore[reportReturnType]
                DEPLOYMENT,
                parameters={
                    "dataset": build.dataset.name,
                    "recipe_digest": recipe_digest(build.recipe),
                    "plan_digest": build.plan_id,
                    "position": build.positions[identity],
                    "render_id": identity,
                    "store": build.dataset.store.address,
                    "attempt": attempt,
                    "timeout_minutes": self._policy.timeout_minutes,
                },
                timeout=0,
                flow_run_name=f"{shard_label(shard)}-{attempt}",
                idempotency_key=f"{build.id}:{identity}:{number}",
                tags=[_tag(shard), f"data set {build.dataset.name}"],
                as_subflow=build.as_graph,
            )

        try:
            return _Submitted(shard, attempt, number, insist(submit).id)
        except ObjectNotFound:
            raise MissingRequirement(
                f"The Prefect server knows no deployment {DEPLOYMENT!r}. Register it with "
                "`prefect deploy --all --prefect-file infra/prefect.yaml`."
            ) from None

    def _warn_if_lonely(self) -> None:
        ids = [submitted.run_id for submitted in self._open.values()][:PAGE]
        running = runs_in(StateType.RUNNING, id={"any_": ids})
        if not insist(lambda: _read_runs(running)):
            _log.warning(
                "%d shards wait and no worker has taken one for a minute: is a worker of the "
                "pool `render` running, and is the pool not paused?",
                len(self._open),
            )


def _first_line(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:300] if error else "it is done"


def _cancellation() -> State | None:
    """The state in which this build was asked to end, if it was the build and not its process."""
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run.root_flow_run_id).state
        if state is not None and state.type in (StateType.CANCELLING, StateType.CANCELLED):
            return state
    return None


def _new_build(wanted: Round) -> _Build:
    # A run that is started again keeps its id, and with it the attempts that were counted.
    build_id = flow_run.root_flow_run_id or flow_run.id
    return _Build(
        id=str(build_id),
        plan_id=digest(wanted.plan),
        recipe=wanted.recipe,
        dataset=wanted.place.dataset,
        positions={render_id(shard): place for place, shard in enumerate(wanted.plan.shards)},
        as_graph=len(wanted.shards) <= _GRAPH_SHARDS,
    )


def _adopted(build: _Build, shard: ShardSpec, run: FlowRun) -> _Submitted:
    """A run that lives already: of this build before it was started again, or of another."""
    ours, _, number = (run.idempotency_key or "").rpartition(":")
    return _Submitted(
        shard=shard,
        attempt=int(run.parameters.get("attempt", 1)),
        number=int(number) if ours.startswith(f"{build.id}:") else 0,
        run_id=run.id,
    )


def _tag(shard: ShardSpec) -> str:
    return f"shard {render_id(shard)[:16]}"


def _living_runs(shards: Sequence[ShardSpec], dataset: Dataset) -> dict[str, FlowRun]:
    """Runs of these shards that have not ended, by tag: a build that was killed left them.

    A shard of the same pixels may be under way for another data set or store: not ours.
    """
    tags, ours = [_tag(shard) for shard in shards], (dataset.name, dataset.store.address)
    found: dict[str, FlowRun] = {}
    for first in range(0, len(tags), PAGE):
        wanted = tags[first : first + PAGE]
        for run in _read_runs(runs_in(*_ALIVE, tags={"any_": wanted})):
            if (run.parameters["dataset"], run.parameters["store"]) == ours:
                found |= {tag: run for tag in run.tags if tag in wanted}
    return found


def _read_runs(wanted: FlowRunFilter) -> list[FlowRun]:
    with get_client(sync_client=True) as client:
        return read_flow_runs(client, wanted)


def _failure(run: FlowRun, submitted: _Submitted) -> tuple[ShardFailure, FactoryError]:
    """What an ended run says of itself, and the error to raise for it."""
    state = run.state
    message = (state.message or "") if state else ""
    kind, text = "Crashed" if state and state.type is StateType.CRASHED else "Ended", message
    error: FactoryError = EngineLost(message)
    # Who was asked to end says why its build, perhaps another than ours, has ended.
    cancelled = state is not None and state.type is StateType.CANCELLED
    if not cancelled and (match := _NAMED_ERROR.search(message)):
        named = FactoryError.from_dict({"error": match.group(1), "message": match.group(2)})
        if type(named) is not FactoryError:
            kind, text, error = match.group(1), match.group(2), named
    identity = render_id(submitted.shard)
    return ShardFailure(identity, submitted.attempt, kind, text), error
