"""Recipes in and out of YAML: shipped names, files, variants and overrides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from manifests.identity import digest
from manifests.model import in_full
from manifests.recipe import Recipe
from manifests.settings import Form

RECIPES = Form(Recipe, "recipe", presets="manifests.recipes")


def shipped_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    return RECIPES.shipped()


def load_recipe(name_or_path: str | Path, overrides: Mapping[str, Any] | None = None) -> Recipe:
    """A validated recipe: shipped by name, or from a YAML file; under variants:
    ``tasks.plan.requests``.

    ``overrides`` replace fields (``manifests.settings.override``), e.g. ``{"people.count": 48}``.
    Raises ``NotFound`` for a name that does not exist, ``BadRecipe`` with the field, the allowed
    range and the value for anything that cannot be carried out.
    """
    return RECIPES.load(name_or_path, overrides)


def parse_recipe(text: str, source: str = "recipe") -> Recipe:
    """The validated recipe that the YAML ``text`` says; ``source`` names it in refusals."""
    return RECIPES.parse(text, source)


def dump_recipe(recipe: Recipe, complete: bool = False) -> str:
    """The recipe as YAML, as stores keep it; loading it gives ``recipe``.

    ``complete``: also fields that releases added since and that nobody has set.
    """
    plain = in_full(recipe) if complete else recipe.model_dump(mode="json")
    return yaml.safe_dump(plain, sort_keys=False, width=100)


def recipe_digest(recipe: Recipe) -> str:
    """Identity of the complete request, defaults included."""
    return digest(recipe)
