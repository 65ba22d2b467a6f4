"""A copy of a packaged game for one process alone, which costs no disk.

Plugins keep their settings in ``unrealcv.ini`` beside the executable and write it anew at every
start, so that two processes in one folder take each other's port. The copy hard-links the
Binaries folder, because a game finds its content by where its executable lies and a symbolic
link would lead it back; everything else is linked by name. Settings and ``Saved`` are its own.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from manifests.errors import MissingRequirement
from synth_workers.unreal.places import locked

SETTINGS = "unrealcv.ini"
_OWNER = ".owner"
_OWN_FOLDERS = ("Binaries", "Saved")


@dataclass(frozen=True)
class PrivateCopy:
    """One copy. ``executable``: what to start. ``settings``: its ``unrealcv.ini``. ``root``: all
    of it; it counts as in use while ``lock`` is open."""

    root: Path
    executable: Path
    settings: Path
    lock: TextIO

    def remove(self) -> None:
        """Delete the copy; the game itself stays."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.lock.close()


def make_private_copy(
    executable: Path, settings: str, folder: Path, user: str | None = None
) -> PrivateCopy:
    """A copy below ``folder`` of the game that ``executable`` belongs to.

    ``settings``: text of its ``unrealcv.ini``. ``user``: whom the game will run as, if not us.
    ``MissingRequirement`` if the game is not there or not executable.
    """
    if not executable.is_file() or not os.access(executable, os.X_OK):
        raise MissingRequirement(f"there is no executable game at {executable}")
    project = executable.parents[2]
    root, lock = _new_root(folder)
    own_project = root / project.name
    binaries = own_project / executable.relative_to(project).parent
    _link_others(project.parent, root, {project.name})
    own_project.mkdir()
    _link_others(project, own_project, set(_OWN_FOLDERS))
    _link_hard(project / "Binaries", own_project / "Binaries")
    (own_project / "Saved").mkdir()
    ini = binaries / SETTINGS
    ini.write_text(settings)
    if user is not None:
        for path in (root, own_project, binaries, own_project / "Saved", ini):
            _give(path, user)
    return PrivateCopy(root, binaries / executable.name, ini, lock)


def remove_abandoned(folder: Path) -> list[Path]:
    """Delete copies whose worker has ended without doing so; returns which."""
    removed: list[Path] = []
    if not folder.is_dir():
        return removed
    for root in sorted(path for path in folder.iterdir() if (path / _OWNER).exists()):
        lock = _lock(root)
        if lock is not None:
            shutil.rmtree(root, ignore_errors=True)
            lock.close()
            removed.append(root)
    return removed


def _new_root(folder: Path) -> tuple[Path, TextIO]:
    while True:
        root = folder / uuid.uuid4().hex[:12]
        root.mkdir(parents=True)
        lock = _lock(root)
        if lock is not None:  # else somebody who tidies up came between
            return root, lock


def _lock(root: Path) -> TextIO | None:
    """What keeps a copy ours; None if it is somebody else's, or gone."""
    with contextlib.suppress(OSError):
        return locked(root / _OWNER)
    return None


def _link_others(source: Path, target: Path, but: set[str]) -> None:
    for entry in source.iterdir():
        if entry.name not in but:
            (target / entry.name).symlink_to(entry)


def _link_hard(source: Path, target: Path) -> None:
    target.mkdir()
    for entry in source.iterdir():
        own = target / entry.name
        if entry.is_dir() and not entry.is_symlink():
            _link_hard(entry, own)
        elif entry.name != SETTINGS:
            try:
                own.hardlink_to(entry)
            except OSError:  # another file system, or somebody else's file
                shutil.copy2(entry, own)


def _give(path: Path, user: str) -> None:
    with contextlib.suppress(KeyError):
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)
