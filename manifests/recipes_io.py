"""Recipes in and out of YAML: shipped names, files, variants and overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from manifests.errors import BadRecipe
from manifests.identity import digest
from manifests.model import in_full
from manifests.recipe import Recipe
from manifests.settings import Form
from manifests.variants import Variant, apply_variants

__all__ = [
    "Variant",
    "dump_recipe",
    "load_recipe",
    "parse_recipe",
    "recipe_digest",
    "shipped_recipes",
]

RECIPES = Form(Recipe, "recipe", presets="manifests.recipes")


def shipped_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    return RECIPES.shipped()


def load_recipe(
    name_or_path: str | Path,
    variants: Sequence[Variant | str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Recipe:
    """A validated recipe: shipped by name, or from a YAML file.

    ``variants`` are overlaid on it, then ``overrides`` (``manifests.settings.override``), e.g.
    ``{"people.count": 48}``. Raises ``NotFound`` for a name that does not exist, ``BadRecipe``
    with the field, the allowed range and the value for anything that cannot be carried out.
    """
    recipe = RECIPES.load(name_or_path)
    chosen = frozenset(_variant(v) for v in variants)
    if not chosen and not overrides:
        return recipe
    plain = apply_variants(recipe.model_dump(mode="json"), chosen)
    return RECIPES.changed(plain, overrides or {}, str(name_or_path))


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


def _variant(value: Variant | str) -> Variant:
    try:
        return Variant(value)
    except ValueError:
        allowed = ", ".join(Variant)
        raise BadRecipe(f"variant: must be one of {allowed}, got {value!r}") from None
