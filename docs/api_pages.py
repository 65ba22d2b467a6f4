"""Pages about the public names of a package, written from their docstrings.

``python -m docs.make_reference`` writes one page for each of ``ROOMS`` below ``docs/api``. Public
is what ``__all__`` names or, without it, every class and function that a module defines and whose
name begins with a letter.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

from pydantic import BaseModel

ROOMS = ("unrealperson", "manifests")
"""Packages that have a page; a further one needs no more than its name here."""

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_ANNOTATION = re.compile(r"""(: |-> )(['"])(.*?)\2(?=,|\)| = |$)""")
_CLASS = re.compile(r"<class '(?:\w+\.)*(\w+)'>")


def api_page(room: str) -> str:
    """Every public name of a package and of its modules; Markdown."""
    package = importlib.import_module(room)
    parts = [
        f"# Reference: {room}",
        "*Written by `python -m docs.make_reference` from the docstrings; do not edit.*",
    ]
    for module in _modules(package):
        names = list(_public(module))
        if names or module is package:
            parts += [f"## {module.__name__}", _about(module)]
        for name, value in names:
            parts += _described(name, value)
    return "\n\n".join(part for part in parts if part) + "\n"


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    told = getattr(module, "__all__", None)
    for name in told or vars(module):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if told or (value.__module__ == module.__name__ and not name.startswith("_")):
            yield name, value


def _described(name: str, value: Any) -> Iterator[str]:
    """A class with its public members, or a function."""
    if not inspect.isclass(value):
        yield f"### {name}\n\n```python\n{_signature(name, value)}\n```"
        yield _about(value)
        return
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    head = f"class {name}{f'({bases})' if bases else ''}"
    making = _constructor(value)
    if making is not None:
        head += f"\n\n{_signature(name, making).removesuffix(' -> None')}"
    yield f"### {name}\n\n```python\n{head}\n```"
    yield _about(value)
    yield "" if making is None else _about(making)
    lines = [*_fields(value), *_members(value)]
    yield "\n".join(lines)


def _constructor(kind: type) -> Any:
    """What a class says itself of how one is made; the fields of models and dataclasses do."""
    found = vars(kind).get("__init__")
    written = hasattr(kind, "__dataclass_fields__") or issubclass(kind, BaseModel)
    return None if written or getattr(kind, "_is_protocol", False) else found


def _fields(kind: type) -> Iterator[str]:
    """What a model, a dataclass or an enumeration holds, one item each."""
    if issubclass(kind, Enum):
        yield "Values: " + ", ".join(f"`{member.name}`" for member in kind)
    elif issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            kind_of = inspect.get_annotations(kind).get(name)
            about = f": {field.description}" if field.description else ""
            yield f"- `{name}{f': {kind_of}' if isinstance(kind_of, str) else ''}`{about}"
    elif hasattr(kind, "__dataclass_fields__"):
        own = inspect.get_annotations(kind)
        yield from (f"- `{name}: {own[name]}`" for name in own if not name.startswith("_"))


def _members(kind: type) -> Iterator[str]:
    """Public methods and properties that have something to say."""
    for name, value in vars(kind).items():
        inner = (
            value.fget
            if isinstance(value, property)
            else inspect.unwrap(getattr(value, "__func__", value))
        )
        if name.startswith("_") or not inspect.isfunction(inner) or not inner.__doc__:
            continue
        shown = name if isinstance(value, property) else _signature(name, inner)
        yield f"- `{shown}`: {' '.join(_about(inner).split())}"


def _signature(name: str, value: Any) -> str:
    text = _ADDRESS.sub("", str(inspect.signature(value)))
    text = _CLASS.sub(r"\1", _ANNOTATION.sub(r"\1\3", text))
    return name + re.sub(r"^\((?:self|cls)(?:, )?", "(", text)


def _about(value: Any) -> str:
    """The docstring of its own, not one that was inherited."""
    own = vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__
    text = inspect.cleandoc(own or "")
    generated = inspect.isclass(value) and text.startswith(f"{value.__name__}(")
    return "" if generated else text.replace("``", "`")
