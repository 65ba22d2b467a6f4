"""From a recipe to a published snapshot: plan, people, shards, top-up rounds, publish."""

from __future__ import annotations

from typing import Any, cast

from prefect import flow
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows.alerts import tell_room
from flows.artifacts import artifact_key
from flows.executors import DEFAULT_POLICY, ExecutorKind, ShardPolicy, open_executor
from flows.expenses import expense
from flows.leftovers import sweep_leftovers
from flows.naming import build_run_name
from flows.parameters import Overrides, RecipeName, StoreChoice, Variants
from flows.places import DEFAULT_STORE, chosen_store, worker_count
from flows.rounds import build_people, finish_round, shard_ids
from flows.run_logs import STORY
from flows.stages import leave_page, stage_task
from manifests.claims import Claim
from manifests.dataset import Dataset
from manifests.reader import SnapshotReader
from manifests.recipe import Recipe
from manifests.shards import BuildPlan, ShardSpec
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.plan.planner import plan_build, plan_top_up
from tasks.plan.requests import resolve_recipe
from tasks.publish.candidates import ReadCrops, read_candidates
from tasks.publish.leases import lease
from tasks.publish.presence import require_present
from tasks.publish.publish import publish_dataset
from tasks.publish.published import find_published
from tasks.publish.selection import missing_crops, seen_by
from tasks.publish.videos import require_coder
from tasks.report.cost import cost_markdown, dataset_cost

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
    tell_room(dataset.store)
    if existing := find_published(request, dataset):
        require_present(dataset, existing)
        STORY.info("Nothing to do: %s", _published_words(dataset, existing))
        return existing
    require_coder(request)
    with (
        cost_sheet() as costs,
        open_executor(where, policy) as executor,
        lease(dataset, "build"),
    ):
        with expense(costs, "plan", dataset):
            plan = plan_shards(request)
        STORY.info("Planned %s", _planned_words(request, plan))
        build_people(plan, request, dataset, executor, costs)
        plans, claims = [plan], finish_round(plan, request, dataset, executor, costs)
        known = ReadCrops()
        for number in range(1, request.max_rounds + 1):
            candidates = read_candidates(dataset.store, claims, known)
            deficits = missing_crops(request, candidates)
            if not deficits:
                break
            STORY.info(
                "%d of %d people are short of crops, %d in all: top-up round %d of at most %d",
                len(deficits),
                request.people.count,
                sum(deficits.values()),
                number,
                request.max_rounds,
            )
            seen = seen_by(candidates, deficits)
            plans.append(plan_missing(request, plans[0], deficits, number, seen))
            claims |= finish_round(plans[-1], request, dataset, executor, costs)
        with expense(costs, "publish", dataset):
            snapshot = publish_snapshot(request, dataset, plans, claims, known)
        STORY.info("Published %s", _published_words(dataset, snapshot))
        tell_room(dataset.store)
        shards = [(shard, claims[key]) for plan in plans for key, shard in shard_ids(plan, request)]
        leave_cost(SnapshotReader(dataset, snapshot), shards)
        return snapshot


def _planned_words(recipe: Recipe, plan: BuildPlan) -> str:
    places = sorted({f"{shard.scene} by {shard.light}" for shard in plan.shards})
    return (
        f"{recipe.name}: {recipe.people.count} people, {recipe.images_per_person} images each, in "
        f"{len(plan.shards)} shards ({', '.join(places)})"
    )


def _published_words(dataset: Dataset, snapshot: Snapshot) -> str:
    return (
        f"{snapshot.dataset}, snapshot {snapshot.number}: {snapshot.people} people, "
        f"{snapshot.crops} crops, content digest {snapshot.content_digest}, in "
        f"{dataset.store.address}/{dataset.name}"
    )


def leave_cost(reader: SnapshotReader, shards: list[tuple[ShardSpec, Claim]]) -> None:
    """Leave a page with what the data set has cost so far, stage by stage, as an artifact."""
    cost = dataset_cost(reader, shards)
    about = (
        f"Data set {cost.dataset}: {cost.total_cpu_seconds:,.0f} CPU-seconds, "
        f"{1000 * cost.total_cpu_seconds / cost.crops:,.1f} CPU-ms per crop"
    )
    leave_page(artifact_key("cost", cost.dataset), about, cost_markdown(cost))


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
    from tasks.report.build import card_markdown, store_report  # what frames need not wait for

    snapshot = publish_dataset(recipe, dataset, plans, claims, flow_run.name or "", known)
    reader = SnapshotReader(dataset, snapshot)
    store_report(reader)
    about = f"Data set {recipe.name}, snapshot {snapshot.number}"
    leave_page(artifact_key("dataset", recipe.name), about, card_markdown(reader))
    return snapshot
