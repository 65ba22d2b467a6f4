"""One round of a build: which shards lack a claim, running them, and watching them end."""

from __future__ import annotations

import time

from prefect.artifacts import (
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.futures import as_completed

from flows.executors import LocalExecutor
from flows.places import work_folder, worker_count
from manifests.claims import Claim, read_claims
from manifests.identity import crop_id, render_id
from manifests.layout import DatasetLayout
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from manifests.stores import open_store
from tasks.accounting import CostSheet
from tasks.progress import Progress, report_progress
from tasks.render.jobs import BuildPlace
from tasks.render.task import build_people, render_shard
from tasks.render.watching import RoundProgress

Claims = dict[str, Claim]
"""Winning claims by crop_id."""


def shard_crop_id(shard: ShardSpec, recipe: Recipe) -> str:
    """The crop_id under which a shard's crops are claimed by this recipe's annotation rules."""
    return crop_id(render_id(shard), recipe.annotation)


def existing_claims(plan: BuildPlan, recipe: Recipe, store: str) -> Claims:
    """Claims that the store already holds for shards of ``plan``."""
    ids = [shard_crop_id(shard, recipe) for shard in plan.shards]
    return read_claims(open_store(store), DatasetLayout(recipe.name), "crops", ids)


def build_all_people(recipe: Recipe, store: str, executor: LocalExecutor, costs: CostSheet) -> None:
    """Fill this host's cache with the recipe's people, in as many processes as there are cores."""
    workers = worker_count()
    people = list(range(recipe.people.count))
    chunks = [chunk for start in range(workers) if (chunk := people[start::workers])]
    done = dict.fromkeys(range(len(chunks)), 0)
    started = time.monotonic()

    def on_event(event: dict[str, object], chunk: int) -> None:
        done[chunk] = int(str(event.get("done", 0)))
        report_progress(Progress("people", sum(done.values()), len(people), "people"))

    place = _place(recipe, store)
    futures = [
        build_people.submit(
            f"{chunk[0]}-{chunk[-1]}",
            chunk,
            recipe,
            place,
            executor,
            lambda event, number=number: on_event(event, number),
        )
        for number, chunk in enumerate(chunks)
    ]
    cpu_seconds = sum(future.result() for future in futures)
    costs.add("people", seconds=time.monotonic() - started, cpu_seconds=cpu_seconds)
    report_progress(Progress("people", len(people), len(people), "people"))


def finish_round(
    plan: BuildPlan, recipe: Recipe, store: str, executor: LocalExecutor, costs: CostSheet
) -> Claims:
    """Run every shard of ``plan`` that has no claim yet; all claims of the plan."""
    claims = existing_claims(plan, recipe, store)
    missing = [shard for shard in plan.shards if shard_crop_id(shard, recipe) not in claims]
    stage = "render" if plan.round == 0 else f"top-up {plan.round}"
    progress = RoundProgress(stage, len(plan.shards))
    for claim in claims.values():
        progress.finished(claim.render_id, sum(claim.people.values()))
    artifact = create_progress_artifact(
        progress=100.0 * len(claims) / max(1, len(plan.shards)),
        key=stage.replace(" ", "-"),
        description=f"Shards of {recipe.name}, {stage}",
    )
    started = time.monotonic()
    futures = [
        render_shard.submit(
            _label(shard), shard, recipe, _place(recipe, store), executor, progress.on_event
        )
        for shard in missing
    ]
    for future in as_completed(futures):
        claim = future.result()
        claims[claim.id] = claim
        progress.finished(claim.render_id, sum(claim.people.values()))
        seconds = time.monotonic() - started
        finished = len(claims) - (len(plan.shards) - len(missing))
        remaining = seconds / max(1, finished) * (len(plan.shards) - len(claims))
        update_progress_artifact(
            artifact,
            progress=100.0 * len(claims) / len(plan.shards),
            description=(
                f"{len(claims)} of {len(plan.shards)} shards of {recipe.name}, "
                f"{progress.crops} crops; about {remaining:.0f} s to go"
            ),
        )
    costs.add(stage, seconds=time.monotonic() - started)
    for claim in claims.values():
        for name, cpu_seconds in claim.cpu_seconds.items():
            costs.add(name, cpu_seconds=cpu_seconds)
    _publish_shard_table(plan, recipe, claims, stage)
    return claims


def _publish_shard_table(plan: BuildPlan, recipe: Recipe, claims: Claims, stage: str) -> None:
    rows = []
    for shard in plan.shards:
        claim = claims[shard_crop_id(shard, recipe)]
        cpu = sum(claim.cpu_seconds.values())
        crops = sum(claim.people.values())
        rows.append(
            {
                "shard": _label(shard),
                "people": len(shard.people),
                "frames": claim.frames,
                "crops": crops,
                "crops per frame": round(crops / max(1, claim.frames), 1),
                "CPU-s": round(cpu, 1),
                "host": claim.host,
            }
        )
    create_table_artifact(
        rows, key=f"shards-{stage.replace(' ', '-')}", description=f"Shards of {recipe.name}"
    )


def _label(shard: ShardSpec) -> str:
    first, last = shard.people[0].index, shard.people[-1].index
    return f"{shard.scene}-{shard.light}-{first}-{last}-{render_id(shard)[:6]}"


def _place(recipe: Recipe, store: str) -> BuildPlace:
    return BuildPlace(store, recipe.name, work_folder(recipe.name))
