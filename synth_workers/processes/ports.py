"""Fixed ports for engines that cannot choose one themselves, shared by all workers of a host.

The next port is always another one: an engine that crashed leaves its port unusable for a while
(UnrealCV does not set ``SO_REUSEADDR``), so none is lent again for two minutes after its end.
Who holds which port is written down under a file lock; a port whose worker died counts as given
back when that is noticed. Nothing ever connects to a port to see whether it is free: plugins
take the first connection for their one client.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from manifests.disks import naming_disks
from manifests.errors import EngineLost
from manifests.whole_files import write_whole
from synth_workers.processes.host import ProcessMark, host_folder

FIRST_PORT, LAST_PORT = 9100, 9899
REST_SECONDS = 120.0


@dataclass
class _Notes:
    """The shared file: the port lent last, who holds ports, and when others were given back."""

    last: int = 0
    held: dict[int, ProcessMark] = field(default_factory=dict)
    resting: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PortAllocator:
    """Lends TCP ports from ``first`` to ``last``; safe between threads and processes.

    ``rest_seconds``: how long a port that was given back is left alone. ``clock``: seconds since
    1970. ``can_bind``: whether the operating system would let an engine have the port.
    """

    folder: Path
    first: int = FIRST_PORT
    last: int = LAST_PORT
    rest_seconds: float = REST_SECONDS
    clock: Callable[[], float] = time.time
    can_bind: Callable[[int], bool] = lambda port: _can_bind(port)

    @classmethod
    def of_this_host(cls) -> PortAllocator:
        """The one all workers of this user on this host share."""
        return cls(host_folder("ports"))

    def take(self) -> int:
        """A port that is this process's until ``give_back``, or until the process ends.

        ``EngineLost`` if all are held or resting: trying again later helps.
        """
        with self._notes() as notes:
            count = self.last - self.first + 1
            begin = notes.last + 1 - self.first if notes.last >= self.first else 0
            for offset in range(count):
                port = self.first + (begin + offset) % count
                if port in notes.held or port in notes.resting or not self.can_bind(port):
                    continue
                notes.last = port
                notes.held[port] = ProcessMark.own()
                return port
        raise EngineLost(
            f"no port between {self.first} and {self.last} is free for an engine: each is held by "
            f"a worker of this host or was given back less than {self.rest_seconds:.0f} s ago"
        )

    def give_back(self, port: int) -> None:
        """Return a port whose engine has ended; it rests from now on."""
        with self._notes() as notes:
            notes.held.pop(port, None)
            notes.resting[port] = self.clock()

    @contextmanager
    def _notes(self) -> Generator[_Notes]:
        path = self.folder / "ports.json"
        with naming_disks(path):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "ports.lock").open("a")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            notes = self._refreshed(_read_notes(path))
            try:
                yield notes
            finally:  # what was noticed about the dead counts even if no port could be had
                write_whole(path, _NOTES.dump_json(notes).decode())

    def _refreshed(self, notes: _Notes) -> _Notes:
        now = self.clock()
        for port, holder in list(notes.held.items()):
            if not holder.alive:
                del notes.held[port]
                notes.resting[port] = now
        notes.resting = {
            port: since
            for port, since in notes.resting.items()
            if 0 <= now - since < self.rest_seconds
        }
        return notes


def _can_bind(port: int) -> bool:
    # Without SO_REUSEADDR, as the plugin binds: a port in TIME_WAIT is refused here as well.
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as sock:
        try:
            sock.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


_NOTES = TypeAdapter(_Notes)


def _read_notes(path: Path) -> _Notes:
    """The notes in ``path``; none where there is no file or not one of ours."""
    try:
        return _NOTES.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return _Notes()
