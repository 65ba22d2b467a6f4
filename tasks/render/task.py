"""Prefect tasks of the render stage: one task run per shard, retried when it may help."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.runtime import task_run

from manifests.claims import Claim
from manifests.errors import FactoryError
from manifests.identity import render_id
from manifests.recipe import Recipe
from manifests.shards import ShardSpec
from tasks.render.jobs import BuildPlace, JobRunner, OnEvent, run_people, run_shard


def _may_help(_: Any, __: TaskRun, state: State[Any]) -> bool:
    """Retry only faults that may pass: a lost engine or store, never a wrong recipe."""
    error = state.result(raise_on_failure=False)
    return error.retryable if isinstance(error, FactoryError) else False


@task(
    name="render-shard",
    task_run_name="{label}",
    description="Render, annotate, store and claim one shard.",
    retries=2,
    retry_delay_seconds=[1, 5],
    retry_condition_fn=_may_help,
    cache_policy=NO_CACHE,
    persist_result=False,
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


@task(
    name="build-people",
    task_run_name="people-{label}",
    description="Build people's meshes and motions into this host's cache.",
    retries=1,
    retry_condition_fn=_may_help,
    cache_policy=NO_CACHE,
    persist_result=False,
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
