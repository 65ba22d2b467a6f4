"""Which versions of code and scenes would make a data set, if it were made now."""

from __future__ import annotations

from manifests.identity import ANNOTATION_VERSION, DATA_VERSION
from manifests.recipe import Recipe
from synth_workers.engine import ENGINE_VERSION
from synth_workers.scenes.library import read_scene


def production_versions(recipe: Recipe) -> dict[str, str]:
    """Everything besides the recipe that decides pixels and labels; ``BadScene`` if one is missing.

    Levels of UE4 have no version that we know of: their content is whatever the engine serves.
    """
    versions = {"data": str(DATA_VERSION), "annotation": str(ANNOTATION_VERSION)}
    if recipe.engine.kind == "embedded":
        versions["engine"] = ENGINE_VERSION
        for scene in recipe.scenes:
            versions[f"scene {scene.name}"] = str(read_scene(scene.name).version)
    return versions
