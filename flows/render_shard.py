"""Render shards of a stored plan, one after the other: what a work pool's workers run."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

from prefect import flow, get_run_logger
from pydantic import BaseModel, ConfigDict, Field

from flows.executors.processes import LocalProcesses
from flows.parameters import DatasetName, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset, work_folder
from flows.stages import stage_task
from flows.standing_aside import stand_aside, standing_aside_without_room
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.identity import crop_id
from manifests.identity import render_id as identity_of
from manifests.requests import read_recipe
from manifests.shards import ShardSpec
from tasks.render.jobs import BuildPlace, JobRunner, OnEvent, run_shard, shard_label

_SECONDS_BETWEEN_LINES = 15.0

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
Position = Annotated[int, Field(ge=0)]
Attempt = Annotated[int, Field(ge=1)]


class AskedShard(BaseModel):
    """A shard of a stored plan, and which attempt at it is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    position: Position
    render_id: Digest
    attempt: Attempt = 1


@flow(
    name="render_shard",
    description="Render, annotate, store and claim shards of a stored plan.",
)
def render_shard(
    dataset: DatasetName,
    recipe_digest: Digest,
    plan_digest: Digest,
    position: Position,
    render_id: Digest,
    store: StoreChoice = DEFAULT_STORE,
    attempt: Attempt = 1,
    timeout_minutes: Annotated[int, Field(ge=1, le=1440)] = 60,
    more: list[AskedShard] = [],  # noqa: B006  (Prefect shows defaults in its forms)
) -> list[Claim]:
    """The winning claims: this run's, or those of earlier attempts. Ends with the first error.

    Args:
        dataset: Name of a published data set.
        recipe_digest: Digest of the stored recipe.
        plan_digest: Digest of the stored plan.
        position: Which shard of the plan, from 0.
        render_id: Identity of that shard.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        attempt: Which attempt at the shard this is.
        timeout_minutes: An attempt that takes longer is ended.
        more: Further shards of the plan, carried out after it.
    """
    plan = StoredPlan(chosen_dataset(dataset, store), recipe_digest, plan_digest)
    first = AskedShard(position=position, render_id=render_id, attempt=attempt)
    with LocalProcesses(timeout=60.0 * timeout_minutes) as processes:
        return render_stored_shards(plan, [first, *more], processes)


class StoredPlan:
    """A recipe and the shards that were planned for it, read from the store once for all shards."""

    def __init__(self, dataset: Dataset, recipe_digest: str, plan_digest: str) -> None:
        self.dataset = dataset
        self.recipe = read_recipe(dataset, recipe_digest)
        self._digest = plan_digest
        self._shards = json.loads(dataset.store.get(dataset.plan_key(plan_digest)))["shards"]

    def shard(self, asked: AskedShard) -> ShardSpec:
        """The shard that is asked for; ``NotFound`` if the plan has another one there."""
        # Only these of perhaps thousands are validated.
        if asked.position < len(self._shards):
            shard = ShardSpec.model_validate(self._shards[asked.position])
            if identity_of(shard) == asked.render_id:
                return shard
        raise NotFound(
            f"plan {self._digest} of {self.dataset.name} has no shard {asked.render_id} at "
            f"position {asked.position}"
        )


def render_stored_shards(
    plan: StoredPlan, wanted: Sequence[AskedShard], runner: JobRunner
) -> list[Claim]:
    """Have ``runner`` carry shards out one after the other, a task run each; see ``render_shard``.

    Whoever sent them relies on the order: of those without a claim when the run has ended, the
    first was under way and no other had begun.
    """
    claims: list[Claim] = []
    with standing_aside_without_room():
        place = BuildPlace(plan.dataset, work_folder(plan.dataset.name))
        for asked in wanted:
            shard = plan.shard(asked)
            done = crop_id(asked.render_id, plan.recipe.annotation)
            claim = read_claims(plan.dataset, "crops", [done]).get(done)
            if claim is None:
                stand_aside(shard)
                label = f"{shard_label(shard)}-{asked.attempt}"
                subject = f"shard {shard_label(shard)}, attempt {asked.attempt}"
                work = partial(run_shard, shard, plan.recipe, place, runner)
                claim = carry_out(label, subject, work)
            claims.append(claim)
    return claims


@stage_task(
    name="shard",
    task_run_name="{label}",
    description="Render, annotate, store and claim one shard.",
)
def carry_out(label: str, subject: str, work: Callable[[OnEvent], Claim]) -> Claim:
    """Do the ``work`` at a shard, telling in the log of the run how it goes."""
    events = _EventLines(get_run_logger(), subject)
    claim = work(events)
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
