"""Start, watch and end the processes of render engines, or attach to one that runs already.

Readiness comes from the engine's own log line, never from probing its port. Each engine has a
process group of its own and leaves a record (``synth_workers.processes.orphans``), by which the
next start on this host finds and ends engines whose worker was killed. Nothing here speaks to an
engine.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol, Self

import psutil

from manifests.capture_rules import ImageSpec
from manifests.errors import (
    BadRecipe,
    BadScene,
    EngineLost,
    FactoryError,
    FolderUnsuitable,
    MissingRequirement,
)
from synth_workers.processes.host import dying_with_parent, forget_peak, host_folder, peak_bytes
from synth_workers.processes.orphans import EngineRecord, end_orphans, signal_group
from synth_workers.worker.authentication import token_file
from synth_workers.worker.endpoint import Endpoint

_READY = re.compile(r"Start listening on (\d+)")
_CANNOT_LISTEN = re.compile(r"Cannot start listening|Port might be in use")
_REFUSES_ROOT = re.compile(r"Refusing to run with (the )?root privileges")
_RENDERER = re.compile(r"(?:GL_RENDERER|DeviceName): (.+)")
_FATAL = re.compile(r"Fatal error!|LowLevelFatalError|Assertion failed:|Unable to send")
_TROUBLE = re.compile(r"error|fatal|unable to send|traceback", re.IGNORECASE)
_EXIT_ERRORS: dict[int, type[FactoryError]] = {
    error.exit_code: error for error in (BadRecipe, BadScene, MissingRequirement, FolderUnsuitable)
}


@dataclass(frozen=True)
class EngineCommand:
    """How to start one kind of engine, and how long it may take to get ready.

    ``memory_mb`` is the resident size above which the engine counts as ill. ``environment``: all
    of it (default: the worker's own). ``user``: whom it runs as, if the worker is root. ``port``:
    where it was told to listen; engines that log nothing are ready when they do.
    """

    arguments: tuple[str, ...]
    ready_seconds: float = 120.0
    memory_mb: int = 4096
    folder: Path | None = None
    environment: Mapping[str, str] | None = None
    user: str | int | None = None
    port: int | None = None


class PortTaken(EngineLost):
    """Somebody else listens on the port that an engine was told to take."""


def embedded_engine(
    scene: str, crowd: Path, image: ImageSpec, *, extra: Sequence[str] = ()
) -> EngineCommand:
    """The engine that ships with this project, on a free port, drawing one scene and crowd."""
    secret = token_file()
    return EngineCommand(
        (
            *(sys.executable, "-P", "-m", "synth_workers.engine"),
            *("--scene", scene),
            *("--crowd", str(crowd)),
            *("--port", "0"),
            *("--width", str(image.width)),
            *("--height", str(image.height)),
            *("--supersampling", f"{image.supersampling:g}"),
            *("--jpeg-quality", str(image.jpeg_quality)),
            *(("--token-file", str(secret.resolve())) if secret is not None else ()),
            *extra,
        )
    )


class Engine(Protocol):
    """What a worker needs of an engine, whoever started it."""

    @property
    def renderer(self) -> str:
        """The graphics card or driver it draws with; empty if that is not known."""
        return ""

    @property
    def opening(self) -> Sequence[str]:
        """Commands that make its level a fresh one, to be sent first."""
        return ()

    def start(self) -> Endpoint:
        """Make it ready; where it listens."""
        ...

    def check(self) -> None:
        """Raise ``EngineLost`` if it is gone, as far as its process is known."""

    def outgrown(self) -> bool:
        """Whether it holds more memory than it may and should be started anew."""
        return False

    def cpu_seconds(self) -> float:
        """What it has used, user + system, as far as that is known."""
        return 0.0

    def log_tail(self, lines: int = 20) -> str:
        """The last it said."""
        ...

    def peak_bytes(self) -> int:
        """Most memory that its process held, as far as that is known."""
        return 0

    def end(self, grace: float = 5.0) -> None:
        """Let go of it."""

    def rest(self, frames: int) -> None:
        """Let go of it after so many frames that went well: another shard may want it."""
        self.end()


class AttachedEngine(Engine):
    """An engine that somebody else started, watches and will end."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def start(self) -> Endpoint:
        """Where it listens."""
        return self._endpoint

    def log_tail(self, lines: int = 20) -> str:
        """Its log is somewhere else."""
        return f"(attached to {self._endpoint}, its log is with whoever started it)"


class EngineProcess(Engine):
    """One running engine; a context manager that always ends the whole process group."""

    def __init__(self, command: EngineCommand, *, pid_folder: Path | None = None) -> None:
        self._command = command
        self._pid_folder = pid_folder or host_folder("engines")
        self._log: deque[str] = deque(maxlen=400)
        self._answered = threading.Event()
        self._port: int | None = None
        self._cannot_listen = False
        self._fatal = ""
        self._cpu_seconds = 0.0
        self._renderer = ""
        self._process: subprocess.Popen[str] | None = None
        self._record: EngineRecord | None = None

    def start(self) -> Endpoint:
        """Start the engine and wait until it is ready; returns where it listens."""
        end_orphans(self._pid_folder)
        record = EngineRecord.new(self._pid_folder)
        process = subprocess.Popen(
            self._command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
            start_new_session=True,
            preexec_fn=dying_with_parent(signal.SIGKILL),
            cwd=self._command.folder,
            env={**self._environment(), **record.environment},
            user=self._command.user,
            group=_main_group(self._command.user),
            extra_groups=None if self._command.user is None else [],
        )
        self._process = process
        self._record = record
        record.write(process.pid)
        threading.Thread(target=self._read_log, daemon=True, name="engine-log").start()
        if not self._becomes_ready():
            tail = self.log_tail()
            self.end()
            raise EngineLost(
                f"the engine was not ready after {self._command.ready_seconds:.0f} s; "
                f"its last lines:\n{tail}"
            )
        if self._port is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(2.0)
            error = self._ended_error("before it was ready")
            self.end()
            raise error
        if self._command.port not in (None, self._port):
            self.end()
            raise EngineLost(
                f"the engine listens on port {self._port} although it was told to take "
                f"{self._command.port}: it did not read the settings that were written for it"
            )
        return Endpoint(self._port)

    @property
    def renderer(self) -> str:
        """What its log says that it draws with."""
        return self._renderer

    @property
    def pid(self) -> int:
        """Process id, which is also the id of the engine's process group."""
        if self._process is None:
            raise RuntimeError("the engine has not been started")
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs and has not said that it is about to end."""
        return self._process is not None and self._process.poll() is None and not self._fatal

    def check(self) -> None:
        """Raise ``EngineLost`` if the engine has ended, or has said that it is about to."""
        if self._process is None or self._process.poll() is not None:
            raise self._ended_error("while it was in use")
        if self._fatal:
            raise EngineLost(
                f"the engine is broken: {self._fatal}; its last lines:\n{self.log_tail()}"
            )

    def outgrown(self) -> bool:
        """Whether the engine holds more memory than its command allows."""
        return self.memory_mb() > self._command.memory_mb

    def memory_mb(self) -> float:
        """Resident size of the engine in MB, 0 when it has ended."""
        try:
            return psutil.Process(self.pid).memory_info().rss / 2**20
        except psutil.Error:
            return 0.0

    def peak_bytes(self) -> int:
        """Most memory that the engine held at a time; 0 before its start and after its end."""
        if self._process is None:
            return 0
        return peak_bytes(self.pid) or int(self.memory_mb() * 2**20)

    def forget_peak(self) -> None:
        """Count the most memory from now on, where the system can."""
        forget_peak(self.pid)

    def cpu_seconds(self) -> float:
        """User and system seconds the engine has used, including children it has reaped."""
        with contextlib.suppress(psutil.Error):
            if self._process is not None and self._process.poll() is None:
                t = psutil.Process(self.pid).cpu_times()
                self._cpu_seconds = t.user + t.system + t.children_user + t.children_system
        return self._cpu_seconds

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of the engine's log; those that speak of trouble come first."""
        recent = list(self._log)
        trouble = [line for line in recent[:-lines] if _TROUBLE.search(line)][-5:]
        return "\n".join(trouble + recent[-lines:]) or "(it wrote nothing)"

    def end(self, grace: float = 5.0) -> None:
        """End the whole process group: politely, then by force after ``grace`` seconds."""
        process = self._process
        if process is None:
            return
        self.cpu_seconds()
        if process.poll() is None:
            signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(grace)
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        if self._record is not None:
            self._record.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _environment(self) -> Mapping[str, str]:
        given = self._command.environment
        return os.environ if given is None else given

    def _becomes_ready(self) -> bool:
        """Wait for the log's word, or for the port where one was given."""
        deadline = time.monotonic() + self._command.ready_seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._answered.wait(left if self._command.port is None else min(left, 0.25)):
                return True
            if self._command.port is not None and self._listens_on(self._command.port):
                # The log may be a moment behind, and knows the port for certain.
                if not self._answered.wait(min(left, 1.0)):
                    self._port = self._command.port
                return True
        return False

    def _listens_on(self, port: int) -> bool:
        """Whether the kernel says so; nothing is connected, which would use up the engine's
        one TCP client."""
        with contextlib.suppress(psutil.Error):
            leader = psutil.Process(self.pid)
            family = (leader, *leader.children(recursive=True))
            open_here = chain.from_iterable(each.net_connections("tcp") for each in family)
            return any(c.status == psutil.CONN_LISTEN and c.laddr[1] == port for c in open_here)
        return False

    def _read_log(self) -> None:
        process = self._process
        assert process is not None and process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                self._log.append(line.rstrip())
                if match := _RENDERER.search(line):
                    self._renderer = match.group(1).strip()
                if not self._fatal and _FATAL.search(line):
                    self._fatal = line.strip()[:300]
                if match := _READY.search(line):
                    self._port = int(match.group(1))
                    self._answered.set()
                elif _CANNOT_LISTEN.search(line):
                    self._cannot_listen = True
                    self._answered.set()
        self._answered.set()

    def _ended_error(self, when: str) -> FactoryError:
        code = self._process.poll() if self._process is not None else None
        tail = self.log_tail()
        if code is None and self._cannot_listen:
            return PortTaken(f"the engine found its port in use; its last lines:\n{tail}")
        cause = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        if _REFUSES_ROOT.search(tail):
            return MissingRequirement(
                f"this engine does not run as root; use another user:\n{tail}"
            )
        kind = _EXIT_ERRORS.get(code if code is not None else -1, EngineLost)
        return kind(f"the engine ended ({cause}) {when}; its last lines:\n{tail}")


def _main_group(user: str | int | None) -> int | None:
    if user is None:
        return None
    with contextlib.suppress(KeyError):
        return (pwd.getpwnam(user) if isinstance(user, str) else pwd.getpwuid(user)).pw_gid
    return int(user)
