"""Finds out whether a recipe is published already, without touching any data."""

from __future__ import annotations

from manifests.identity import ANNOTATION_VERSION, DATA_VERSION
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.snapshots import Snapshot, read_snapshot, snapshot_numbers
from manifests.stores import open_store


def find_published(recipe: Recipe, store_uri: str) -> Snapshot | None:
    """The newest snapshot that this very recipe and this version of the code would make."""
    store, digest = open_store(store_uri), recipe_digest(recipe)
    wanted = (digest, DATA_VERSION, ANNOTATION_VERSION)
    for number in reversed(snapshot_numbers(store, recipe.name)):
        snapshot = read_snapshot(store, recipe.name, number)
        if (snapshot.recipe_digest, snapshot.data_version, snapshot.annotation_version) == wanted:
            return snapshot
    return None
