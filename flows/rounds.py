"""One round of a build: which shards lack a claim, running them, and watching them end."""

from __future__ import annotations

import logging
import time

from flows.artifacts import RoundArtifacts
from flows.executors import Round, ShardExecutor
from flows.places import work_folder
from manifests.claims import Claim, read_claims
from manifests.dataset import Dataset
from manifests.expenses import record_expense
from manifests.identity import crop_id, render_id
from manifests.recipe import Recipe
from manifests.requests import keep_plan, keep_recipe
from manifests.shards import BuildPlan, ShardSpec
from tasks.accounting import CostSheet
from tasks.render.jobs import BuildPlace
from tasks.render.watching import RoundProgress

_log = logging.getLogger("unrealperson.build")

Claims = dict[str, Claim]
"""Winning claims by crop_id."""


def build_people(
    plan: BuildPlan, recipe: Recipe, dataset: Dataset, executor: ShardExecutor, costs: CostSheet
) -> None:
    """Have the executor build the plan's people where that can be done beforehand."""
    started = time.monotonic()
    cpu_seconds = executor.prepare(plan, recipe, _place(dataset))
    seconds = time.monotonic() - started
    costs.add("people", seconds=seconds, cpu_seconds=cpu_seconds)
    if cpu_seconds:
        record_expense(dataset, "people", cpu_seconds, seconds)


def shard_ids(plan: BuildPlan, recipe: Recipe) -> list[tuple[str, ShardSpec]]:
    """The shards of a plan by the crop_id under which the recipe's rules have them claimed."""
    return [(crop_id(render_id(shard), recipe.annotation), shard) for shard in plan.shards]


def finish_round(
    plan: BuildPlan, recipe: Recipe, dataset: Dataset, executor: ShardExecutor, costs: CostSheet
) -> Claims:
    """Run every shard of ``plan`` that has no claim yet; all claims of the plan."""
    ids = dict(shard_ids(plan, recipe))
    claims = read_claims(dataset, "crops", ids)
    missing = [shard for identity, shard in ids.items() if identity not in claims]
    stage = "render" if plan.round == 0 else f"top-up {plan.round}"
    keep_recipe(dataset, recipe)  # what a repair needs to know, also of a build that was killed
    keep_plan(dataset, plan)
    progress = RoundProgress(stage, len(ids))
    for claim in claims.values():
        progress.found(claim.render_id, sum(claim.people.values()))
    if claims and missing:
        _log.info("%d of %d shards are done already; %d to do", len(claims), len(ids), len(missing))
    artifacts = RoundArtifacts(dataset, stage, ids, progress)
    artifacts.update(claims)
    started, known = time.monotonic(), set(claims)
    try:
        for claim in executor.run(Round(plan, missing, recipe, _place(dataset), progress)):
            claims[claim.id] = claim
            progress.finished(claim.render_id, sum(claim.people.values()))
            artifacts.update(claims)
    finally:
        artifacts.update(claims, last=True)
    costs.add(stage, seconds=time.monotonic() - started)
    for identity in claims.keys() - known:
        for name, cpu_seconds in claims[identity].cpu_seconds.items():
            costs.add(name, cpu_seconds=cpu_seconds)
    return claims


def _place(dataset: Dataset) -> BuildPlace:
    return BuildPlace(dataset, work_folder(dataset.name))
