"""The folder of everything that is kept on this host so that it need not be made again.

What is in it, and under which names, is its makers' business.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

from manifests.environment import environment


def cache_root() -> Path:
    """The folder itself: ``UNREALPERSON_CACHE``, else the user's cache folder (XDG)."""
    return environment().cache


def write_npz(path: Path, arrays: dict[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write arrays so that readers see the whole file or none; later writers win silently."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            save = np.savez_compressed if compressed else np.savez
            save(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
