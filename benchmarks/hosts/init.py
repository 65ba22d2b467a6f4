"""The first process of a host: makes its root, starts its units and starts again what ends.

``python -m benchmarks.hosts.init FILE`` in new namespaces, see ``host``. Takes one JSON request a
line from its input: ``start`` (a unit), ``stop`` (a name).
"""

from __future__ import annotations

import json
import os
import pwd
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.hosts.root import mount_root
from benchmarks.hosts.units import Unit

MARK = "UNREALPERSON_UNIT"
"""In the environment of everything that a unit starts; the unit's name."""

LOGS = Path("/var/log")
_LOOK_SECONDS = 0.2


@dataclass
class _Service:
    unit: Unit
    process: subprocess.Popen[bytes] | None = None
    ended_at: float | None = None
    waiting: list[tuple[str, ...]] = field(default_factory=list)


class Init:
    """Looks after the services of one host."""

    def __init__(self) -> None:
        self._services: dict[str, _Service] = {}
        self._asked = b""

    def serve(self) -> None:
        """Until the input ends, and with it the host."""
        while True:
            if select.select([0], [], [], _LOOK_SECONDS)[0] and not self._take_requests():
                return
            self._reap()
            for service in self._services.values():
                self._look_after(service)

    def _take_requests(self) -> bool:
        data = os.read(0, 65536)
        *lines, self._asked = (self._asked + data).split(b"\n")
        for line in lines:
            self._do(json.loads(line))
        return bool(data)

    def _do(self, request: dict[str, Any]) -> None:
        if "stop" in request:
            self._services.pop(request["stop"], None)
            _kill_all(request["stop"])
            return
        unit = Unit(**request["start"])
        self._services[unit.name] = _Service(unit)

    def _reap(self) -> None:
        """Take leave of whatever has ended, of services and of nobody's children."""
        ours = {s.process.pid for s in self._services.values() if s.process is not None}
        for child in psutil.Process().children():
            with suppress(psutil.Error, ChildProcessError):
                if child.pid not in ours and child.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(child.pid, os.WNOHANG)

    def _look_after(self, service: _Service) -> None:
        unit, process = service.unit, service.process
        if process is not None and process.poll() is None:
            return
        if process is not None and process.returncode == 0 and service.waiting:
            service.process = _start(unit, service.waiting.pop(0))
            return
        now = time.monotonic()
        if process is not None and service.ended_at is None:
            service.ended_at = now
            _kill_all(unit.name)  # KillMode=control-group
        pause = unit.restart if service.ended_at is not None else 0.0
        if pause is not None and (service.ended_at is None or now >= service.ended_at + pause):
            first, *service.waiting = [*unit.before, unit.start]
            service.process, service.ended_at = _start(unit, first), None


def _start(unit: Unit, command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    account = pwd.getpwnam(unit.user)
    login = {"HOME": account.pw_dir, "USER": unit.user, "PATH": os.defpath}
    with (LOGS / f"{unit.name}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=unit.folder,
            env={**login, **unit.whole_environment(), MARK: unit.name},
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _kill_all(unit: str) -> None:
    """Everything that a unit has started."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == unit:
                process.kill()


def main() -> None:
    """Entry point; says ``up`` when the host is."""
    described = json.loads(Path(sys.argv[1]).read_text())
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    socket.sethostname(described["name"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    root, disk, installed = (Path(described[name]) for name in ("root", "disk", "installed"))
    mount_root(root, disk, described["over"], installed)
    os.chroot(described["root"])
    os.chdir("/")
    LOGS.mkdir(exist_ok=True)
    print("up", flush=True)
    Init().serve()


if __name__ == "__main__":
    main()
