"""Starts what ends, as systemd would on a farm's hosts, until it is told to stop."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_LOOK_SECONDS = 0.2
_RESTART_SECONDS = 1.0
_STOP_SECONDS = 30.0


@dataclass
class Service:
    """One supervised process; ``starts`` counts how often it was started."""

    name: str
    command: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    starts: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        running = self.process is not None and self.process.poll() is None
        return self.process.pid if self.process and running else None

    def start(self) -> None:
        """Start it in a session of its own; output is appended to ``log``."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.starts += 1


class Supervisor:
    """Keeps services running; leaving the block ends them and all that they started."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="supervisor")

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._thread.join()
        for service in reversed(self.services.values()):
            end_family(service.pid)

    def add(self, service: Service) -> Service:
        """Start a service and keep it running from now on."""
        service.start()
        self.services[service.name] = service
        return service

    def _watch(self) -> None:
        ended_at: dict[str, float] = {}
        while not self._ending.wait(_LOOK_SECONDS):
            now = time.monotonic()
            for service in list(self.services.values()):
                if service.pid is not None:
                    ended_at.pop(service.name, None)
                elif now - ended_at.setdefault(service.name, now) >= _RESTART_SECONDS:
                    service.start()


def end_family(pid: int | None) -> None:
    """End a process and its descendants politely, then by force."""
    if pid is None:
        return
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    _, alive = psutil.wait_procs(family, timeout=_STOP_SECONDS)
    for survivor in alive:
        survivor.kill()
    psutil.wait_procs(alive, timeout=_STOP_SECONDS)


def wait_for(what: str, condition: Callable[[], bool], seconds: float, every: float = 0.25) -> None:
    """Return as soon as ``condition`` holds; ``AssertionError`` if it does not in time.

    ``every``: seconds between two looks; a server that is asked often has less time for its work.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(every)
