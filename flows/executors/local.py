"""Shards as processes of this machine, one Prefect task run each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import as_completed
from prefect.runtime import task_run

from flows.executors.base import Round, ShardPolicy
from flows.executors.lost import LostShards
from flows.executors.processes import LocalProcesses
from flows.places import worker_count
from flows.stages import stage_task
from manifests.claims import Claim
from manifests.errors import FactoryError
from manifests.identity import render_id
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from tasks.progress import Progress, report_progress
from tasks.render.jobs import (
    BuildPlace,
    JobRunner,
    OnEvent,
    people_to_build,
    run_people,
    run_shard,
    shard_label,
)


def _may_help(_: Any, __: TaskRun, state: State[Any]) -> bool:
    """Retry only faults that may pass: a lost engine or store, never a wrong recipe."""
    error = state.result(raise_on_failure=False)
    return error.retryable if isinstance(error, FactoryError) else False


@stage_task(
    name="render-shard",
    task_run_name="{label}",
    description="Render, annotate, store and claim one shard.",
    retries=2,
    retry_delay_seconds=[1, 5],
    retry_condition_fn=_may_help,
)
def render_shard(
    label: str,
    shard: ShardSpec,
    recipe: Recipe,
    place: BuildPlace,
    runner: JobRunner,
    on_event: OnEvent,
) -> Claim:
    """See ``tasks.render.jobs.run_shard``; tells ``on_event`` of an attempt that failed."""
    try:
        return run_shard(shard, recipe, place, runner, on_event)
    except FactoryError as error:
        on_event(
            {
                "event": "failed",
                "shard": render_id(shard),
                "attempt": task_run.run_count or 1,
                "error": type(error).__name__,
                "message": str(error),
            }
        )
        raise


@stage_task(
    name="build-people",
    task_run_name="people-{label}",
    description="Build people's meshes and motions into this host's cache.",
    retries=1,
    retry_condition_fn=_may_help,
)
def build_people(
    label: str,
    indices: list[int],
    recipe: Recipe,
    place: BuildPlace,
    runner: JobRunner,
    on_event: OnEvent,
) -> float:
    """See ``tasks.render.jobs.run_people``."""
    return run_people(indices, recipe, place, runner, on_event)


class LocalExecutor:
    """Runs as many shards at a time as the enclosing flow's task runner has threads."""

    def __init__(self, policy: ShardPolicy, processes: LocalProcesses | None = None) -> None:
        self._policy = policy
        self._processes = processes or LocalProcesses(timeout=60.0 * policy.timeout_minutes)

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, *error: object) -> None:
        self._processes.close()

    def prepare(self, plan: BuildPlan, recipe: Recipe, place: BuildPlace) -> float:
        """Fill this host's cache with the plan's people, one process per worker; none is started
        for people that it holds."""
        people = people_to_build(plan)
        if people:
            report_progress(Progress("people", 0, len(people), "people"))
        chunks = [
            chunk for start in range(worker_count()) if (chunk := people[start :: worker_count()])
        ]
        done = [0] * len(chunks)

        def watch(chunk: int, event: dict[str, Any]) -> None:
            done[chunk] = int(event.get("done", 0))
            report_progress(Progress("people", sum(done), len(people), "people"))

        futures = [
            build_people.submit(
                f"{chunk[0]}-{chunk[-1]}",
                chunk,
                recipe,
                place,
                self._processes,
                lambda event, number=number: watch(number, event),
            )
            for number, chunk in enumerate(chunks)
        ]
        cpu_seconds = sum(future.result() for future in futures)
        if people:
            report_progress(Progress("people", len(people), len(people), "people"))
        return cpu_seconds

    def run(self, wanted: Round) -> Iterator[Claim]:
        """See ``ShardExecutor.run``."""
        attempt = render_shard.with_options(retries=self._policy.attempts - 1)
        futures = [
            attempt.submit(
                shard_label(shard),
                shard,
                wanted.recipe,
                wanted.place,
                self._processes,
                wanted.progress.on_event,
            )
            # An engine serves shards of its scene one after the other.
            for shard in sorted(wanted.shards, key=lambda shard: shard.scene)
        ]
        lost = LostShards()
        for future in as_completed(futures):
            try:
                yield future.result()
            except FactoryError as error:
                lost.add(error)
        lost.report()
