"""Disks that are full, read-only or somebody else's: said in words, with the way out."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path

from manifests.errors import FolderUnsuitable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the operating system says where there is no room."""

REFUSING = frozenset(
    {
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.ENOTDIR,
        errno.EEXIST,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ELOOP,
    }
)
"""What it says where nothing may or can be written, however much room there is."""

_SHORT_WRITE = "requested and"
"""NumPy says how much of an array a disk took, but not the operating system's reason."""


@contextmanager
def naming_disks(path: Path, but: Collection[int] = ()) -> Generator[None]:
    """Errors of a disk that the block meets while it writes ``path``, or below it, become
    ``FolderUnsuitable``: which path, what for, and how to get room. ``but``: errors that may mean
    something else there."""
    try:
        yield
    except OSError as error:
        if error.errno in but or (named := disk_error(error, path)) is None:
            raise
        raise named from error


def disk_error(error: OSError, path: Path | None = None) -> FolderUnsuitable | None:
    """In words, if a disk is to blame. ``path``: what was written, else what ``error`` names."""
    full = error.errno in FULL or (error.errno is None and _SHORT_WRITE in str(error))
    if not full and error.errno not in REFUSING:
        return None
    what = "cannot be written"
    if path is None and isinstance(error.filename, str):
        path, what = Path(error.filename), "cannot be written or read"
    if path is None:
        return FolderUnsuitable(f"a file {what} ({error}); free some space or see who may write")
    purpose, remedy = _place(path)
    if full:
        return FolderUnsuitable(f"{path}: no space left for {purpose}; free some or {remedy}")
    way = "choose a shorter name" if error.errno == errno.ENAMETOOLONG else "make it writable"
    return FolderUnsuitable(
        f"{path}: {what} ({error.strerror}), and is needed for {purpose}; {way} or {remedy}"
    )


def _place(path: Path) -> tuple[str, str]:
    """What the nearest of our folders is for, and what chooses another."""
    from manifests.environment import environment, variable  # with all that checks settings

    known, places = environment(), dict[Path, tuple[str, str]]()
    places[Path(tempfile.gettempdir())] = "scratch files", "TMPDIR"
    places[known.out] = "what builds and trainings make", variable("out")
    places[known.state] = "the local Prefect server and farm", variable("state")
    places[known.cache] = "what this host keeps of people, scenes and crops", variable("cache")
    above = (path.resolve(), *path.resolve().parents)
    found = [folder for folder in places if folder.resolve() in above]
    if not found:
        return "what is written there", "choose another folder"
    purpose, name = places[max(found, key=lambda folder: len(folder.resolve().parts))]
    return purpose, f"set {name} to another folder"
