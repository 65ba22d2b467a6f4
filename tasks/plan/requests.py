"""The recipe that somebody asks for: by name or file, under variants, with fields changed.

The one way from words to a validated recipe, for the command line, flows, forms and programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES
from tasks.plan.variants import Scenes, Variant, apply_variants


def resolve_recipe(
    name_or_path: str | Path,
    variants: Iterable[Variant | str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Recipe:
    """A recipe that is shipped or in a file, with ``variants`` over it and then ``overrides``.

    ``overrides``: fields by their paths (``manifests.settings.override``), e.g.
    ``{"people.count": 48}``. Raises ``NotFound`` for a name that does not exist, ``BadScene`` for a
    scene that a variant has to know and nobody has, ``BadRecipe`` with field, range and value for
    anything that cannot be carried out.
    """
    recipe, chosen = RECIPES.load(name_or_path), Variant.named(variants)
    if not chosen and not overrides:
        return recipe
    plain = recipe.model_dump(mode="json")
    if chosen:
        # Imports all that scenes are drawn with: a misspelt field should not wait for it.
        from synth_workers.scenes.library import find_family, scene_outline

        apply_variants(plain, chosen, Scenes(scene_outline, find_family))
    return RECIPES.changed(plain, overrides or {}, str(name_or_path))
