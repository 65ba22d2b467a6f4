"""A host: namespaces of its own (network, files, name, processes), its user, disk and units.

It is booted, frozen, cut off and loses its power; its disk outlives that, ``/tmp`` does not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from benchmarks.hosts.init import MARK
from benchmarks.hosts.root import HOME, PROJECT, USER, make_root, own_user
from benchmarks.hosts.units import Unit, read_environment

_NAMESPACES = ("--net", "--mount", "--uts", "--ipc", "--pid")
_OFF_SECONDS = 60.0
FILLER = "filler"
"""Name of the file that fills a disk."""


@dataclass
class Host:
    """One host. ``folder``: where its root lies here; ``disk``: what is its ``/var``."""

    name: str
    number: int
    address: str
    folder: Path
    units: list[Unit] = field(default_factory=list)
    over: list[tuple[str, str]] = field(default_factory=list)
    installed: Path = PROJECT
    _process: subprocess.Popen[str] | None = None

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    def prepare(self, addresses: Mapping[str, str], disk_megabytes: int | None) -> None:
        """Make its root and disk; a disk without a size is as large as that of this machine."""
        make_root(self.root, self.name, self.number, dict(addresses))
        self.disk.mkdir(exist_ok=True)
        if disk_megabytes is not None:
            size = f"size={disk_megabytes}m,mode=755"
            subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", self.disk], check=True)
        user, _ = own_user(self.number)
        for folder in ("lib", "cache"):
            own = self.disk / folder / USER
            own.mkdir(parents=True, exist_ok=True)
            os.chown(own, user, user)

    def write(self, name: str, text: str, mode: int = 0o644) -> None:
        """A file of ``/etc/unrealperson``."""
        path = self.root / "etc" / "unrealperson" / name
        path.touch(mode=0o600)
        path.write_text(text)
        path.chmod(mode)

    def boot(self) -> None:
        """Start it, without its units: it is on no network yet."""
        described = self.folder / "host.json"
        described.write_text(
            json.dumps(
                {
                    "name": self.name,
                    "root": str(self.root),
                    "disk": str(self.disk),
                    "over": self.over,
                    "installed": str(self.installed),
                }
            )
        )
        self._process = subprocess.Popen(
            ["unshare", *_NAMESPACES, "--fork", "--kill-child"]
            + [sys.executable, "-m", "benchmarks.hosts.init", str(described)],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "up\n":
            raise RuntimeError(f"{self.name} did not boot")

    def start_units(self) -> None:
        """Start what it runs, and start it again whenever it ends."""
        for unit in self.units:
            self.start(unit)

    def start(self, unit: Unit) -> None:
        self._tell({"start": asdict(unit)})

    def stop(self, name: str) -> None:
        """End a unit with everything that it has started."""
        self._tell({"stop": name})

    @property
    def pid(self) -> int:
        """Of its first process, as this machine counts."""
        assert self._process is not None
        (first,) = psutil.Process(self._process.pid).children()
        return first.pid

    @property
    def up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[psutil.Process]:
        """All that run on it beside the first, whoever started them."""
        if not self.up:
            return []
        first = self.pid
        here = Path(f"/proc/{first}/ns/pid").readlink()
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if Path(f"/proc/{process.pid}/ns/pid").readlink() == here and process.pid != first:
                    found.append(process)
        return found

    def power_off(self) -> None:
        """End everything at once, as without power."""
        if self._process is None:
            return
        with suppress(psutil.Error, ValueError):
            psutil.Process(self.pid).kill()
        # It is reaped when nothing of its namespace is left, and `unshare` ends after it.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_OFF_SECONDS)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        self._process = None

    def freeze(self) -> None:
        """Stop everything, whatever it is doing; what it is sent waits."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        first = psutil.Process(self.pid)
        told: set[int] = set()
        # The first process first: it starts others.
        while waiting := [p for p in (first, *self.processes()) if p.pid not in told]:
            for process in waiting:
                told.add(process.pid)
                with suppress(psutil.Error):
                    process.send_signal(number)

    def fill(self) -> None:
        """Leave no room on its disk."""
        with suppress(OSError), (self.disk / FILLER).open("wb") as file:
            while True:
                file.write(bytes(1 << 20))

    def empty(self) -> None:
        """Give the room back."""
        (self.disk / FILLER).unlink(missing_ok=True)

    def command(self, *words: str) -> list[str]:
        """A command line of this machine that runs ``words`` on the host as the farm's user."""
        user, _ = own_user(self.number)
        return [
            *("nsenter", f"--target={self.pid}", *_NAMESPACES, "--root", f"--wdns={HOME}"),
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"),
            *words,
        ]

    def environment(self) -> dict[str, str]:
        """Of such a command: that of the host's workers. No secret stands in the command line."""
        _, login = own_user(self.number)
        read: dict[str, str] = {}
        for path in self._environment_files():
            read |= read_environment(path)
        path = f"{HOME}/.venv/bin:{login['PATH']}"
        return {**login, **read, "PATH": path, "PYTHONPATH": str(HOME), MARK: "operator"}

    def run(
        self, *words: str, more: Mapping[str, str] | None = None, timeout: float = 300.0
    ) -> str:
        """What a command on the host prints; ``RuntimeError`` with its end if it fails."""
        done = subprocess.run(
            self.command(*words),
            cwd=PROJECT,
            env={**self.environment(), **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if done.returncode:
            raise RuntimeError(f"{words} on {self.name}: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def _environment_files(self) -> Sequence[Path]:
        settings = PROJECT / "infra" / "settings" / "worker.env"
        own = self.root / "etc" / "unrealperson"
        return [p for p in (settings, own / "worker.env", own / "secrets.env") if p.exists()]

    def _tell(self, request: Mapping[str, object]) -> None:
        assert self._process is not None and self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
