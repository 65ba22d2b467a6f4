"""How a format is written: into a folder that appears complete or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from manifests.disks import REFUSING, naming_disks
from manifests.errors import BadRecipe
from manifests.reader import SnapshotReader


@dataclass(frozen=True)
class ExportFormat:
    """``write``: given a snapshot, cameras and an empty folder, writes what these cameras saw and
    returns how many files that were and for how many the format has no place. ``unit``: what is
    counted."""

    write: Callable[[SnapshotReader, set[str], Path], tuple[int, int]]
    unit: str = "crops"


@contextmanager
def complete_or_absent(folder: Path) -> Generator[Path]:
    """A folder to write into that becomes ``folder`` when the block ends without an error.

    Raises ``BadRecipe`` if ``folder`` exists and is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadRecipe(f"{folder} is not empty; name a new folder")
    staging = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    with naming_disks(folder):
        staging.mkdir(parents=True)
    try:
        with naming_disks(folder, but=REFUSING):
            yield staging
        if folder.exists():
            folder.rmdir()
        staging.replace(folder)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def place(folder: Path, path: str) -> Path:
    """``folder / path``, its parent made if need be."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
