"""A recipe as YAML with a comment at each field that was changed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from manifests.recipe import Recipe
from tasks.match.changes import Change

_WIDTH = 100
_STEP = "  "


def commented(recipe: Recipe, changes: Sequence[Change], head: Sequence[str]) -> str:
    """What has been set in ``recipe``, below the lines of ``head``; above each changed field stand
    what it was, what it is and why. Loading the text gives ``recipe``."""
    plain = recipe.model_dump(mode="json", exclude_unset=True)
    lines = [*_comment("", head), *_mapping(plain, "", "", {one.path: one for one in changes})]
    return "\n".join(lines) + "\n"


def told(change: Change) -> list[str]:
    """A change in words: a line of values, then those of measurements."""
    was, now = (_short(value) for value in (change.was, change.now))
    return [f"was {was}, is {now}", *change.because]


def _short(value: Any) -> str:
    if value is None:
        return "not said"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{len(value)} of them"
    if value in ([], {}):
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {one:g}" for name, one in value.items())
    return str(value)


def _mapping(
    plain: Mapping[str, Any], above: str, indent: str, changes: Mapping[str, Change]
) -> Iterator[str]:
    for key, value in plain.items():
        path = f"{above}{key}"
        if path in changes:
            yield from _comment(indent, told(changes[path]))
        inside = any(other.startswith(f"{path}.") for other in changes)
        if inside and isinstance(value, Mapping):
            yield f"{indent}{key}:"
            yield from _mapping(value, f"{path}.", indent + _STEP, changes)
        elif inside and isinstance(value, list):
            yield f"{indent}{key}:"
            for number, item in enumerate(value):
                deeper = indent + 2 * _STEP
                lines = [*_mapping(item, f"{path}.{number}.", deeper, changes)]
                # The first field stands behind the dash, unless it has a comment.
                dash = f"{indent}{_STEP}-"
                if lines[0].startswith(f"{deeper}#"):
                    yield dash
                    yield from lines
                else:
                    yield f"{dash} {lines[0].removeprefix(deeper)}"
                    yield from lines[1:]
        else:
            text = yaml.safe_dump({key: value}, sort_keys=False, width=_WIDTH, allow_unicode=True)
            yield from textwrap.indent(text, indent).splitlines()


def _comment(indent: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        # Names of cameras are people's own; none may end the comment.
        plain = " ".join(line.split())
        for part in textwrap.wrap(plain, _WIDTH - 2 - len(indent)):
            yield f"{indent}# {part}"
