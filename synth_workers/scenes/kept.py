"""What is kept of scenes on this host, in one folder and within one bound.

Layers of textures, geometry, baked skies, worlds: each a file of its own, named after everything
that it depends on. Whoever writes one makes room: the files used longest ago go. A process that has
a file open reads it to its end all the same, and one that finds it gone makes it again.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from synth_workers.cache_folder import cache_root, mere_saving, write_npz

MOST_BYTES = 2 << 30
"""Of all files together: some 250 worlds with their textures."""

_HERE = Path(__file__).parent


def scene_folder() -> Path:
    """The folder of all that is kept of scenes."""
    return cache_root() / "scenes"


@cache
def code_version(*rooms: str) -> str:
    """Digest of the code that builds scenes, or of these files and folders of it alone, and of the
    libraries that draw. Of data files it holds those that the code is written with."""
    state = hashlib.blake2b(digest_size=16)
    sources = [path for ending in ("py", "yaml") for path in sorted(_HERE.rglob(f"*.{ending}"))]
    for path in sources:
        inside = path.relative_to(_HERE)
        if inside.parts[0] != "data" and (not rooms or inside.parts[0] in rooms):
            state.update(inside.as_posix().encode())
            state.update(path.read_bytes())
    state.update(f"numpy {np.__version__} opencv {cv2.__version__}".encode())
    return state.hexdigest()


def kept_name(*words: object) -> str:
    """Short digest of what a kept file depends on."""
    return hashlib.blake2b("\0".join(map(str, words)).encode(), digest_size=12).hexdigest()


def kept_arrays(path: Path) -> dict[str, np.ndarray] | None:
    """The arrays of a kept file, which counts as used now; None if there is none that is whole."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
        with suppress(OSError):
            path.unlink()
        return None
    return arrays


def keep_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write a file for ``kept_arrays``; a host without room for it works all the same."""
    with mere_saving():
        write_npz(path, arrays)
        make_room(scene_folder(), MOST_BYTES)


def make_room(folder: Path, most: int) -> None:
    """Remove the files below ``folder`` that were used longest ago, until all others together
    take ``most`` bytes at most."""
    found: list[tuple[int, int, Path]] = []
    for path in folder.rglob("[!.]*.*"):  # with a dot in front: being written
        with suppress(OSError):
            told = path.stat()
            found.append((told.st_mtime_ns, told.st_size, path))
    excess = sum(size for _, size, _ in found) - most
    for _, size, path in sorted(found):
        if excess <= 0:
            break
        with suppress(OSError):
            path.unlink()
        excess -= size
