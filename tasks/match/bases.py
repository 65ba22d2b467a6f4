"""Recipes that can be matched, and what is rendered of them to see how they look."""

from __future__ import annotations

from typing import Any

from manifests.errors import BadRecipe
from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES

GROUPS = 4
"""Groups of people in a probe: as many as the lights of a scene that groups take in turn."""

PEOPLE_PER_GROUP = 10
IMAGES_PER_PERSON = 12


def check_base(base: Recipe) -> None:
    """``BadRecipe`` if no recipe can be made of ``base`` here."""
    probe_of(base)
    if base.annotation.rules != "native":
        raise BadRecipe(
            f"recipe {base.name}: its crops are cut by the rules `{base.annotation.rules}`, which "
            "have no looks; match a recipe with the rules `native`, e.g. unreal"
        )
    if base.annotation.looks not in ((), "drawn"):
        raise BadRecipe(
            f"recipe {base.name}: has looks already; match the recipe that they were fitted for"
        )


def probe_of(recipe: Recipe) -> Recipe:
    """A few people of ``recipe`` in all its places; ``BadRecipe`` if none can be rendered here."""
    if recipe.engine.kind != "embedded" or recipe.engine.contract != "person":
        raise BadRecipe(
            f"recipe {recipe.name}: is rendered by a game, and probes are by the engine that ships "
            "with this project; match another recipe, e.g. unreal"
        )
    size = min(PEOPLE_PER_GROUP, recipe.people.count)
    images = max(IMAGES_PER_PERSON, recipe.min_cameras_per_person)
    if isinstance(recipe.scenes_per_person, int):
        images = max(images, recipe.scenes_per_person)
    changes: dict[str, Any] = {
        "people.count": min(GROUPS * size, recipe.people.count),
        "shards.people_per_shard": size,
        "images_per_person": images,
        "splits": {"test_share": 0.0, "worlds": None},
        "keep_frames": True,
        "max_rounds": 0,
        "on_shortfall": "drop_person",
        "video": None,
        "ground_truth": [],
    }
    plain = recipe.model_dump(mode="json")
    return RECIPES.changed(plain, changes, f"{recipe.name} as a probe")
