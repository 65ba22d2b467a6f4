"""Recipes in and out of YAML: shipped names, files, variants and overrides."""

from __future__ import annotations

import yaml

from manifests.identity import digest
from manifests.model import in_full
from manifests.recipe import Recipe
from manifests.settings import Form

RECIPES = Form(Recipe, "recipe", presets="manifests.recipes")

shipped_recipes = RECIPES.shipped
"""Names of the recipes that come with the package, sorted."""

load_recipe = RECIPES.load
"""A validated recipe: shipped by name, or from a YAML file; see ``tasks.plan.requests`` for one
under variants."""

parse_recipe = RECIPES.parse
"""The validated recipe that a YAML text says."""


def dump_recipe(recipe: Recipe, complete: bool = False) -> str:
    """The recipe as YAML, as stores keep it; loading it gives ``recipe``.

    ``complete``: also fields that releases added since and that nobody has set.
    """
    plain = in_full(recipe) if complete else recipe.model_dump(mode="json")
    return yaml.safe_dump(plain, sort_keys=False, width=100)


def recipe_digest(recipe: Recipe) -> str:
    """Identity of the complete request, defaults included."""
    return digest(recipe)
