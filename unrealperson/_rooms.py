"""The rooms of the factory are top-level packages: are they ours, here?

Research code has folders called ``tasks`` or ``training`` of its own, and Python finds what lies
beside a script before what is installed.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

ROOMS = ("manifests", "synth_workers", "training", "tasks", "flows")
_OURS = Path(__file__).resolve().parent.parent


def require_own_rooms() -> None:
    """Make ``import manifests`` and so on mean the factory's packages.

    A folder of data that happens to have such a name (no Python file in it) is stepped over.
    Raises ``ImportError`` whose first line names a package of somebody else's that takes a
    name; theirs is left alone.
    """
    for room in ROOMS:
        found = _folders(room)
        if found == [_OURS / room] or not (_OURS / room).is_dir():
            continue
        foreign = [folder for folder in found if folder != _OURS / room]
        if room in sys.modules or any(f.suffix == ".py" or any(f.rglob("*.py")) for f in foreign):
            where = " and ".join(map(str, foreign)) or f"a module called {room}"
            raise ImportError(
                f"unrealperson needs its own package `{room}`, but `import {room}` finds {where}\n"
                f"Python looks beside the running script first. Rename that folder, or keep it "
                f"out of the way: `python -P script.py`.",
                name=room,
            )
        _load_ours(room)


def _folders(room: str) -> list[Path]:
    """Where ``import room`` would look, or has looked; its file if it is a single module."""
    module = sys.modules.get(room)
    spec: ModuleSpec | None = module.__spec__ if module is not None else find_spec(room)
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return [Path(folder).resolve() for folder in spec.submodule_search_locations]
    return [Path(spec.origin).resolve()] if spec.origin else []


def _load_ours(room: str) -> None:
    spec = spec_from_file_location(room, _OURS / room / "__init__.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[room] = module
    spec.loader.exec_module(module)
