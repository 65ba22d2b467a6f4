"""What a match changes in a recipe, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES


@dataclass(frozen=True)
class Change:
    """One field. ``path``: dotted, items of lists by number; ``was``, ``now``: plain values;
    ``because``: the measurements that moved it, a line each."""

    path: str
    was: Any
    now: Any
    because: Sequence[str]


def changed(recipe: Recipe, changes: Iterable[Change]) -> Recipe:
    """``recipe`` with ``changes``, what nobody has set left unsaid."""
    plain = recipe.model_dump(mode="json", exclude_unset=True)
    return RECIPES.changed(plain, {change.path: change.now for change in changes}, recipe.name)
