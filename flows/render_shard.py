"""Render one shard of a stored plan: what a work pool's workers run."""

from __future__ import annotations

import logging
import time
from typing import Annotated, Any

from prefect import flow, get_run_logger
from pydantic import Field

from flows.executors.processes import LocalProcesses
from flows.parameters import DatasetName, StoreChoice
from flows.places import DEFAULT_STORE, store_uri, work_folder
from flows.standing_aside import stand_aside
from manifests.claims import Claim
from manifests.errors import NotFound
from manifests.identity import render_id as identity_of
from manifests.layout import DatasetLayout
from manifests.recipes_io import parse_recipe
from manifests.shards import BuildPlan
from manifests.stores import open_store
from tasks.render.jobs import BuildPlace, JobRunner, run_shard, shard_label

_SECONDS_BETWEEN_LINES = 15.0

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]


@flow(
    name="render_shard",
    description="Render, annotate, store and claim one shard of a stored plan.",
)
def render_shard(
    dataset: DatasetName,
    recipe_digest: Digest,
    plan_digest: Digest,
    render_id: Digest,
    store: StoreChoice = DEFAULT_STORE,
    attempt: Annotated[int, Field(ge=1)] = 1,
    timeout_minutes: Annotated[int, Field(ge=1, le=1440)] = 60,
) -> Claim:
    """The winning claim: this run's, or an earlier attempt's.

    Args:
        dataset: Name of a published data set.
        recipe_digest: Digest of the stored recipe.
        plan_digest: Digest of the stored plan.
        render_id: Which shard of the plan.
        store: Folder, s3://bucket/prefix or, on a farm, a name of its list; `default` is the
            worker's own.
        attempt: Which attempt at the shard this is.
        timeout_minutes: An attempt that takes longer is ended.
    """
    with LocalProcesses(timeout=60.0 * timeout_minutes) as processes:
        return render_stored_shard(
            dataset, recipe_digest, plan_digest, render_id, store_uri(store), attempt, processes
        )


def render_stored_shard(
    dataset: str,
    recipe_digest: str,
    plan_digest: str,
    render_id: str,
    store: str,
    attempt: int,
    runner: JobRunner,
) -> Claim:
    """Look the shard up in the store and have ``runner`` carry it out; see ``render_shard``."""
    opened, layout = open_store(store), DatasetLayout(dataset)
    recipe = parse_recipe(opened.get(layout.recipe_key(recipe_digest)).decode())
    plan = BuildPlan.model_validate_json(opened.get(layout.plan_key(plan_digest)))
    shards = [shard for shard in plan.shards if identity_of(shard) == render_id]
    if not shards:
        raise NotFound(f"plan {plan_digest} of {dataset} has no shard {render_id}")
    stand_aside(shards[0])
    events = _EventLines(get_run_logger(), f"shard {shard_label(shards[0])}, attempt {attempt}")
    place = BuildPlace(store, dataset, work_folder(dataset))
    claim = run_shard(shards[0], recipe, place, runner, events)
    events.say("claimed by attempt %s of host %s", claim.attempt, claim.host)
    return claim


class _EventLines:
    """Progress events as lines of the run's log, thinned out."""

    def __init__(self, logger: logging.Logger | logging.LoggerAdapter, subject: str) -> None:
        self._logger, self._subject = logger, subject
        self._last = 0.0

    def say(self, message: str, *arguments: object) -> None:
        self._logger.info(f"%s: {message}", self._subject, *arguments)

    def __call__(self, event: dict[str, Any]) -> None:
        now = time.monotonic()
        finished = event.get("frames") == event.get("frames_expected")
        if finished or now - self._last >= _SECONDS_BETWEEN_LINES:
            self._last = now
            self.say(
                "%s of %s frames, about %s crops",
                event.get("frames"),
                event.get("frames_expected"),
                event.get("crops"),
            )
