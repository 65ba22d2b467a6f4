"""The formats that a data set can be exported to: a module each, called as ``--format`` calls it.

A module put here is found by itself; its ``FORMAT`` says how the format is written. Finding their
names loads none of them, so that the command line can offer them at once.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from manifests.errors import BadRecipe

if TYPE_CHECKING:
    from tasks.export.folders import ExportFormat


def format_names() -> tuple[str, ...]:
    """Names of all formats, sorted."""
    return tuple(sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__)))


def find_format(name: str) -> ExportFormat:
    """The format called ``name``; ``BadRecipe`` that names the known ones if there is none."""
    if name not in format_names():
        raise BadRecipe(f"--format: must be one of {', '.join(format_names())}; got {name!r}")
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").FORMAT
