"""Patches that others in the same process do not notice.

A process runs many test files, and threads of earlier ones live on: clients and event loops of
Prefect, keepers of leases, servers. A function of Python's or of another library that is patched
for one test is patched for all of them, and the next one to call it dies in somebody else's test.
"""

from __future__ import annotations

import pkgutil
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

OURS = frozenset(
    ("benchmarks", "docs", "examples", "flows", "infra", "manifests", "synth_workers")
    + ("tasks", "tests", "training", "unrealperson")
)
_setattr: Callable[..., None] = pytest.MonkeyPatch.setattr
_ABSENT = object()


def in_this_thread(
    patch: pytest.MonkeyPatch, owner: object, name: str, replacement: Callable[..., Any]
) -> None:
    """Replace a function of a library for calls from this thread; others have the real one."""
    real, here = getattr(owner, name), threading.get_ident()

    def call(*arguments: Any, **options: Any) -> Any:
        chosen = replacement if threading.get_ident() == here else real
        return chosen(*arguments, **options)

    _setattr(patch, owner, name, call)


def refuse_patches_for_all_threads() -> None:
    """From now on ``MonkeyPatch.setattr`` refuses functions and classes that are not ours."""

    def guarded(
        patch: pytest.MonkeyPatch,
        target: Any,
        name: Any,
        value: Any = _ABSENT,
        raising: bool = True,
    ) -> None:
        if value is _ABSENT:  # spelt as one dotted name
            path, _, attribute = str(target).rpartition(".")
            owner, name, value = pkgutil.resolve_name(path), attribute, name
        else:
            owner = target
        library = _library(owner)
        if library is not None and callable(value):
            raise AssertionError(
                f"{library}.{name} belongs to every thread of this process: patch a name of ours, "
                "or for this thread with tests.patching.in_this_thread"
            )
        _setattr(patch, owner, name, value, raising)

    _setattr(pytest.MonkeyPatch(), pytest.MonkeyPatch, "setattr", guarded)


def _library(owner: object) -> str | None:
    """The module or class of somebody else's that ``owner`` is."""
    if isinstance(owner, ModuleType):
        name = owner.__name__
    elif isinstance(owner, type):
        name = f"{owner.__module__}.{owner.__qualname__}"
    else:
        return None
    return None if name.partition(".")[0] in OURS else name
