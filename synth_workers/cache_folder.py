"""The folder of everything that is kept on this host so that it need not be made again.

What is in it, and under which names, is its makers' business.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from manifests.environment import environment
from manifests.errors import StoreUnsuitable
from manifests.whole_files import whole_file

_log = logging.getLogger(__name__)


def cache_root() -> Path:
    """The folder itself: ``UNREALPERSON_CACHE``, else the user's cache folder (XDG)."""
    return environment().cache


def write_npz(path: Path, arrays: dict[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write arrays so that readers see the whole file or none; the last writer wins."""
    save = np.savez_compressed if compressed else np.savez
    with whole_file(path) as file:
        save(file, allow_pickle=False, **arrays)


def kept_array(path: Path) -> np.ndarray | None:
    """The array of an NPY file; None if there is none that can be read."""
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None


def keep_array(path: Path, array: np.ndarray) -> None:
    """Write an array for ``kept_array``; a host without room for it works all the same."""
    with mere_saving(), whole_file(path) as file:
        np.save(file, array)


@contextmanager
def mere_saving() -> Generator[None]:
    """Where the cache cannot be written, the block ends early; said once, and all goes on."""
    try:
        yield
    except (OSError, StoreUnsuitable) as error:
        _say_once(cache_root(), error)


def _say_once(root: Path, error: Exception) -> None:
    if root not in _said:
        _said.add(root)
        _log.warning("going on without keeping it for the next time: %s", error)


_said: set[Path] = set()
