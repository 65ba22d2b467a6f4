"""Whether a recipe is published already, found out without touching any data."""

from __future__ import annotations

from manifests.dataset import Dataset
from manifests.errors import NotFound
from manifests.identity import ANNOTATION_VERSION, DATA_VERSION
from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from manifests.snapshots import Snapshot, read_snapshots, snapshot_numbers, standing_numbers
from manifests.withdrawals import read_withdrawal
from synth_workers.engine import ENGINE_VERSION
from synth_workers.scenes.library import scene_version


def production_versions(recipe: Recipe) -> dict[str, str]:
    """Everything besides the recipe that decides pixels and labels; ``BadScene`` if one is missing.

    Of a game's level the manifest is known; its content is what the recipe's ``build`` stands for.
    """
    versions = {"data": str(DATA_VERSION), "annotation": str(ANNOTATION_VERSION)}
    versions["engine"] = recipe.engine.version or ENGINE_VERSION
    for name in Places(recipe).used():
        versions[f"scene {name}"] = str(scene_version(name))
    return versions


def find_published(recipe: Recipe, dataset: Dataset) -> Snapshot | None:
    """The newest snapshot that this recipe, this code and these scenes would make again.

    ``NotFound`` if all of these are withdrawn: what they would make again is withdrawn, too.
    """
    wanted, withdrawn = (recipe_digest(recipe), production_versions(recipe)), None
    standing = set(standing_numbers(dataset))
    for snapshot in read_snapshots(dataset, reversed(snapshot_numbers(dataset))):
        if (snapshot.recipe_digest, snapshot.versions) == wanted:
            if snapshot.number in standing:
                return snapshot
            withdrawn = withdrawn or snapshot.number
    if withdrawn is not None:
        raise NotFound(
            f"{dataset.store.uri}: this recipe is published as snapshot {withdrawn} of "
            f"{dataset.name!r}, which was {read_withdrawal(dataset, withdrawn)}; change the recipe,"
            f" or take it back with `unrealperson withdraw {dataset.name} {withdrawn} --undo`"
        )
    return None
