"""The one tree of errors that people and programs meet.

Every error says what was wrong, where, and what to do about it. ``exit_code`` is what
the command line ends with; ``retryable`` tells an orchestrator whether the same work may
succeed if it is tried again unchanged.

    FactoryError
    ├── BadRecipe            the request itself is wrong
    ├── BadScene             a scene or camera cannot deliver what was asked
    ├── MissingRequirement   this machine lacks a library, data or permission
    ├── EngineLost           the render engine died, stalled or lost its connection   (retryable)
    ├── ProtocolError        an engine answered something that its contract forbids
    ├── FrameRefused         one captured frame failed validation                     (retryable)
    ├── Shortfall            people with too few accepted crops after every round
    ├── StoreUnavailable     the object store did not answer in time                  (retryable)
    ├── StoreConflict        somebody else already committed this key
    ├── StoreUnsuitable      a store cannot keep the promises we need
    │   └── FolderUnsuitable a folder of this host is full or cannot be written
    ├── CorruptData          stored bytes disagree with their digest or schema
    ├── NotFound             a data set, snapshot, model or run that does not exist
    └── TrainingFailed       a model diverged or was given unusable data
"""

# ruff: noqa: N818 (the names say what is wrong; the tree says that they are errors)

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Self

_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")


class FactoryError(Exception):
    """Base of every error the factory raises on purpose.

    ``fields``: names of what an error says besides its message, all text; keyword arguments of
    its class. A message shows no user and password of a URL that it quotes.
    """

    retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str = "") -> None:
        super().__init__(_USERINFO.sub("…@", message))

    def __init_subclass__(cls, **said: int) -> None:
        """Sets ``exit_code`` and ``retryable``, given where a class is declared."""
        for name, value in said.items():
            setattr(cls, name, value)

    def to_dict(self) -> dict[str, str]:
        """JSON-ready: ``error`` (the nearest class of this module), ``message``, its fields."""
        kind = next(kind for kind in type(self).__mro__ if kind.__module__ == __name__)
        return {"error": kind.__name__, "message": str(self)} | self._said()

    @staticmethod
    def from_dict(stored: Mapping[str, Any]) -> FactoryError:
        """The error that ``to_dict`` wrote; other keys are ignored.

        A class that this module does not have comes back as a ``FactoryError`` that names it,
        a field that nobody wrote down as "unknown".
        """
        name, message = str(stored.get("error")), str(stored.get("message", ""))
        kind = globals().get(name)
        if not (isinstance(kind, type) and issubclass(kind, FactoryError)):
            return FactoryError(f"{name}: {message}")
        return kind(message, **{field: str(stored.get(field, "unknown")) for field in kind.fields})

    def saying(self, message: str) -> Self:
        """The same error in other words."""
        return type(self)(message, **self._said())

    def _said(self) -> dict[str, str]:
        return {field: getattr(self, field) for field in self.fields}

    def __reduce__(self) -> tuple[Callable[[], FactoryError], tuple[()]]:
        # Pools of processes pickle what their workers raise; by default the fields get lost.
        return partial(type(self), str(self), **self._said()), ()


class BadRecipe(FactoryError, exit_code=10):
    """A recipe, variant or parameter that cannot be carried out as written."""


class BadScene(FactoryError, exit_code=11):
    """A scene that lacks what the recipe asks of it, or a camera that sees no path."""


class MissingRequirement(FactoryError, exit_code=12):
    """A system library, data package or permission that this machine lacks."""


class EngineLost(FactoryError, exit_code=20, retryable=True):
    """The render engine crashed, stalled or dropped its connection."""


class ProtocolError(FactoryError, exit_code=21):
    """An engine reply that the scene contract does not allow."""


class FrameRefused(FactoryError, exit_code=22, retryable=True):
    """One captured frame that failed validation; ``reason`` is a short machine-readable word."""

    fields = ("reason",)

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class Shortfall(FactoryError, exit_code=30):
    """People who still have too few accepted crops after the last top-up round."""


class StoreUnavailable(FactoryError, exit_code=40, retryable=True):
    """The object store did not answer, or answered with a passing fault."""


class StoreConflict(FactoryError, exit_code=41):
    """A conditional write that somebody else won with other content."""


class StoreUnsuitable(FactoryError, exit_code=42):
    """A store or folder that is full or not writable; a store without conditional writes."""


class FolderUnsuitable(StoreUnsuitable):
    """A folder of this host that is full or not writable; other hosts have their own."""


class CorruptData(FactoryError, exit_code=43):
    """Stored bytes that disagree with their recorded digest, size or schema."""


class NotFound(FactoryError, exit_code=44):
    """Something named by the caller that does not exist."""


class TrainingFailed(FactoryError, exit_code=50):
    """A model that diverged, or training data that cannot teach anything."""
