"""Finds out whether a recipe is published already, without touching any data."""

from __future__ import annotations

from manifests.dataset import Dataset
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.snapshots import Snapshot, read_snapshot, snapshot_numbers
from tasks.publish.versions import production_versions


def find_published(recipe: Recipe, dataset: Dataset) -> Snapshot | None:
    """The newest snapshot that this recipe, this code and these scenes would make again."""
    wanted = recipe_digest(recipe), production_versions(recipe)
    for number in reversed(snapshot_numbers(dataset)):
        snapshot = read_snapshot(dataset, number)
        if (snapshot.recipe_digest, snapshot.versions) == wanted:
            return snapshot
    return None
