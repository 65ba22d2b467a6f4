"""Files that others may read at any moment: they appear whole or not at all."""

from __future__ import annotations

import fcntl
import glob
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from manifests.disks import naming_disks


@contextmanager
def whole_file(path: Path) -> Generator[IO[bytes]]:
    """A file to be filled, which takes its name when the block has ended well.

    Until then readers see what was there before; of several writers the last one wins. Folders
    that are missing are made, what killed writers of this file left is removed. Raises
    ``StoreUnsuitable`` where the disk is full or refuses.
    """
    with naming_disks(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        file = _partial(path)
        partial = Path(file.name)
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file (text as UTF-8) in one go; see ``whole_file``."""
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _partial(path: Path) -> IO[bytes]:
    """A new file beside ``path``, locked for as long as its writer lives."""
    while True:
        file = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial").open("xb")
        with suppress(OSError):  # a file system without locks: nobody sweeps there, either
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # somebody swept before it was locked


def _sweep(path: Path) -> None:
    for partial in path.parent.glob(f".{glob.escape(path.name)}.*.partial"):
        with suppress(OSError), partial.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            partial.unlink()
