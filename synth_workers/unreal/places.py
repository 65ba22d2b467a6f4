"""Places that only so many workers of a host may take: graphics cards, engines to attach to.

A place is a locked file, so whoever dies gives it back.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from manifests.disks import naming_disks
from manifests.errors import EngineLost
from synth_workers.processes.host import host_folder

PATIENCE_SECONDS = 1800.0
_PAUSE = 0.2


@dataclass(frozen=True)
class TakenPlace:
    """A place that is ours until ``give_back`` or the end of this process."""

    name: str
    lock: TextIO

    def give_back(self) -> None:
        """Let somebody else have it."""
        self.lock.close()


def locked(path: Path) -> TextIO | None:
    """A file that is ours until it is closed or this process ends; None if somebody else has it."""
    handle = path.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def gpu_places(gpus: Sequence[int], per_gpu: int) -> dict[str, int]:
    """Names of places and their cards, ordered so that cards fill up evenly."""
    return {f"gpu{gpu}-{turn}": gpu for turn in range(per_gpu) for gpu in gpus}


def take_place(
    kind: str, names: Sequence[str], patience: float = PATIENCE_SECONDS, folder: Path | None = None
) -> TakenPlace:
    """The first of ``names`` that is free, waiting for one up to ``patience`` seconds.

    ``EngineLost`` if none became free.
    """
    folder = (folder or host_folder("places")) / kind
    with naming_disks(folder):
        folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + patience
    while True:
        for name in names:
            lock = locked(folder / name.replace("/", "_"))
            if lock is not None:
                return TakenPlace(name, lock)
        if time.monotonic() >= deadline:
            raise EngineLost(
                f"all {len(names)} places for {kind} on this host stayed taken for "
                f"{patience:.0f} s; run fewer workers or allow more engines in games.yaml"
            )
        time.sleep(_PAUSE)
