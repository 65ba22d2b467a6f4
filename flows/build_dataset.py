"""From a recipe to a published snapshot: plan, people, shards, top-up rounds, publish."""

from __future__ import annotations

from typing import Any, cast

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows.artifacts import artifact_key
from flows.executors import DEFAULT_POLICY, ExecutorKind, ShardPolicy, open_executor
from flows.expenses import expense
from flows.leftovers import sweep_leftovers
from flows.naming import build_run_name
from flows.parameters import Overrides, RecipeName, StoreChoice, Variants
from flows.places import DEFAULT_STORE, chosen_store, worker_count
from flows.rounds import build_people, finish_round
from flows.stages import leave_page, stage_task
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.shards import BuildPlan
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.plan.planner import plan_build, plan_top_up
from tasks.plan.requests import resolve_recipe
from tasks.publish.candidates import ReadCrops, read_candidates
from tasks.publish.publish import publish_dataset
from tasks.publish.published import find_published
from tasks.publish.selection import missing_crops, seen_by
from tasks.report.build import card_markdown, store_report

plan_shards = stage_task(
    name="plan", description="Turn a recipe into shards; refuse what no scene can deliver."
)(plan_build)
plan_missing = stage_task(name="plan-top-up")(plan_top_up)


@flow(
    name="build_dataset",
    flow_run_name=build_run_name,
    description="Build and publish the data set that a recipe asks for.",
    task_runner=cast(Any, ThreadPoolTaskRunner(max_workers=worker_count())),  # invariant in futures
)
def build_dataset(
    recipe: RecipeName = "demo",
    variants: Variants = [],  # noqa: B006  (Prefect shows defaults in its forms)
    overrides: Overrides = {},  # noqa: B006
    store: StoreChoice = DEFAULT_STORE,
    where: ExecutorKind = ExecutorKind.local,
    policy: ShardPolicy = DEFAULT_POLICY,
) -> Snapshot:
    """Every step is resumable: shards that are claimed in the store are not rendered again.

    Args:
        recipe: A shipped recipe's name or a YAML file.
        variants: Corner-case overlays; they combine.
        overrides: Recipe fields to change, e.g. {"people.count": 64}.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        where: On this machine, or by the `render` work pool.
        policy: How much patience to have with each shard.
    """
    request = resolve_recipe(recipe, variants, overrides)
    dataset = Dataset(request.name, chosen_store(store))
    sweep_leftovers(dataset)
    if existing := find_published(request, dataset):
        return existing
    with cost_sheet() as costs, open_executor(where, policy) as executor:
        with expense(costs, "plan", dataset):
            plan = plan_shards(request)
        build_people(plan, request, dataset, executor, costs)
        plans, claims = [plan], finish_round(plan, request, dataset, executor, costs)
        known = ReadCrops()
        for number in range(1, request.max_rounds + 1):
            candidates = read_candidates(dataset.store, claims, known)
            deficits = missing_crops(request, candidates)
            if not deficits:
                break
            seen = seen_by(candidates, deficits)
            plans.append(plan_missing(request, plans[0], deficits, number, seen))
            claims |= finish_round(plans[-1], request, dataset, executor, costs)
        with expense(costs, "publish", dataset):
            return publish_snapshot(request, dataset, plans, claims, known)


@stage_task(
    name="publish",
    description="Select exactly the asked crops, write parts and commit the snapshot.",
)
def publish_snapshot(
    recipe: Recipe,
    dataset: Dataset,
    plans: list[BuildPlan],
    claims: dict[str, Claim],
    known: ReadCrops,
) -> Snapshot:
    """See ``publish.publish_dataset``; stores a report beside the data and leaves a card with a
    gallery as an artifact."""
    snapshot = publish_dataset(recipe, dataset, plans, claims, flow_run.name or "", known)
    reader = SnapshotReader(dataset, snapshot)
    store_report(reader)
    about = f"Data set {recipe.name}, snapshot {snapshot.number}"
    leave_page(artifact_key("dataset", recipe.name), about, card_markdown(reader))
    return snapshot
