"""A file put into the folder of a package for one test, as somebody would who adds something."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from manifests.registry import Registry


@contextmanager
def dropped_in(registry: Registry[Any], folder: Path, name: str, source: str) -> Generator[None]:
    """``source`` as module ``name`` of the registry's package, though it lies in ``folder``."""
    (folder / f"{name}.py").write_text(source)
    assert registry.room is not None, "nobody looks for its modules"
    package = import_module(registry.room)
    path, known = package.__path__, registry.names
    package.__path__ = [*path, str(folder)]
    try:
        yield
    finally:
        package.__path__ = path
        sys.modules.pop(f"{registry.room}.{name}", None)
        for added in set(registry.names) - set(known):
            del registry._rows[added]  # pyright: ignore[reportPrivateUsage]
