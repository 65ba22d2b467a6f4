"""Prefect tasks of the plan stage."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from manifests.recipe import Recipe
from manifests.shards import BuildPlan
from tasks.plan.planner import plan_build, plan_top_up


@task(
    name="plan",
    description="Turn a recipe into shards; refuse what no scene can deliver.",
    cache_policy=NO_CACHE,
    persist_result=False,
)
def plan_shards(recipe: Recipe) -> BuildPlan:
    """See ``planner.plan_build``."""
    return plan_build(recipe)


@task(name="plan-top-up", cache_policy=NO_CACHE, persist_result=False)
def plan_missing(
    recipe: Recipe, plan: BuildPlan, deficits: dict[int, int], round_number: int
) -> BuildPlan:
    """Bounded extra shards for people with too few crops; see ``planner.plan_top_up``."""
    return plan_top_up(recipe, plan, deficits, round_number)
