"""What a data set was asked for with, stored beside it by digest: the recipe and its plans."""

from __future__ import annotations

from collections.abc import Iterator

from manifests.dataset import Dataset
from manifests.identity import canonical_json, digest
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe, parse_recipe, recipe_digest
from manifests.shards import BuildPlan


def keep_recipe(dataset: Dataset, recipe: Recipe) -> str:
    """Store a recipe; its digest."""
    name = recipe_digest(recipe)
    dataset.store.put(dataset.recipe_key(name), dump_recipe(recipe).encode())
    return name


def read_recipe(dataset: Dataset, name: str) -> Recipe:
    """The recipe with the digest ``name``; ``NotFound`` if it is not stored."""
    return parse_recipe(dataset.store.get(dataset.recipe_key(name)).decode())


def keep_plan(dataset: Dataset, plan: BuildPlan) -> str:
    """Store the plan of a round; its digest."""
    name = digest(plan)
    dataset.store.put(dataset.plan_key(name), canonical_json(plan))
    return name


def read_plan(dataset: Dataset, name: str) -> BuildPlan:
    """The plan with the digest ``name``; ``NotFound`` if it is not stored."""
    return _plan_at(dataset, dataset.plan_key(name))


def kept_plans(dataset: Dataset) -> Iterator[BuildPlan]:
    """Every plan that is stored, of whatever recipe and round."""
    for found in dataset.store.list(dataset.plans_prefix):
        yield _plan_at(dataset, found.key)


def _plan_at(dataset: Dataset, key: str) -> BuildPlan:
    return BuildPlan.model_validate_json(dataset.store.get(key))
