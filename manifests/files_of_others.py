"""People's own folders: what in them is content, and which files a list in them may name."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

from manifests.errors import CorruptData
from manifests.picture_files import PICTURE_SUFFIXES

_BEGINNINGS = (".", "~$")
"""Hidden files (``._name`` and ``.DS_Store`` of macOS, ``.name.swp`` of vim, ``.~lock``), Office's
locks."""

_ENDINGS = (
    "~", "#", ".bak", ".orig", ".swp", ".tmp", ".temp",
    ".crdownload", ".part", ".partial", ".download", ".opdownload", ".incomplete", ".aria2", ".!ut",
)  # fmt: skip
"""Editors' copies and half-finished downloads."""

_NAMES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "@eadir", "$recycle.bin",
     "system volume information", "lost+found"}
)  # fmt: skip
"""What Windows, macOS and network drives leave behind, files and folders."""


_FORMS = ("NFC", "NFD")
_URI = re.compile("[A-Za-z][A-Za-z0-9+.-]+://")


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is nobody's content: a system, an editor or an
    unfinished download left it there."""
    lowered = name.lower()
    return lowered in _NAMES or lowered.startswith(_BEGINNINGS) or lowered.endswith(_ENDINGS)


def files_below(folder: Path) -> list[Path]:
    """Files in a folder and in all folders in it, sorted by path, without litter.

    Links are followed, but for those that lead back up. Raises ``CorruptData`` if a folder cannot
    be read.
    """
    return sorted(_below(folder, ()))


def pictures_below(folder: Path) -> list[Path]:
    """Picture files in a folder and all folders in it, sorted by path; ``CorruptData`` for one
    whose name is no text, as archives from other systems leave them: nothing could record it."""
    pictures = list(filter(is_picture, files_below(folder)))
    for path in pictures:
        shown = str(path).encode(errors="backslashreplace").decode()
        if shown != str(path):
            raise CorruptData(f"{shown}: its name is not UTF-8; rename it, e.g. with `convmv`")
    return pictures


def is_picture(path: Path) -> bool:
    """Whether a file is called like a picture of a format that is read."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def is_file(path: Path) -> bool:
    """Whether there is a file; there is none of a name that is too long to be one."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """The same of a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _below(folder: Path, above: tuple[str, ...]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if any(one == real or one.startswith(real.rstrip(os.sep) + os.sep) for one in above):
        return
    try:
        with os.scandir(folder) as entries:
            own = [(folder / e.name, _is_folder(e)) for e in entries if not is_litter(e.name)]
    except OSError as error:
        raise CorruptData(f"{folder}: cannot be read: {error.strerror}") from error
    for path, is_folder in own:
        if is_folder:
            yield from _below(path, (*above, real))
        else:
            yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # An entry raises for a link that leads to itself; a path does not.
    return Path(entry).is_dir() if entry.is_symlink() else entry.is_dir()


def file_below(folder: Path, name: str, where: str) -> Path:
    """The file in ``folder`` that a list calls ``name``, whether it is there or not.

    A link in the folder may lead anywhere, as those into a cache do; a name may not. Back slashes
    and the other Unicode form of accents are understood where that finds a file. ``CorruptData``
    with the line ``where`` for a name that leads out of ``folder`` or cannot be a file's.
    """
    meant = name.replace("\\", "/")
    if _URI.match(name):
        raise CorruptData(
            f"{where}: {name[:200]!r} is a URI; write paths of files, from {folder} on"
        )
    try:
        for spelt in (name, meant, *(unicodedata.normalize(form, meant) for form in _FORMS)):
            path = _inside(folder, spelt)
            if path is not None and _exists(path):
                return path
    except (OSError, ValueError) as error:
        # Too long, with a NUL, or a link that leads to itself.
        raise CorruptData(f"{where}: {name[:80]!r} cannot be the name of a file") from error
    path = _inside(folder, meant)
    if path is None or PureWindowsPath(name).drive:
        raise CorruptData(
            f"{where}: {name[:200]!r} leads out of {folder}; write paths from that folder"
        )
    return path


def _inside(folder: Path, name: str) -> Path | None:
    """``folder / name`` without ``..``, which behind a link would lead on from where that leads;
    None if that is outside. An absolute name is inside if it begins with the folder's own."""
    homes = [folder.absolute()]
    if Path(name).is_absolute():
        homes.append(folder.resolve())
    for home in homes:
        place = Path(os.path.relpath(home / name, home))
        if place.parts[:1] != (os.pardir,):
            return folder / place
    return None


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
