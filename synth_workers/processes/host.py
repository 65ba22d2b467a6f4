"""What workers on one host share: a folder for their notes, and processes known for certain.

A process id alone proves nothing, because it is given to somebody else later; id and start time
together do. Home folders may be shared between hosts, so notes about processes are kept by host.
"""

from __future__ import annotations

import ctypes
import os
import platform
import re
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

import psutil

from synth_workers.cache_folder import cache_root

_LIBC: ctypes.CDLL | None = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


def dying_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child calls between fork and exec, so that Linux sends it ``number`` when its parent
    dies: even ``kill -9`` leaves no orphans. The parent is the thread that started it."""

    def ask() -> None:  # the library is loaded beforehand, for here little may be allocated
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, number)

    return ask


def clock_that_never_stops() -> float:
    """Seconds of a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def peak_bytes(pid: int) -> int:
    """Most memory that a process has held, of late if ``forget_peak`` was asked; 0 if it has ended,
    or where the system does not tell."""
    with suppress(OSError):
        if (peak := _PEAK.search(Path(f"/proc/{pid}/status").read_text())) is not None:
            return 1024 * int(peak.group(1))
    return 0


def own_peak_bytes() -> int:
    """The same of this process, however the system tells."""
    return peak_bytes(os.getpid()) or 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak(pid: int) -> None:
    """Have ``peak_bytes`` of a process count from now on, where the system can (Linux)."""
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def host_folder(name: str) -> Path:
    """Where this user's workers on this host keep their notes about ``name``."""
    return cache_root() / "hosts" / (platform.node() or "localhost") / name


class ProcessMark(NamedTuple):
    """One process of this host. ``started``: seconds since 1970, 0 if it was gone already."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Self:
        """The process that has ``pid`` now."""
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.Error:
            return cls(pid, 0.0)

    @classmethod
    def own(cls) -> Self:
        """This process."""
        return cls.of(os.getpid())

    @property
    def alive(self) -> bool:
        """Whether this very process runs; one that only waits to be reaped does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


class Owner(NamedTuple):
    """Whose something is: a process and its host, as they are written beside it.

    ``start``: which boot of the host and how long after it the process began, where the system
    tells: unlike ``process.started`` it stays when somebody sets the clock.
    """

    host: str
    process: ProcessMark
    start: str = ""

    @classmethod
    def own(cls) -> Self:
        """This process on this host."""
        return cls(_this_host(), ProcessMark.own(), _start_of(os.getpid()))

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """From what ``written`` gave; else ``KeyError``, ``TypeError`` or ``ValueError``."""
        mark = ProcessMark(int(content["pid"]), float(content["started"]))
        return cls(str(content["host"]), mark, str(content.get("start", "")))

    def written(self) -> dict[str, str | int | float]:
        """JSON-ready."""
        pid, started = self.process
        return {"host": self.host, "pid": pid, "started": started, "start": self.start}

    @property
    def gone(self) -> bool:
        """Whether it ran on this host and no longer does; of other hosts nothing is known."""
        if self.host != _this_host():
            return False
        if self.start:
            return _start_of(self.process.pid) != self.start
        return not self.process.alive


def _this_host() -> str:
    """This host; containers of one name have process ids of their own, machines of one name a
    system of their own."""
    words = [platform.node()]
    with suppress(OSError):
        words.append(str(Path("/proc/self/ns/pid").readlink()))
    with suppress(OSError):
        words.append(Path("/etc/machine-id").read_text().strip())
    return " ".join(words)


def _start_of(pid: int) -> str:
    """The boot and the clock ticks from it to the start of a process that runs; empty if none
    does, or where the system does not tell."""
    try:
        state, *more = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if state in "ZX" else f"{boot} {more[18]}"
