"""The folder of everything that is kept on this host so that it need not be made again.

What is in it, and under which names, is its makers' business.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from manifests.environment import environment
from manifests.whole_files import whole_file


def cache_root() -> Path:
    """The folder itself: ``UNREALPERSON_CACHE``, else the user's cache folder (XDG)."""
    return environment().cache


def write_npz(path: Path, arrays: dict[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write arrays so that readers see the whole file or none; the last writer wins."""
    save = np.savez_compressed if compressed else np.savez
    with whole_file(path) as file:
        save(file, allow_pickle=False, **arrays)
