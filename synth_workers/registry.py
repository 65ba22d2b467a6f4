"""Tables whose rows stand beside the functions that they describe.

A module of the table's room registers its rows when it is imported; the room imports them all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from manifests.errors import BadRecipe, FactoryError


class Named(Protocol):
    """What a table can hold."""

    @property
    def name(self) -> str:
        """What recipes and specs call it."""
        ...


Row = TypeVar("Row", bound=Named)


class Registry(Generic[Row]):
    """Rows by name, in the order in which they were registered.

    ``what``: what one row is, for messages. ``error``: raised for an unknown name.
    """

    def __init__(self, what: str, error: type[FactoryError] = BadRecipe) -> None:
        self._what, self._error = what, error
        self._rows: dict[str, Row] = {}

    def add(self, row: Row) -> None:
        """Register a row; ``ValueError`` if its name is taken."""
        if row.name in self._rows:
            raise ValueError(f"{self._what} {row.name!r} is registered twice")
        self._rows[row.name] = row

    def find(self, name: str) -> Row:
        """The row called ``name``; an error that names the known ones if there is none."""
        if name not in self._rows:
            raise self._error(f"unknown {self._what} {name!r}; known are {', '.join(self._rows)}")
        return self._rows[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all rows."""
        return tuple(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())


def import_modules(package: str, path: Iterable[str]) -> None:
    """Import every module of a package, by name, so that all of them register their rows."""
    for module in sorted(found.name for found in pkgutil.iter_modules(path)):
        importlib.import_module(f"{package}.{module}")
