"""The official package ``unrealcv``, without what only its launcher of games needs.

The launcher, which nobody here uses, imports Docker's client: a fifth of what a shard's process
loads before it begins. Here that client is imported when somebody does use it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class Docker(ModuleType):
    """Stands for Docker's client until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module("docker"), name)


_before = sys.modules.get("docker")
sys.modules["docker"] = _before or Docker("docker")
try:
    import unrealcv
finally:
    if _before is None:
        del sys.modules["docker"]

__all__ = ["unrealcv"]
