"""Variants of one recipe as sources: the same recipe, with fields set to each of some values.

All are snapshots of the recipe's data set, so shards that are equal are rendered once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from manifests.claims import read_claims
from manifests.dataset import Dataset
from manifests.errors import BadRecipe
from manifests.identity import crop_id, render_id
from manifests.recipe import Recipe
from manifests.settings import parse_assignments
from tasks.plan.planner import plan_build
from tasks.transfer.names import NAME

MOST_VARIANTS = 20


@dataclass(frozen=True)
class RecipeVariant:
    """``changes``: of fields of the recipe, by their paths; ``name``: what tables call it."""

    name: str
    changes: dict[str, Any]


def parse_variants(recipe: str | None, words: Sequence[str]) -> tuple[RecipeVariant, ...]:
    """``["people.look_alikes=0,0.5"]`` as two variants; of several words every combination.

    ``BadRecipe`` for a recipe without words or the other way round, for values given twice, for
    one value alone and for more than 20 variants.
    """
    if bool(recipe) != bool(words):
        raise BadRecipe(
            "transfer: --recipe and --vary go together, e.g. --recipe demo "
            "--vary people.look_alikes=0,0.5"
        )
    listed = [f"{field}=[{values}]" for field, _, values in (word.partition("=") for word in words)]
    fields = parse_assignments(listed, "--vary")
    for field, values in fields.items():
        texts = [_text(value) for value in values]
        if len(set(texts)) != len(texts) or len(texts) < 2:
            raise BadRecipe(f"--vary {field}: needs at least two different values; got {values}")
    found = tuple(
        RecipeVariant(_named(changes), changes)
        for values in product(*fields.values())
        if (changes := dict(zip(fields, values, strict=True)))
    )
    if len(found) > MOST_VARIANTS:
        raise BadRecipe(f"--vary: {len(found)} combinations; at most {MOST_VARIANTS} are built")
    return found


def shards_there(recipe: Recipe, dataset: Dataset) -> tuple[int, int]:
    """(made already, all) shards of the first round of a recipe in a data set."""
    wanted = {crop_id(render_id(shard), recipe.annotation) for shard in plan_build(recipe).shards}
    return len(read_claims(dataset, "crops", wanted)), len(wanted)


def _named(changes: dict[str, Any]) -> str:
    return " + ".join(
        f"{field.rpartition('.')[2]} {_text(value)}" for field, value in changes.items()
    )


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) or value is None else str(value)
    if not re.match(NAME, f"x {text}"):
        raise BadRecipe(f"--vary: values must be plain numbers or words; got {text!r}")
    return text
