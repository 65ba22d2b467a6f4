"""Which versions of code and scenes would make a data set, if it were made now."""

from __future__ import annotations

from manifests.identity import ANNOTATION_VERSION, DATA_VERSION
from manifests.recipe import Recipe
from synth_workers.engine import ENGINE_VERSION
from synth_workers.scenes.library import scene_version


def production_versions(recipe: Recipe) -> dict[str, str]:
    """Everything besides the recipe that decides pixels and labels; ``BadScene`` if one is missing.

    Of a game's level the manifest is known; its content is what the recipe's ``build`` stands for.
    """
    versions = {"data": str(DATA_VERSION), "annotation": str(ANNOTATION_VERSION)}
    versions["engine"] = recipe.engine.version or ENGINE_VERSION
    for scene in recipe.scenes:
        versions[f"scene {scene.name}"] = str(scene_version(scene.name))
    return versions
