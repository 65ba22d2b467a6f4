"""Finds out whether a recipe is published already, without touching any data."""

from __future__ import annotations

from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.snapshots import Snapshot, read_snapshot, snapshot_numbers
from manifests.stores import open_store
from tasks.publish.versions import production_versions


def find_published(recipe: Recipe, store_uri: str) -> Snapshot | None:
    """The newest snapshot that this recipe, this code and these scenes would make again."""
    store, wanted = open_store(store_uri), (recipe_digest(recipe), production_versions(recipe))
    for number in reversed(snapshot_numbers(store, recipe.name)):
        snapshot = read_snapshot(store, recipe.name, number)
        if (snapshot.recipe_digest, snapshot.versions) == wanted:
            return snapshot
    return None
