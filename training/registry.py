"""Things that are known by a name, each registered beside its code in a module of one package.

The modules are imported when somebody asks for the first time, so a file in the package's folder
is all that a new thing takes. What they register need not be imported with them: a module should
load torch only where it builds something, as names are asked for long before that.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Thing = TypeVar("Thing")


class Registry(Generic[Thing]):
    """Everything that the modules of ``package`` have added."""

    def __init__(self, package: str) -> None:
        self.package = package
        self._things: dict[str, Thing] = {}

    def add(self, name: str, thing: Thing) -> None:
        """Make ``thing`` known; ``ValueError`` for a name that is taken."""
        if name in self._things:
            raise ValueError(f"{name!r} is registered twice in {self.package}")
        self._things[name] = thing

    def find(self, name: str) -> Thing | None:
        """What is called ``name``, if anything is."""
        self._import_modules()
        return self._things.get(name)

    def names(self) -> tuple[str, ...]:
        """All names in alphabetical order."""
        self._import_modules()
        return tuple(sorted(self._things))

    def _import_modules(self) -> None:
        for module in pkgutil.iter_modules(import_module(self.package).__path__):
            import_module(f"{self.package}.{module.name}")


@dataclass(frozen=True)
class NameIn:
    """Annotates a settings field: only names of a registry are accepted."""

    registry: Registry[Any]

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.registry.names())}

    def _known(self, name: str) -> str:
        if self.registry.find(name) is None:
            raise PydanticCustomError("unknown_name", "not a name that is registered")
        return name
