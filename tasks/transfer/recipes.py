"""What variants of a recipe ask for, in full."""

from __future__ import annotations

from manifests.errors import BadRecipe, FactoryError
from manifests.recipe import Recipe
from manifests.recipes_io import recipe_digest
from tasks.plan.requests import resolve_recipe
from tasks.transfer.variants import Changes, Study


def recipes_of(study: Study, overrides: Changes) -> list[Recipe]:
    """What each variant asks for.

    Raises what ``resolve_recipe`` raises, naming the variant, and ``BadRecipe`` for two that ask
    for the same.
    """
    found: list[Recipe] = []
    known: dict[str, str] = {}
    for name, changes in zip(study.names, study.changes(overrides), strict=True):
        try:
            recipe = resolve_recipe(study.recipe, [], changes)
        except FactoryError as error:
            raise error.saying(f"{study.where}, variant {name!r}: {error}") from error
        twin = known.setdefault(recipe_digest(recipe), name)
        if twin != name:
            raise BadRecipe(
                f"{study.where}: variants {twin!r} and {name!r} ask for the same data; "
                "take one of them out"
            )
        found.append(recipe)
    return found
