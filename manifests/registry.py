"""Tables whose rows stand beside the functions that they describe.

The modules of the table's room register their rows when they are imported: the room imports them
all, or the table does when it is asked for the first time.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

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

    ``what``: what one row is, for messages. ``error``: raised for an unknown name. ``room``: the
    package whose modules are imported when the table is asked for the first time, so that a file
    put there is found, and none is loaded before.
    """

    def __init__(
        self, what: str, error: type[FactoryError] = BadRecipe, room: str | None = None
    ) -> None:
        self.room = room
        self._what, self._error = what, error
        self._rows: dict[str, Row] = {}

    def add(self, row: Row) -> None:
        """Register a row; ``ValueError`` if its name is taken."""
        if row.name in self._rows:
            raise ValueError(f"{self._what} {row.name!r} is registered twice")
        self._rows[row.name] = row

    def find(self, name: str) -> Row:
        """The row called ``name``; an error that names the known ones if there is none."""
        known = self._known()
        if name not in known:
            raise self._error(unknown(self._what, name, known))
        return known[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all rows."""
        return tuple(self._known())

    @property
    def forms(self) -> tuple[str, ...]:
        """Regular expressions of names that are looked up elsewhere; a plain table has none."""
        return ()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._known().values())

    def _known(self) -> dict[str, Row]:
        if self.room is not None:
            import_modules(self.room, importlib.import_module(self.room).__path__)
        return self._rows


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """What is said of a name that nothing has: what was probably meant, and what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    return f"unknown {what} {name!r}; {meant}known are {', '.join(names)}"


def import_modules(package: str, path: Iterable[str]) -> None:
    """Import every module of a package, by name, so that all of them register their rows."""
    for module in sorted(found.name for found in pkgutil.iter_modules(path)):
        importlib.import_module(f"{package}.{module}")


class NameIn:
    """Annotates a field of settings: a name that a table knows."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry = registry

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        plain, named = handler(schema), {"enum": list(self.registry.names)}
        if not self.registry.forms:
            return plain | named
        formed = [plain | {"pattern": f"^{form}$"} for form in self.registry.forms]
        return {"anyOf": [plain | named, *formed]}

    def _known(self, name: str) -> str:
        formed = any(re.fullmatch(form, name) for form in self.registry.forms)
        if not formed and name not in self.registry.names:
            raise PydanticCustomError("unknown_name", "not a name that is registered")
        return name
