"""Render one shard of a stored plan: what a work pool's workers run."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from typing import Annotated, Any

from prefect import flow, get_run_logger
from pydantic import Field

from flows.executors.processes import LocalProcesses
from flows.parameters import DatasetName, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset, work_folder
from flows.standing_aside import stand_aside
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.identity import render_id as identity_of
from manifests.recipe import Recipe
from manifests.requests import read_recipe
from manifests.shards import ShardSpec
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
    position: Annotated[int, Field(ge=0)],
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
        position: Which shard of the plan, from 0.
        render_id: Identity of that shard.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        attempt: Which attempt at the shard this is.
        timeout_minutes: An attempt that takes longer is ended.
    """
    opened = chosen_dataset(dataset, store)
    where = ShardPlace(opened, recipe_digest, plan_digest, position, render_id)
    with LocalProcesses(timeout=60.0 * timeout_minutes) as processes:
        return render_stored_shard(where, attempt, processes)


@dataclass(frozen=True)
class ShardPlace:
    """Where a shard of a stored plan is found; see ``render_shard``."""

    dataset: Dataset
    recipe_digest: str
    plan_digest: str
    position: int
    render_id: str

    def read(self) -> tuple[Recipe, ShardSpec]:
        """The recipe and the shard; ``NotFound`` if the plan has another one there."""
        dataset = self.dataset
        recipe = read_recipe(dataset, self.recipe_digest)
        # Only this one of perhaps thousands is validated.
        shards = json.loads(dataset.store.get(dataset.plan_key(self.plan_digest)))["shards"]
        if self.position < len(shards):
            shard = ShardSpec.model_validate(shards[self.position])
            if identity_of(shard) == self.render_id:
                return recipe, shard
        raise NotFound(
            f"plan {self.plan_digest} of {dataset.name} has no shard {self.render_id} at position "
            f"{self.position}"
        )


def render_stored_shard(where: ShardPlace, attempt: int, runner: JobRunner) -> Claim:
    """Look the shard up in the store and have ``runner`` carry it out; see ``render_shard``."""
    recipe, shard = where.read()
    stand_aside(shard)
    events = _EventLines(get_run_logger(), f"shard {shard_label(shard)}, attempt {attempt}")
    place = BuildPlace(where.dataset, work_folder(where.dataset.name))
    claim = run_shard(shard, recipe, place, runner, events)
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
