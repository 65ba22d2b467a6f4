"""Variants of one recipe as sources: the same recipe, with some of its fields changed.

All are snapshots of the recipe's data set, so shards that are equal are rendered once. They come
from words (``people.look_alikes=0,0.5``) or from a YAML file (``tasks.transfer.variant_files``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from manifests.errors import BadRecipe
from manifests.settings import override, parse_assignments
from tasks.transfer.designs import Fraction
from tasks.transfer.names import NAME

MOST_VARIANTS = 20

Changes = Mapping[str, Any]
"""Of fields of a recipe: by their paths, or by mappings (``manifests.settings.override``)."""


@dataclass(frozen=True)
class RecipeVariant:
    """``name``: what tables call it; ``changes``: what it asks for in place of the recipe."""

    name: str
    changes: dict[str, Any]

    def asks_for(self) -> str:
        """Its changes in words."""
        told = (f"`{path}: {value}`" for path, value in leaves(self.changes))
        return ", ".join(told) or "the recipe as it is"


@dataclass(frozen=True)
class Factor:
    """Something that is varied; ``levels``: the names and the changes of at least two."""

    name: str
    levels: tuple[tuple[str, Changes], ...]


@dataclass(frozen=True)
class Study:
    """Variants that are compared with the first of them.

    ``where``: what the words of errors begin with. ``factors``: what a ``fraction`` of all
    combinations was made for, in the order of its columns; its runs are the variants.
    """

    recipe: str
    where: str
    variants: tuple[RecipeVariant, ...]
    factors: tuple[Factor, ...] = ()
    fraction: Fraction | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the variants."""
        return tuple(variant.name for variant in self.variants)

    def changes(self, overrides: Changes) -> list[dict[str, Any]]:
        """Of the recipe, for each variant, with ``overrides`` in all of them."""
        return [merged(overrides, variant.changes) for variant in self.variants]


@dataclass(frozen=True)
class Built:
    """A study whose variants are published; ``there``: of each, how many shards of its first round
    were made already when it was built, and how many they are."""

    study: Study
    there: tuple[tuple[int, int], ...]


def from_words(recipe: str, words: Sequence[str]) -> Study:
    """Every combination of the values of fields.

    ``BadRecipe`` for values given twice, for one value alone and for too many combinations.
    """
    listed = [f"{field}=[{values}]" for field, _, values in (word.partition("=") for word in words)]
    fields = parse_assignments(listed, "--vary")
    for field, values in fields.items():
        texts = [text_of(value, "--vary") for value in values]
        if len(set(texts)) != len(texts) or len(texts) < 2:
            raise BadRecipe(f"--vary {field}: needs at least two different values; got {values}")
    found = tuple(
        RecipeVariant(_named(changes), changes)
        for values in product(*fields.values())
        if (changes := dict(zip(fields, values, strict=True)))
    )
    return Study(recipe, "--vary", expect_few(found, "--vary"))


def expect_few(variants: tuple[RecipeVariant, ...], where: str) -> tuple[RecipeVariant, ...]:
    """The same; ``BadRecipe`` for more than are built."""
    if len(variants) > MOST_VARIANTS:
        raise BadRecipe(f"{where}: {len(variants)} variants; at most {MOST_VARIANTS} are built")
    return variants


def merged(*several: Changes) -> dict[str, Any]:
    """Changes one after the other as one."""
    together: dict[str, Any] = {}
    for changes in several:
        try:
            override(together, changes)
        except ValueError as error:
            raise BadRecipe(f"recipe: {error}") from None
    return together


def leaves(changes: Changes, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path of a field, its value) of everything that is changed."""
    for name, value in changes.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def text_of(value: Any, where: str) -> str:
    """A value as part of a name; ``BadRecipe`` for lists and the like."""
    text = str(value).lower() if isinstance(value, bool) or value is None else str(value)
    if not re.match(NAME, f"x {text}"):
        raise BadRecipe(f"{where}: values must be plain numbers or words; got {text!r}")
    return text


def _named(changes: Changes) -> str:
    return " + ".join(
        f"{field.rpartition('.')[2]} {text_of(value, '--vary')}" for field, value in changes.items()
    )
