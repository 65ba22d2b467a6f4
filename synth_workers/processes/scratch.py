"""Folders for the scratch of one process, which makes, marks and removes them itself.

What a killed process left is found by its mark (host, process id, start time) and removed by the
next one. Nothing of a living process is touched, nothing without a mark, nothing behind a link.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from manifests.disks import REFUSING, naming_disks
from synth_workers.processes.host import Owner

_PREFIX = "unrealperson-"
_MARK = ".owner.json"


@contextmanager
def scratch_folder(purpose: str, parent: Path | None = None) -> Generator[Path]:
    """A new, empty but for its mark, folder that goes when the block ends.

    ``parent``: where; the system's folder for temporary files by default. Whatever killed
    processes left there is removed first. Raises ``StoreUnsuitable`` where nothing can be
    written, or where the block has no room for more.
    """
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    with naming_disks(parent):
        parent.mkdir(parents=True, exist_ok=True)
        sweep_scratch(parent)
        folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{purpose}-", dir=parent))
    try:
        # What the block is refused elsewhere is not this folder's fault.
        with naming_disks(parent, but=REFUSING):
            (folder / _MARK).write_text(json.dumps(Owner.own().written()))
            yield folder
    finally:
        _remove(folder)


def sweep_scratch(parent: Path) -> list[Path]:
    """Remove what processes of this user on this host left in ``parent`` when they were killed."""
    removed: list[Path] = []
    for folder in sorted(parent.glob(f"{_PREFIX}*")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            if Owner.read(json.loads((folder / _MARK).read_text())).gone:
                _remove(folder)
                removed.append(folder)
    return removed


def _remove(folder: Path) -> None:
    """The mark goes last: who removes a folder may be killed half way, too."""
    with suppress(OSError):
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name != _MARK:
                entry.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
