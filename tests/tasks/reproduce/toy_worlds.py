"""Worlds of a reproduction, published without rendering: crops of noise in the right places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from manifests.dataset import Dataset
from manifests.identity import person_id
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.stores import Store
from tasks.publish.publish import publish_dataset
from tasks.reproduce.budgets import BUDGETS, Budget, BudgetName, Preset
from tasks.reproduce.worlds import BASE_RECIPE, world_recipe
from tests.manifests.claimed_shards import claim_rows, crop_row

_TINY = Preset("tiny", {"iterations": 2, "model": {"height": 32, "width": 16}})
TOY: Budget = replace(
    BUDGETS[BudgetName.smoke],
    synthetic=_TINY,
    target=_TINY,
    target_people=8,
    cameras=dict.fromkeys(("street", "crossing", "plaza", "supermarket"), 2),
)
"""The budget `smoke`, smaller still."""


def recipe_of(world: str, budget: Budget = TOY) -> Recipe:
    return load_recipe(BASE_RECIPE, world_recipe(world, budget, Path("pictures")))


def publish_world(store: Store, world: str, tmp: Path) -> Recipe:
    """Three crops of everybody in every camera, of which the recipe's number is published."""
    recipe = recipe_of(world)
    dataset, claims = Dataset(recipe.name, store), {}
    for scene in recipe.single_scenes:
        rows = [
            crop_row(person, scene.name, camera, frame, person_id=person_id(recipe.seed, person))
            | {"light": scene.lights[0]}
            for camera in scene.cameras
            for person in range(recipe.people.count)
            for frame in range(3)
        ]
        made = claim_rows(dataset, scene.name, rows, tmp)
        claims[made.id] = made
    publish_dataset(recipe, dataset, [], claims)
    return recipe
