"""Names caches after the code that fills them, so that no stale file is ever read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_DIGITS = 12
_ROOMS_WITHOUT_MESHES = {"looks", "export"}
"""What they hold decides which people there are, or reads built ones: no mesh depends on it."""
_READERS_OF_PACKS = {"clothes/mhclo.py", "clothes/pack_slots.py", "clothes/packs.py"}
"""Meshes depend on what these have read, which is kept under a digest of its own: specs name it."""
_READERS_OF_TEXTS = ("licences.py", "texts_of_others.py")
"""Of ``manifests``: they decide which licence and which words a clothes file has."""


@cache
def code_version() -> str:
    """Return a digest of the sources that build people: whatever they build is kept under it."""
    return _digest(mesh_sources())


@cache
def reading_version() -> str:
    """Return a digest of the sources that read clothes packs: what they found is kept under it."""
    return _digest(reading_sources())


def mesh_sources() -> list[Path]:
    """Files that build meshes, relative to this package, in order."""
    every = sorted(path.relative_to(_HERE) for path in _HERE.rglob("*.py"))
    rooms = [path for path in every if path.parts[0] not in _ROOMS_WITHOUT_MESHES]
    return [path for path in rooms if path.as_posix() not in _READERS_OF_PACKS]


def reading_sources() -> list[Path]:
    """Files that read and measure clothes packs, relative to this package, in order."""
    elsewhere = (Path("../../manifests", name) for name in _READERS_OF_TEXTS)
    return [*mesh_sources(), *sorted(map(Path, _READERS_OF_PACKS)), *elsewhere]


def _digest(sources: Iterable[Path]) -> str:
    seen = hashlib.blake2b(digest_size=_DIGITS // 2)
    for source in sources:
        seen.update(source.as_posix().encode() + b"\0" + (_HERE / source).read_bytes() + b"\0")
    return seen.hexdigest()


code_version()
reading_version()
