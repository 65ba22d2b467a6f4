"""Notes of work that a killed process cannot put away itself, so that the next one can.

A note lies in a folder from before the work until it has ended well, and says whose it is: host,
process id, start time. What a living process or one of another host noted is not abandoned.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from manifests.errors import StoreUnsuitable
from manifests.whole_files import write_whole
from synth_workers.processes.host import Owner

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Note:
    """One note: its file, whose it is, and what work it is about."""

    path: Path
    owner: Owner
    about: Mapping[str, str]

    def put_away(self) -> None:
        """Nothing is left to be done about it."""
        with suppress(OSError):
            self.path.unlink()


@contextmanager
def noted(folder: Path, about: Mapping[str, str]) -> Generator[None]:
    """Keep a note about the work of the block; it stays if the block ends with an error. Where
    none can be written, the work goes on without."""
    path, owner = folder / f"{secrets.token_hex(8)}.json", Owner.own()
    try:
        write_whole(path, json.dumps({**owner.written(), "about": dict(about)}))
    except StoreUnsuitable as error:
        _log.warning("should this process be killed, nobody will tidy up after it: %s", error)
    yield
    with suppress(OSError):
        path.unlink()


def abandoned(folder: Path) -> list[Note]:
    """The notes whose process ran on this host and is gone. Unreadable ones are nobody's."""
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return [note for note in found if note is not None and note.owner.gone]


def _read(path: Path) -> Note | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        about = {str(key): str(value) for key, value in content["about"].items()}
        return Note(path, Owner.read(content), about)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
