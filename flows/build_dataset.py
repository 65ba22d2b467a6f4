"""From a recipe to a published snapshot: plan, people, shards, top-up rounds, publish."""

from __future__ import annotations

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows.executors import DEFAULT_POLICY, ExecutorKind, ShardPolicy, open_executor
from flows.expenses import expense
from flows.naming import build_run_name
from flows.parameters import Overrides, RecipeName, StoreChoice, Variants
from flows.places import DEFAULT_STORE, chosen_store, worker_count
from flows.rounds import build_people, finish_round
from manifests.dataset import Dataset
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.plan.requests import resolve_recipe
from tasks.plan.task import plan_missing, plan_shards
from tasks.publish.candidates import ReadCrops, read_candidates
from tasks.publish.published import find_published
from tasks.publish.selection import missing_crops
from tasks.publish.task import publish_snapshot


@flow(  # pyright: ignore[reportCallIssue]  (the runner's type variable)
    name="build_dataset",
    flow_run_name=build_run_name,
    description="Build and publish the data set that a recipe asks for.",
    task_runner=ThreadPoolTaskRunner(max_workers=worker_count()),  # pyright: ignore[reportArgumentType]
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
        store: Folder, s3://bucket/prefix or, on a farm, a name of its list; `default` is the
            worker's own.
        where: On this machine, or by the `render` work pool.
        policy: How much patience to have with each shard.
    """
    request = resolve_recipe(recipe, variants, overrides)
    dataset = Dataset(request.name, chosen_store(store))
    if existing := find_published(request, dataset):
        return existing
    with cost_sheet() as costs, open_executor(where, policy) as executor:
        with expense(costs, "plan", dataset):
            plan = plan_shards(request)
        build_people(request, dataset, executor, costs)
        plans, claims = [plan], finish_round(plan, request, dataset, executor, costs)
        known = ReadCrops()
        for number in range(1, request.max_rounds + 1):
            deficits = missing_crops(request, read_candidates(dataset.store, claims, known))
            if not deficits:
                break
            plans.append(plan_missing(request, plans[0], deficits, number))
            claims |= finish_round(plans[-1], request, dataset, executor, costs)
        with expense(costs, "publish", dataset):
            return publish_snapshot(request, dataset, plans, claims, known)
