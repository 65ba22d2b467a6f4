"""Disks without room and folders that refuse, on any machine and for any user, root included."""

from __future__ import annotations

import resource
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def full_disk(size: int = 4096) -> Generator[None]:
    """Until the block ends, no file of this process can be written beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    # Compiled modules would be kept cut off, and break whoever imports them next.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def refusing_folder(folder: Path) -> Path:
    """A path below ``folder`` at which nothing can be made: a file is in the way."""
    (folder / "in the way").touch()
    return folder / "in the way" / "cache"
