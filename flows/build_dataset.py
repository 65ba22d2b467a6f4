"""From a recipe to a published snapshot: plan, people, shards, top-up rounds, publish."""

from __future__ import annotations

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows.executors import ExecutorKind, open_executor
from flows.places import worker_count
from flows.rounds import build_people, finish_round
from manifests.recipes_io import Variant, load_recipe
from manifests.snapshots import Snapshot
from tasks.accounting import cost_sheet
from tasks.plan.task import plan_missing, plan_shards
from tasks.publish.published import find_published
from tasks.publish.selection import missing_crops
from tasks.publish.task import publish_snapshot


@flow(  # pyright: ignore[reportCallIssue]  (the runner's type variable)
    name="build_dataset",
    flow_run_name="{recipe}",
    description="Build and publish the data set that a recipe asks for.",
    task_runner=ThreadPoolTaskRunner(max_workers=worker_count()),  # pyright: ignore[reportArgumentType]
)
def build_dataset(
    recipe: str = "demo",
    variants: list[Variant] = [],  # noqa: B006  (Prefect shows defaults in its forms)
    overrides: dict[str, object] = {},  # noqa: B006
    store: str = "out/store",
    where: ExecutorKind = ExecutorKind.local,
) -> Snapshot:
    """Every step is resumable: shards that are claimed in the store are not rendered again.

    Args:
        recipe: A shipped recipe's name or a YAML file.
        variants: Corner-case overlays, applied in order.
        overrides: Recipe fields to change, e.g. {"people": {"count": 64}}.
        store: Folder or s3://bucket/prefix.
        where: On this machine, or by the `render` work pool.
    """
    request = load_recipe(recipe, variants, overrides)
    if existing := find_published(request, store):
        return existing
    with cost_sheet() as costs, open_executor(where) as executor:
        with costs.measure("plan"):
            plan = plan_shards(request)
        build_people(request, store, executor, costs)
        plans, claims = [plan], finish_round(plan, request, store, executor, costs)
        for number in range(1, request.max_rounds + 1):
            deficits = missing_crops(request, store, claims)
            if not deficits:
                break
            plans.append(plan_missing(request, plans[0], deficits, number))
            claims |= finish_round(plans[-1], request, store, executor, costs)
        with costs.measure("publish"):
            return publish_snapshot(request, store, plans, claims)
