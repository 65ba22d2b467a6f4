"""Shards as runs of the ``render_shard`` deployment on a work pool, small ones several in a run.

A shard is done when its claim exists in the object store; runs are only looked at to learn that
one has ended and left shards without a claim (failed, crashed, killed, lost). A run carries out its
shards in turn: the first of these was under way and is submitted again alone, with the next attempt
counted; the others had not begun and travel on together. A build which is itself started again
finds its runs by a tag and counts on.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
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
from flows.executors.grouping import grouped
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
_NOWHERE = UUID(int=0)
"""The run of a shard that was not sent yet."""

_NAMED_ERROR = re.compile(r"\b([A-Z][A-Za-z]+): (.*)", re.DOTALL)

_log = logging.getLogger("unrealperson.build")


@dataclass(frozen=True)
class _Submitted:
    """A shard in a run, the ``place``-th of it. ``attempt`` counts runs in which it was under way,
    ``lost_starts`` those that crashed before they began; ``number`` is that of its next run."""

    shard: ShardSpec
    attempt: int
    number: int
    run_id: UUID
    place: int = 0
    lost_starts: int = 0


@dataclass(frozen=True)
class _Build:
    """What all shards of one round have in common."""

    id: str
    plan_id: str
    recipe: Recipe
    dataset: Dataset
    positions: dict[str, int]
    as_graph: bool

    def crop_id(self, shard: ShardSpec) -> str:
        """Under which a shard is claimed."""
        return crop_id(render_id(shard), self.recipe.annotation)


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
            ids = self._run_ids()
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
        found = insist(lambda: _known_runs(build))
        fresh: list[ShardSpec] = []
        for shard in wanted.shards:
            if (run := found.get(render_id(shard))) is None:
                fresh.append(shard)
            else:
                self._open[build.crop_id(shard)] = _adopted(build, shard, run)
        for group in grouped(fresh):
            self._submit(build, [_Submitted(shard, 1, 1, _NOWHERE) for shard in group])
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

    def _run_ids(self) -> list[UUID]:
        """Of the runs that open shards are in, each once."""
        return list(dict.fromkeys(submitted.run_id for submitted in self._open.values()))

    def _ended_runs(self) -> list[FlowRun]:
        ids = self._run_ids()
        return [
            run
            for first in range(0, len(ids), PAGE)
            for run in _read_runs(runs_in(*_ENDED, id={"any_": ids[first : first + PAGE]}))
        ]

    def _take_end(self, build: _Build, run: FlowRun, progress: RoundProgress) -> None:
        """Submit the shards that an ended run left again, unless they are done or hopeless."""
        aboard = [item for item in self._open.items() if item[1].run_id == run.id]
        ids = [identity for identity, _ in aboard]
        # The claim may have been written between the two looks.
        done = insist(lambda: read_claims(build.dataset, "crops", ids))
        left = sorted((one for id, one in aboard if id not in done), key=lambda one: one.place)
        if not left:
            return
        failure, error = _failure(run, left[0])
        progress.failed(failure)
        _log.warning("%s, attempt %d: %s", run.name, left[0].attempt, failure.message)
        if run.run_count == 0:  # a start time has whatever has ended
            # It crashed before it began (its server was away): no attempt at any shard.
            again = [replace(one, lost_starts=one.lost_starts + 1) for one in left]
            hopeless = not error.retryable or again[0].lost_starts > _LOST_STARTS
            for one in again if hopeless else ():
                self._give_up(build, one, run, failure, error)
            if not hopeless:
                self._submit(build, again)
            return
        under_way, others = left[0], left[1:]
        if others:
            self._submit(build, others)
        if not error.retryable or under_way.attempt >= self._policy.attempts:
            self._give_up(build, under_way, run, failure, error)
        else:
            self._submit(build, [replace(under_way, attempt=under_way.attempt + 1)])

    def _give_up(
        self,
        build: _Build,
        submitted: _Submitted,
        run: FlowRun,
        failure: ShardFailure,
        error: FactoryError,
    ) -> None:
        del self._open[build.crop_id(submitted.shard)]
        self._lost.add(
            error.saying(
                f"{shard_label(submitted.shard)}: attempt {submitted.attempt} of "
                f"{self._policy.attempts} ended without a claim ({failure.error}: "
                f"{failure.message}); it was flow run {run.name!r}, {run.id}"
            )
        )

    def _submit(self, build: _Build, group: list[_Submitted]) -> None:
        """Send shards as one run; they are open from then on, or go on being so."""
        number = max(one.number for one in group)
        asked = [
            {
                "position": build.positions[identity := render_id(one.shard)],
                "render_id": identity,
                "attempt": one.attempt,
            }
            for one in group
        ]
        name = f"{shard_label(group[0].shard)}-{group[0].attempt}"
        more = {"more": asked[1:]} if len(asked) > 1 else {}

        def submit() -> FlowRun:
            return run_deployment(  # pyright: ignore[reportReturnType]
                DEPLOYMENT,
                parameters={
                    "dataset": build.dataset.name,
                    "recipe_digest": recipe_digest(build.recipe),
                    "plan_digest": build.plan_id,
                    "store": build.dataset.store.address,
                    "timeout_minutes": self._policy.timeout_minutes,
                    **asked[0],
                    **more,
                },
                timeout=0,
                flow_run_name=f"{name} and {len(asked) - 1} more" if more else name,
                idempotency_key=f"{build.id}:{digest(asked)}:{number}",
                tags=[_of_dataset(build.dataset), _of_build(build.id)],
                as_subflow=build.as_graph,
            )

        try:
            run_id = insist(submit).id
        except ObjectNotFound:
            raise MissingRequirement(
                f"The Prefect server knows no deployment {DEPLOYMENT!r}. Register it with "
                "`prefect deploy --all --prefect-file infra/prefect.yaml`."
            ) from None
        for place, one in enumerate(group):
            sent = replace(one, number=number + 1, run_id=run_id, place=place)
            self._open[build.crop_id(one.shard)] = sent

    def _warn_if_lonely(self) -> None:
        ids = self._run_ids()[:PAGE]
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
    """A shard in a run that is known: of this build before it was started again, or of another."""
    asked = _asked_of(run)
    (place,) = (k for k, one in enumerate(asked) if one["render_id"] == render_id(shard))
    number = _number(build, run) + 1
    return _Submitted(shard, int(asked[place].get("attempt", 1)), number, run.id, place)


def _asked_of(run: FlowRun) -> list[dict[str, Any]]:
    """What a run was asked for: position, identity and attempt of each of its shards."""
    return [run.parameters, *run.parameters.get("more", [])]


def _number(build: _Build, run: FlowRun) -> int:
    """The number that the shards of a run of this build had when it was sent; 0 of others'."""
    ours, _, number = (run.idempotency_key or "").rpartition(":")
    return int(number) if ours.startswith(f"{build.id}:") else 0


def _of_dataset(dataset: Dataset) -> str:
    return f"data set {dataset.name}"


def _of_build(build_id: str) -> str:
    return f"build {build_id}"


def _known_runs(build: _Build) -> dict[str, FlowRun]:
    """By render_id the run that a shard was sent with last, by this build before it was started
    again, or by another one that was killed and whose runs have not ended.

    A shard of the same pixels may be under way for another data set or store: not ours.
    """
    dataset = build.dataset
    living = runs_in(*_ALIVE, tags={"all_": [_of_dataset(dataset)]})
    ours = runs_in(*_ALIVE, *_ENDED, tags={"all_": [_of_build(build.id)]})
    place = (dataset.name, dataset.store.address)
    found: dict[str, FlowRun] = {}
    for run in [
        *_read_runs(living),
        *sorted(_read_runs(ours), key=lambda run: _number(build, run)),
    ]:
        if (run.parameters["dataset"], run.parameters["store"]) == place:
            found |= {one["render_id"]: run for one in _asked_of(run)}
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
