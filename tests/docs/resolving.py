"""Do the names in a command name something: recipes, variants, scenes, data sets, files?

What readers have of their own must be spoken of elsewhere on its page, or be made by a command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from manifests.errors import FactoryError
from manifests.recipes_io import load_recipe, shipped_recipes
from manifests.settings import parse_assignments
from synth_workers.contracts.registry import CONTRACTS
from synth_workers.people.export.formats import FORMATS
from synth_workers.scenes.library import find_family, scene_outline
from tasks.export.formats import format_names
from tasks.plan.variants import Variant
from tasks.reproduce.budgets import BUDGETS
from tasks.reproduce.experiments import table_names
from tests.docs.pages import OURS, ROOT, commands, fenced, spans
from training.adaptation.config import load_adaptation
from training.config import load_training
from training.evaluation.protocol import Protocol, StatisticsRule
from training.targets.registry import TARGETS
from training.targets.tables import is_table

_COMMANDS = ("console", "bash", "sh")
_PLACEHOLDER = re.compile(r"1|.*(\.\.\.|[*<>]).*|HOST:PORT")
_VARIANTS = "|".join(Variant)


def unresolved(page: str, given: Mapping[str, Any]) -> str | None:
    """Why an argument of a command on ``page``, by the name of its parameter, names nothing."""
    try:
        for name, value in given.items():
            values = [str(one) for one in (value if isinstance(value, (list, tuple)) else [value])]
            for one in filter(None, values if name in _RESOLVERS else []):
                if not _PLACEHOLDER.fullmatch(one):
                    _RESOLVERS[name](page, one)
        recipe = str(given.get("which", given.get("recipe", "demo")))
        if "set_" in given and not _is_file(recipe):
            load_recipe(recipe, parse_assignments(given["set_"], "--set"))
    except (FactoryError, _UnknownError) as error:
        return str(error)
    return None


class _UnknownError(Exception):
    """A name of nothing."""


def _own(page: str, name: str) -> None:
    """Refuse what neither lies in the repository nor is spoken of on the page."""
    told = re.search(rf"(?<![\w.-]){re.escape(Path(name).name)}(?![\w-])", _spoken_of(page))
    if told is None and not (ROOT / name).exists():
        raise _UnknownError(f"{page} says nowhere what {name} is")


def _spoken_of(page: str) -> str:
    """What stands in a page as code but for its commands, and what these write."""
    text = (ROOT / page).read_text(encoding="utf-8")
    others = (content for language, content in fenced(text) if language not in _COMMANDS)
    made = (
        word
        for command in commands(ROOT / page)
        for option, word in zip(command.words, command.words[1:])
        if option in ("--output", "-o", "--into")
    )
    told = (span for span in spans(text) if span.split()[0] not in OURS)
    return "\n".join([*told, *others, *made])


def _is_file(word: str) -> bool:
    return word.endswith((".yaml", ".yml", ".json"))


def _setting(load: Callable[[str], object]) -> Callable[[str, str], None]:
    def resolve(page: str, name: str) -> None:
        if not _is_file(name):
            load(name)
        elif (ROOT / name).is_file():
            load(str(ROOT / name))
        else:
            _own(page, name)

    return resolve


def _dataset(page: str, word: str) -> None:
    """A published set, perhaps with a number, or one that a variant made of it."""
    name = word.partition("@")[0]
    plain = re.sub(f"-(?:{_VARIANTS})$", "", name)
    if plain not in shipped_recipes():
        _own(page, plain)


def _source(page: str, word: str) -> None:
    """What is learnt from or looked at, perhaps under a name of its own."""
    what = word.partition("=")[2] or word
    reader, colon, _ = what.partition(":")
    if colon:
        TARGETS.find(reader)
    elif what not in TARGETS.names and not _PLACEHOLDER.fullmatch(what):
        (_own if is_table(what) or "/" in what else _dataset)(page, what)


def _known(names: Iterable[str]) -> Callable[[str, str], None]:
    def resolve(page: str, name: str) -> None:
        if name not in names:
            raise _UnknownError(f"{name} is none of {', '.join(names)}")

    return resolve


_RESOLVERS: dict[str, Callable[[str, str], object]] = {
    "recipe": _setting(load_recipe),
    "which": _setting(load_recipe),
    "training": _setting(load_training),
    "adaptation": _setting(load_adaptation),
    "variant": lambda _, name: Variant.named([name]),
    "dataset": _dataset,
    "source": _source,
    "sources": _source,
    "first": lambda page, word: word.isdigit() or _source(page, word),
    "second": _source,
    "target": _source,
    "targets": _own,
    "manifest": _own,
    "tables": lambda _, name: table_names([name]),
    "budget": _known(BUDGETS),
    "contract": _known(CONTRACTS),
    "form": _known([*format_names(), *FORMATS.names]),
    "protocol": _known([name.replace("_", "-") for name in Protocol]),
    "statistics": _known([rule.value for rule in StatisticsRule]),
    "family": lambda _, name: find_family(name),
    "name": lambda _, name: scene_outline(name),
    "vary": lambda page, word: _own(page, word) if _is_file(word) else None,
}
"""By parameter of ``unrealperson``; what other parameters take, their parsers say."""
