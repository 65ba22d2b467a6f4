"""Render one shard of a stored plan: what a work pool's workers run."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows.executors.processes import LocalProcesses
from flows.places import work_folder
from manifests.claims import Claim
from manifests.errors import NotFound
from manifests.identity import render_id as identity_of
from manifests.layout import DatasetLayout
from manifests.recipes_io import parse_recipe
from manifests.shards import BuildPlan
from manifests.stores import open_store
from tasks.render.jobs import BuildPlace, run_shard


@flow(
    name="render_shard",
    description="Render, annotate, store and claim one shard of a stored plan.",
)
def render_shard(
    dataset: str,
    recipe_digest: str,
    plan_digest: str,
    render_id: str,
    store: str = "out/store",
) -> Claim:
    """The winning claim: this run's, or an earlier attempt's.

    Args:
        dataset: Name of a published data set.
        recipe_digest: Digest of the stored recipe.
        plan_digest: Digest of the stored plan.
        render_id: Which shard of the plan.
        store: Folder or s3://bucket/prefix.
    """
    opened, layout = open_store(store), DatasetLayout(dataset)
    recipe = parse_recipe(opened.get(layout.recipe_key(recipe_digest)).decode())
    plan = BuildPlan.model_validate_json(opened.get(layout.plan_key(plan_digest)))
    shards = [shard for shard in plan.shards if identity_of(shard) == render_id]
    if not shards:
        raise NotFound(f"plan {plan_digest} of {dataset} has no shard {render_id}")
    logger = get_run_logger()
    with LocalProcesses() as processes:
        return run_shard(
            shards[0],
            recipe,
            BuildPlace(store, dataset, work_folder(dataset)),
            processes,
            lambda event: logger.info("%s", event),
        )
