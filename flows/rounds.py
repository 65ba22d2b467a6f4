"""One round of a build: which shards lack a claim, running them, and watching them end."""

from __future__ import annotations

import time
from uuid import UUID

from prefect.artifacts import (
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.executors import ShardExecutor
from flows.places import work_folder
from manifests.claims import Claim, read_claims
from manifests.identity import crop_id, render_id
from manifests.layout import DatasetLayout
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from manifests.stores import open_store
from tasks.accounting import CostSheet
from tasks.render.jobs import BuildPlace, shard_label
from tasks.render.watching import RoundProgress

Claims = dict[str, Claim]
"""Winning claims by crop_id."""


def build_people(recipe: Recipe, store: str, executor: ShardExecutor, costs: CostSheet) -> None:
    """Have the executor build the recipe's people where that can be done beforehand."""
    started = time.monotonic()
    cpu_seconds = executor.prepare(recipe, _place(recipe, store))
    costs.add("people", seconds=time.monotonic() - started, cpu_seconds=cpu_seconds)


def finish_round(
    plan: BuildPlan, recipe: Recipe, store: str, executor: ShardExecutor, costs: CostSheet
) -> Claims:
    """Run every shard of ``plan`` that has no claim yet; all claims of the plan."""
    ids = {_crop_id(shard, recipe): shard for shard in plan.shards}
    claims = read_claims(open_store(store), DatasetLayout(recipe.name), "crops", ids)
    missing = [shard for identity, shard in ids.items() if identity not in claims]
    stage = "render" if plan.round == 0 else f"top-up {plan.round}"
    progress = RoundProgress(stage, len(ids))
    for claim in claims.values():
        progress.finished(claim.render_id, sum(claim.people.values()))
    artifact: UUID = create_progress_artifact(  # pyright: ignore[reportAssignmentType]
        progress=100.0 * len(claims) / len(ids),
        key=stage.replace(" ", "-"),
        description=f"Shards of {recipe.name}, {stage}",
    )
    started = time.monotonic()
    finishing = executor.run(plan, missing, recipe, _place(recipe, store), progress)
    for finished, claim in enumerate(finishing, start=1):
        claims[claim.id] = claim
        progress.finished(claim.render_id, sum(claim.people.values()))
        remaining = (time.monotonic() - started) / finished * (len(missing) - finished)
        update_progress_artifact(
            artifact,
            progress=100.0 * len(claims) / len(ids),
            description=(
                f"{len(claims)} of {len(ids)} shards of {recipe.name}, "
                f"{progress.crops} crops; about {remaining:.0f} s to go"
            ),
        )
    costs.add(stage, seconds=time.monotonic() - started)
    for claim in claims.values():
        for name, cpu_seconds in claim.cpu_seconds.items():
            costs.add(name, cpu_seconds=cpu_seconds)
    create_table_artifact(
        [_table_row(shard, claims[identity]) for identity, shard in ids.items()],
        key=f"shards-{stage.replace(' ', '-')}",
        description=f"Shards of {recipe.name}",
    )
    return claims


def _table_row(shard: ShardSpec, claim: Claim) -> dict[str, str | float]:
    crops = sum(claim.people.values())
    return {
        "shard": shard_label(shard),
        "people": len(shard.people),
        "frames": claim.frames,
        "crops": crops,
        "crops per frame": round(crops / max(1, claim.frames), 1),
        "CPU-s": round(sum(claim.cpu_seconds.values()), 1),
        "host": claim.host,
    }


def _crop_id(shard: ShardSpec, recipe: Recipe) -> str:
    return crop_id(render_id(shard), recipe.annotation)


def _place(recipe: Recipe, store: str) -> BuildPlace:
    return BuildPlace(store, recipe.name, work_folder(recipe.name))
