"""Writes the reference pages from the code that they describe.

``python -m docs.make_reference`` renews ``docs/reference_recipes.md`` (every field of a recipe),
``docs/reference_settings.md`` (environment variables, every setting of training and adaptation),
``docs/reference_commands.md`` (every command and module), ``docs/benchmarks.md`` and the pages of
``docs/api`` (public names). A test compares them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import types
from collections.abc import Iterator
from enum import Enum
from functools import partial
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import typer.main
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from benchmarks.smoke import benchmarks
from docs.api_pages import ROOMS, api_page
from flows.cli import app
from manifests.environment import Environment, variable
from manifests.errors import FactoryError
from manifests.people import AGES, ANCESTRIES, GENDERS
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe, shipped_recipes
from manifests.registry import NameIn
from synth_workers.people.looks.vocabulary import vocabulary
from tasks.plan.variants import Variant
from tasks.transfer.targets import TargetChoice
from tasks.transfer.variant_files import VariantFile
from tests.docs.parsing import parser_of
from training.adaptation.config import AdaptationConfig, load_adaptation, shipped_adaptations
from training.config import TrainingConfig, load_training, shipped_training

FOLDER = Path(__file__).parent
MODULES = (
    *("tasks.train", "tasks.evaluate", "tasks.adapt", "tasks.transfer", "tasks.compare"),
    "synth_workers.engine",
)
WRITTEN = "*Written by `python -m docs.make_reference` from the code; do not edit.*"


# What a field may hold, in words


def kind(annotation: Any, limits: tuple[Any, ...] = ()) -> str:
    """A type and its limits as people say it; Markdown."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(inner[0], (*inner[1:], *limits))
    if origin in (Union, types.UnionType):
        return " or ".join(
            "nothing" if each is type(None) else kind(each, limits) for each in inner
        )
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in inner)
    if origin is tuple and inner[-1] is not Ellipsis:
        return " and ".join(kind(each) for each in inner)
    if origin in (tuple, list):
        return f"list of {kind(inner[0])}"
    if origin is dict:
        return f"name → {kind(inner[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(f"`{each.value}`" for each in annotation)
    for limit in limits:
        if isinstance(limit, NameIn):
            known = (*limit.registry.names, *limit.registry.forms)
            return ", ".join(f"`{name}`" for name in known)
    words = {int: "whole number", float: "number", str: "text", bool: "true or false", Path: "file"}
    words[Any] = "anything"
    return ", ".join([words[annotation], *_bounds(limits)])


def _bounds(limits: tuple[Any, ...]) -> Iterator[str]:
    flat = [each for limit in limits for each in (*getattr(limit, "metadata", ()), limit)]
    for limit in flat:
        match limit:
            case annotated_types.Ge(bound):
                yield f"≥ {bound:,.10g}"
            case annotated_types.Gt(bound):
                yield f"> {bound:,.10g}"
            case annotated_types.Le(bound):
                yield f"≤ {bound:,.10g}"
            case annotated_types.Lt(bound):
                yield f"< {bound:,.10g}"
            case annotated_types.MultipleOf(bound):
                yield f"multiple of {bound}"
            case StringConstraints():
                yield "a short name"
            case _:
                pass


def default(field: FieldInfo) -> str:
    """What a field is when nothing is said; Markdown."""
    if field.default is PydanticUndefined:
        return "**required**"
    value = field.default
    if isinstance(value, BaseModel):
        return "see there"
    if value is None or value == "":
        return "–"
    if isinstance(value, dict):
        plain = {k: v.model_dump() if isinstance(v, BaseModel) else v for k, v in value.items()}
        return f"`{json.dumps(plain)}`"
    if isinstance(value, bool | tuple):
        return f"`{json.dumps(value)}`"
    return f"`{value}`"


def models(root: type[BaseModel]) -> list[type[BaseModel]]:
    """A model and all models its fields hold, in order of appearance."""
    found = [root]
    for model in found:
        for field in model.model_fields.values():
            found += [each for each in _models_in(field.annotation) if each not in found]
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return list(dict.fromkeys(model for each in get_args(annotation) for model in _models_in(each)))


def fields(model: type[BaseModel]) -> str:
    """A model as a section: what it is and a table of its fields."""
    rows = [
        (f"`{name}`", kind(field.annotation, tuple(field.metadata)), default(field), _said(field))
        for name, field in model.model_fields.items()
    ]
    about = cleandoc(model.__doc__ or "").replace("``", "`")
    return f"## {model.__name__}\n\n{about}\n\n{table(('field', 'holds', 'default', ''), rows)}"


def _said(field: FieldInfo) -> str:
    return field.description or ""


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |"
        for line in lines
    )


# Pages


def recipes_page() -> str:
    """Every field of a recipe, the names it may use, variants and shipped recipes."""
    shipped = [
        (f"`{name}`", recipe.description, f"{recipe.people.count:,}", str(recipe.images_per_person))
        for name in shipped_recipes()
        for recipe in [load_recipe(name)]
    ]
    names = [
        (name.replace("_", " "), ", ".join(f"`{each}`" for each in known))
        for name, known in {
            "gender": GENDERS,
            "ages": AGES,
            "ancestry": ANCESTRIES,
            **vocabulary(),
        }.items()
    ]
    parts = [
        "# Reference: recipes",
        WRITTEN,
        "A recipe is a YAML file; the first table is its top level, the others are what stands "
        "below it. Unknown keys are refused. Any field can be changed on the command line by its "
        "path: `--set people.count=64`. `unrealperson recipe show demo` prints one in full.",
        *map(fields, models(Recipe)),
        "## Names",
        "What tables of weights and factors may name; in factors `*` is everything else.",
        table(("of", "names"), names),
        "## Variants",
        "Overlays on any recipe: `unrealperson build --recipe demo --variant night`. The data set "
        "gains the variant's name.",
        table(("variant", "what it does"), [(f"`{v.value}`", v.explained) for v in Variant]),
        "## Shipped recipes",
        table(("recipe", "what it makes", "people", "images each"), shipped),
    ]
    return "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Environment variables, every setting of training and adaptation, and their presets."""
    training, adaptation = models(TrainingConfig), models(AdaptationConfig)
    trainings = [(f"`{n}`", load_training(n).description) for n in shipped_training()]
    adaptations = [(f"`{n}`", load_adaptation(n).description) for n in shipped_adaptations()]
    variables = [
        (f"`{variable(name)}`", field.description or "")
        for name, field in Environment.model_fields.items()
    ]
    parts = [
        "# Reference: settings",
        WRITTEN,
        "## Environment variables",
        "What the factory reads from the environment; a value that cannot be is refused by name. "
        "Prefect, AWS and OpenMP have variables of their own.",
        table(("variable", "what it says"), variables),
        "## Training and adaptation",
        "`unrealperson train demo --training FILE` and `unrealperson adapt demo --to SET "
        "--adaptation FILE` take a preset's name or a YAML file of these fields; unknown keys are "
        "refused.",
        "## Presets",
        table(("training", "what for"), trainings),
        table(("adaptation", "what for"), adaptations),
        *map(fields, [*training, *(each for each in adaptation if each not in training)]),
        "## Targets",
        "`unrealperson transfer … --targets FILE` takes targets in YAML, each under its name.",
        fields(TargetChoice),
        "## Variants of a recipe",
        "`unrealperson transfer --recipe RECIPE --vary FILE` takes variants in YAML; see "
        "[transfer](transfer.md#many-factors-at-once).",
        fields(VariantFile),
    ]
    return "\n\n".join(parts) + "\n"


def commands_page() -> str:
    """Every command of `unrealperson`, every module with a command line, every exit code."""
    parts = [
        "# Reference: commands",
        WRITTEN,
        "`unrealperson --help` and `unrealperson build --help` say the same in the terminal.",
        "## Commands",
        *_commands(typer.main.get_command(app), "unrealperson"),
        "## Modules",
        "For many processes (`torchrun -m tasks.train`) and for the engine by itself "
        "(`unrealperson engine` hands its words to it).",
    ]
    for name in MODULES:
        parser = parser_of(importlib.import_module(f"{name}.__main__"))
        parts += [f"### python -m {name}", _options(parser)]
    parts += [
        "## Exit codes",
        table(("code", "error", "", "tried again"), [_code(e) for e in _errors(FactoryError)]),
    ]
    return "\n\n".join(parts) + "\n"


def _commands(command: Any, path: str) -> Iterator[str]:
    """Sections of a command and of all below it."""
    if known := getattr(command, "commands", None):
        for name in sorted(known):
            yield from _commands(known[name], f"{path} {name}")
        return
    arguments = [each for each in command.params if not each.opts[0].startswith("-")]
    options = [each for each in command.params if each not in arguments]
    words = [a.name.upper() if a.required else f"[{a.name.upper()}]" for a in arguments]
    needed = [f"{o.opts[0]} {o.name.strip('_').upper()}" for o in options if o.required]
    usage = " ".join(
        [path, *words, *needed, *(["[OPTIONS]"] if len(options) > len(needed) else [])]
    )
    yield f"### {path}"
    yield f"`{usage}`"
    yield " ".join(cleandoc(command.help or "").split())
    rows = [(f"`{a.name.upper()}`", _shown(a.default), a.help or "") for a in arguments]
    rows += [
        (
            ", ".join(f"`{each}`" for each in o.opts),
            "**required**" if o.required else _shown(o.default),
            o.help or "",
        )
        for o in options
    ]
    if rows:
        yield table(("", "default", ""), rows)


def _options(parser: argparse.ArgumentParser) -> str:
    """The options of a parser as a table."""
    rows = []
    for action in parser._actions:
        if action.help == argparse.SUPPRESS or action.dest == "help":
            continue
        choices = f" ({', '.join(map(str, action.choices))})" if action.choices else ""
        asked = "**required**" if action.required else _shown(action.default)
        names = ", ".join(f"`{each}`" for each in action.option_strings or [action.dest])
        rows.append((names, asked, f"{action.help or ''}{choices}".strip()))
    return table(("", "default", ""), rows)


def _shown(value: Any) -> str:
    return "" if value in (None, False, "", [], ()) else f"`{value}`"


def benchmarks_page() -> str:
    """Every benchmark: what it measures and prints, how long it takes, how it runs short."""
    known = benchmarks()
    parts = [
        "# Benchmarks",
        WRITTEN,
        "Commands that print figures, run from the repository's root. The last line of each is one "
        "JSON object, which also carries `calibration_cpu_s`: the CPU-seconds of a fixed mix of "
        "work, by which figures of two machines are compared. Times are those of two idle cores, "
        "roughly. The short form shows that a benchmark runs and says nothing else; "
        "`make benchmarks-smoke` runs them all in it. Pages name a benchmark beside its figures.",
        table(
            ("benchmark", "what it measures", "takes", "short form"),
            [
                (f"[{name}](#{name})", _measures(module), module.TAKES, _short_form(module))
                for name, module in known.items()
            ],
        ),
    ]
    for name, module in known.items():
        parts += [f"## {name}", f"`python -m benchmarks.{name}`", _about(module)]
    return "\n\n".join(parts) + "\n"


def _about(module: types.ModuleType) -> str:
    return cleandoc(module.__doc__ or "").replace("``", "`")


def _measures(module: types.ModuleType) -> str:
    """The first sentence, without the command that it may end with."""
    sentence = " ".join(_about(module).split()).split(". ")[0]
    return sentence.split(": `python")[0].rstrip(".")


def _short_form(module: types.ModuleType) -> str:
    return f"`{' '.join(module.SMOKE)}`"


def _errors(error: type[FactoryError]) -> Iterator[type[FactoryError]]:
    if error.__module__ == FactoryError.__module__:
        yield error
        for each in error.__subclasses__():
            yield from _errors(each)


def _code(error: type[FactoryError]) -> tuple[str, str, str, str]:
    about = cleandoc(error.__doc__ or "").splitlines()[0].replace("``", "`")
    return str(error.exit_code), error.__name__, about, "yes" if error.retryable else ""


PAGES = {
    "reference_recipes.md": recipes_page,
    "reference_settings.md": settings_page,
    "reference_commands.md": commands_page,
    "benchmarks.md": benchmarks_page,
    **{f"api/{room}.md": partial(api_page, room) for room in ROOMS},
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
