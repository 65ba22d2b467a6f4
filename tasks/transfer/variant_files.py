"""Variants of a recipe in a YAML file: each under its name, or by a design of experiments.

variants:                             design: one-at-a-time    # or fractional
  as it is: {}                        factors:
  dark: {people.dark_clothing: 0.5}     people.look_alikes: [0, 0.5]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from manifests.errors import BadRecipe
from manifests.model import Model
from manifests.settings import Form
from tasks.transfer.designs import RUNS, fraction
from tasks.transfer.names import NAME
from tasks.transfer.variants import (
    Factor,
    RecipeVariant,
    Study,
    expect_few,
    from_words,
    leaves,
    merged,
    text_of,
)

_ENDINGS = (".yaml", ".yml")
_Word = Annotated[str, StringConstraints(pattern=NAME)]
_Overlay = dict[str, Any]


class Design(StrEnum):
    """Which combinations of the factors' levels are built."""

    one_at_a_time = "one-at-a-time"
    fractional = "fractional"


class VariantFile(Model):
    """`--vary variants.yaml`: exactly one of `variants` and `factors`."""

    variants: dict[_Word, _Overlay] | None = Field(
        default=None,
        min_length=2,
        description="Fields of the recipe that each variant changes, by their paths or as a "
        "recipe has them; `{}` is the recipe as it is. The first is what others are compared with.",
    )
    factors: dict[_Word, list[Any] | dict[_Word, _Overlay]] | None = Field(
        default=None,
        min_length=1,
        description="A field with a list of its values, or a name with named levels, each the "
        "fields that it changes. First levels are what others are compared with.",
    )
    design: Design | None = Field(
        default=None,
        description="With `factors`: first levels and one change at a time, or a two-level "
        "fraction of all combinations.",
    )
    runs: int | None = Field(
        default=None,
        description="With `fractional`: 4, 8 or 16 variants. None: as few as keep each effect "
        "clear of what two factors do together.",
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.variants is None) == (self.factors is None):
            raise ValueError("say exactly one of variants and factors")
        if (self.factors is None) != (self.design is None):
            raise ValueError("design and factors go together")
        if self.runs is not None and self.design is not Design.fractional:
            raise ValueError("runs: is the number of variants of a fractional design")
        if self.runs is not None and self.runs not in RUNS:
            raise ValueError(f"runs: must be one of {', '.join(map(str, RUNS))}; got {self.runs}")
        for name, levels in (self.factors or {}).items():
            if len(levels) < 2:
                raise ValueError(f"factors.{name}: needs at least two levels")
            if self.design is Design.fractional and len(levels) != 2:
                raise ValueError(
                    f"factors.{name}: has {len(levels)} levels; a fractional design has two of each"
                )
        return self


VARIANT_FILES = Form(VariantFile, "list of variants")


def parse_study(recipe: str | None, words: Sequence[str]) -> Study | None:
    """What ``--vary`` asks for, if it does: words with values, or one YAML file.

    ``BadRecipe`` for a recipe without words or the other way round, and for what cannot be built.
    """
    if bool(recipe) != bool(words):
        raise BadRecipe(
            "transfer: --recipe and --vary go together, e.g. --recipe demo "
            "--vary people.look_alikes=0,0.5"
        )
    if not recipe:
        return None
    files = [word for word in words if _is_file(word)]
    if not files:
        return from_words(recipe, words)
    if len(words) > 1:
        raise BadRecipe(f"--vary {files[0]}: a file says everything; give it alone")
    return read_study(recipe, Path(files[0]))


def placed_file(word: str) -> str:
    """A word of ``--vary`` for a process that runs in another folder."""
    return str(Path(word).expanduser().resolve()) if _is_file(word) else word


def _is_file(word: str) -> bool:
    return "=" not in word and word.endswith(_ENDINGS)


def read_study(recipe: str, path: Path) -> Study:
    """The study that a file asks for."""
    asked, where = VARIANT_FILES.read(path), str(path)
    if asked.variants is not None:
        named = tuple(RecipeVariant(name, changes) for name, changes in asked.variants.items())
        return Study(recipe, where, expect_few(named, where))
    factors = _factors(asked.factors or {}, where)
    if asked.design is Design.one_at_a_time:
        return Study(recipe, where, expect_few(_one_at_a_time(factors), where), factors)
    try:
        design = fraction(len(factors), asked.runs)
    except BadRecipe as error:
        raise BadRecipe(f"{where}: {error}") from None
    runs = tuple(
        RecipeVariant(
            f"run {run + 1}",
            merged(
                *(
                    factor.levels[design.second(number, run)][1]
                    for number, factor in enumerate(factors)
                )
            ),
        )
        for run in range(design.runs)
    )
    return Study(recipe, where, runs, factors, design)


def _factors(given: dict[str, list[Any] | dict[str, _Overlay]], where: str) -> tuple[Factor, ...]:
    endings = Counter(name.rpartition(".")[2] for name in given)
    found: list[Factor] = []
    setters: dict[str, str] = {}
    for name, levels in given.items():
        short = name.rpartition(".")[2]
        if isinstance(levels, dict):
            factor = Factor(name, tuple(levels.items()))
        else:
            texts = [text_of(value, f"{where}: factors.{name}") for value in levels]
            if len(set(texts)) != len(texts):
                raise BadRecipe(f"{where}: factors.{name}: a level is given twice, got {levels}")
            of_levels = tuple((text, {name: value}) for text, value in zip(texts, levels))
            factor = Factor(short if endings[short] == 1 else name, of_levels)
        for path in {path for _, changes in factor.levels for path, _ in leaves(changes)}:
            other = setters.setdefault(path, name)
            if other != name:
                raise BadRecipe(f"{where}: factors {other} and {name} both change {path}")
        found.append(factor)
    return tuple(found)


def _one_at_a_time(factors: Sequence[Factor]) -> tuple[RecipeVariant, ...]:
    first = [factor.levels[0][1] for factor in factors]
    return (
        RecipeVariant("base", merged(*first)),
        *(
            RecipeVariant(f"{factor.name} {level}", merged(*first[:n], changes, *first[n + 1 :]))
            for n, factor in enumerate(factors)
            for level, changes in factor.levels[1:]
        ),
    )
