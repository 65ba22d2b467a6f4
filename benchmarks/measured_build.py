"""Runs a build as a user would, measures every process of it, and kills it on the way if asked.

All descendants are waited for, the Prefect server and what was killed included, so that the sum
of user + system is exact. What was measured lies in ``measured/``, one file for each time the
measurement was started: one that is stopped goes on where it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).parents[1]
_LIBC = ctypes.CDLL(None)
_SET_CHILD_SUBREAPER, _SET_PDEATHSIG = 36, 1
_SAMPLE_SECONDS = 3.0
_TELL_SECONDS = 30.0
_POLITE_SECONDS = 30.0


@dataclass(frozen=True)
class Place:
    """Where one measured build keeps everything: store, caches, scratch, server, measurements."""

    folder: Path
    dataset: str

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def measured(self) -> Path:
        return self.folder / "measured"

    @property
    def shards(self) -> Path:
        """Job files and logs of the shards."""
        return self.folder / "out" / "work" / self.dataset / "shards"

    @property
    def environment(self) -> dict[str, str]:
        """Of the build, so that it shares nothing with others on this machine."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
        return {
            **kept,
            "UNREALPERSON_OUT": str(self.folder / "out"),
            "UNREALPERSON_STATE": str(self.folder / "state"),
            "UNREALPERSON_PORT": "0",
            "UNREALPERSON_CACHE": str(self.folder / "cache"),
            "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]),
        }

    def prepare(self) -> None:
        """Make the folders; the cache begins with what an installation has, the body data."""
        from synth_workers.people.body.assets import require_assets

        for folder in (self.store, self.measured, self.folder / "cache"):
            folder.mkdir(parents=True, exist_ok=True)
        assets = require_assets()
        if not (self.folder / "cache" / assets.name).exists():
            shutil.copy(assets, self.folder / "cache" / assets.name)

    def claimed(self) -> int:
        """How many shards have a claim."""
        return sum(1 for _ in self._claims())

    def claimed_shards(self) -> set[str]:
        """The first letters of the render_ids that have a claim, as job folders are named."""
        return {json.loads(path.read_text())["render_id"][:16] for path in self._claims()}

    def in_flight(self) -> list[str]:
        """Shards that have been begun and have no claim."""
        begun = {path.parent.name for path in self.shards.glob("*/*.json")}
        return sorted(begun - self.claimed_shards())

    def attempts(self) -> Counter[str]:
        """How often each shard was begun."""
        return Counter(path.parent.name for path in self.shards.glob("*/*.log"))

    def _claims(self) -> Iterator[Path]:
        return (self.store / self.dataset / "claims" / "crops").glob("*.json")


@dataclass
class Interrupt:
    """One kill of the whole build: at how many claims, which shards were in flight, and the
    CPU-seconds that these had used in vain."""

    claimed: int
    in_flight: list[str]
    lost_cpu_seconds: float
    processes: int


@dataclass
class Measurement:
    """One stretch of a build, from a start of the measurement to its end."""

    started: str
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_bytes: int = 0
    disk_bytes: int = 0
    finished: bool = False
    interrupts: list[Interrupt] = field(default_factory=list)


def read_measurements(place: Place) -> list[Measurement]:
    """All stretches so far, oldest first."""
    found: list[Measurement] = []
    for path in sorted(place.measured.glob("*.json")):
        values: dict[str, Any] = json.loads(path.read_text())
        interrupts = [Interrupt(**entry) for entry in values.pop("interrupts")]
        found.append(Measurement(**values, interrupts=interrupts))
    return found


def summary(place: Place, parts: Sequence[Measurement]) -> dict[str, Any]:
    """Sums over all stretches of a build."""
    interrupts = [interrupt for part in parts for interrupt in part.interrupts]
    struck = {shard for interrupt in interrupts for shard in interrupt.in_flight}
    repeated = {shard for shard, times in place.attempts().items() if times > 1}
    return {
        "cpu_hours": round(sum(part.cpu_seconds for part in parts) / 3600, 4),
        "wall_minutes": round(sum(part.wall_seconds for part in parts) / 60, 1),
        "peak_gb": round(max(part.peak_bytes for part in parts) / 1e9, 3),
        "disk_gb": round(max(part.disk_bytes for part in parts) / 1e9, 2),
        "interrupts": len(interrupts),
        "in_flight": [len(interrupt.in_flight) for interrupt in interrupts],
        "lost_cpu_seconds": round(sum(i.lost_cpu_seconds for i in interrupts), 1),
        "shards_repeated": len(repeated),
        "repeated_without_having_been_in_flight": len(repeated - struck),
    }


class MeasuredBuild:
    """Carries out one stretch of a build."""

    def __init__(self, place: Place, arguments: Sequence[str], shards: int) -> None:
        """``arguments``: of ``unrealperson build``; ``shards``: expected, for progress alone."""
        self._place, self._shards = place, shards
        self._command = [sys.executable, "-m", "flows.cli", "build", *arguments]
        self._measurement = Measurement(time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime()))
        self._began = self._told = time.monotonic()
        self._build: subprocess.Popen[bytes] | None = None
        self._ended: dict[int, int] = {}
        self._stop = False
        self._spent_before = _ended_cpu_seconds()

    def run(self, interrupts: int) -> bool:
        """Build to the end, killing everything ``interrupts`` times on the way; whether it was
        finished. Kills of earlier stretches count."""
        self._place.prepare()
        _LIBC.prctl(_SET_CHILD_SUBREAPER, 1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        done = sum(len(part.interrupts) for part in read_measurements(self._place))
        marks = [self._shards * number / (interrupts + 1) for number in range(1, interrupts + 1)]
        code = None
        try:
            for mark in [*marks[done:], None]:
                code = self._run_until(mark)
                if code is not None or self._stop:
                    break
            self._measurement.finished = code == 0
            return self._measurement.finished
        finally:
            self._end_everything()
            self._sample()

    def _run_until(self, mark: float | None) -> int | None:
        """Start the build and watch it; its exit code, or None if it was killed or stopped."""
        log = (self._place.folder / "build.log").open("ab")
        self._build = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self._place.environment,
            preexec_fn=lambda: _LIBC.prctl(_SET_PDEATHSIG, signal.SIGKILL),
        )
        log.close()
        while not self._stop:
            self._reap()
            if self._build.pid in self._ended:
                return os.waitstatus_to_exitcode(self._ended[self._build.pid])
            if mark is not None and self._place.claimed() >= mark and self._place.in_flight():
                self._kill_all()
                return None
            self._sample()
            time.sleep(_SAMPLE_SECONDS)
        return None

    def _kill_all(self) -> None:
        """``kill -9`` of the build and all that belongs to it but the Prefect server, which is a
        service of its own."""
        victims = self._working()
        lost = sum(_cpu_seconds(process) for process in victims if _renders(process))
        for process in victims:
            _signal(process, signal.SIGKILL)
        while any(process.is_running() for process in victims):
            self._reap()
            time.sleep(0.05)
        struck = Interrupt(
            self._place.claimed(), self._place.in_flight(), round(lost, 1), len(victims)
        )
        self._measurement.interrupts.append(struck)
        print(
            f"killed {struck.processes} processes at {struck.claimed} of {self._shards} shards; "
            f"{len(struck.in_flight)} were in flight and had used {struck.lost_cpu_seconds} CPU-s",
            flush=True,
        )

    def _working(self) -> list[psutil.Process]:
        server = self._server_pid()
        return [
            process
            for process in psutil.Process().children(recursive=True)
            if server is None or not _belongs_to(process, server)
        ]

    def _server_pid(self) -> int | None:
        record = self._place.folder / "state" / "prefect" / "server.json"
        try:
            return int(json.loads(record.read_text())["pid"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _end_everything(self) -> None:
        """The build if it still runs, then the server, then whatever is left."""
        if self._build is not None and self._build.pid not in self._ended:
            _signal(psutil.Process(self._build.pid), signal.SIGTERM)
            self._await_end(lambda: self._build is None or self._build.pid in self._ended)
        stop = [sys.executable, "-m", "flows.cli", "server", "stop"]
        subprocess.Popen(stop, env=self._place.environment, stdout=subprocess.DEVNULL)
        self._await_end(lambda: not psutil.Process().children())
        for process in psutil.Process().children(recursive=True):
            _signal(process, signal.SIGKILL)
        self._await_end(lambda: not psutil.Process().children())

    def _await_end(self, ended: Any) -> None:
        deadline = time.monotonic() + _POLITE_SECONDS
        while not ended() and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.1)
        self._reap()

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._ended[pid] = status

    def _sample(self) -> None:
        living = psutil.Process().children(recursive=True)
        ended = _ended_cpu_seconds() - self._spent_before
        measurement = self._measurement
        measurement.cpu_seconds = round(ended + sum(map(_cpu_seconds_with_children, living)), 2)
        measurement.wall_seconds = round(time.monotonic() - self._began, 1)
        measurement.peak_bytes = max(measurement.peak_bytes, sum(map(_proportional_bytes, living)))
        now = time.monotonic()
        if now - self._told >= _TELL_SECONDS or not living:
            self._told = now
            measurement.disk_bytes = max(measurement.disk_bytes, _disk_bytes(self._place.folder))
            print(
                f"{measurement.wall_seconds / 60:6.1f} min  {self._place.claimed()} of "
                f"{self._shards} shards  {measurement.cpu_seconds / 3600:.3f} CPU-h  "
                f"peak {measurement.peak_bytes / 1e9:.2f} GB  "
                f"disk {measurement.disk_bytes / 1e9:.2f} GB",
                flush=True,
            )
        target = self._place.measured / f"{measurement.started}.json"
        partial = target.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(measurement), indent=1) + "\n")
        partial.replace(target)

    def _ask_to_stop(self, *_: object) -> None:
        self._stop = True


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _renders(process: psutil.Process) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    return "tasks.render.process" in words or "synth_workers.engine" in words


def _belongs_to(process: psutil.Process, ancestor: int) -> bool:
    try:
        return process.pid == ancestor or ancestor in [p.pid for p in process.parents()]
    except psutil.NoSuchProcess:
        return True


def _ended_cpu_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _cpu_seconds_with_children(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system + times.children_user + times.children_system


def _proportional_bytes(process: psutil.Process) -> int:
    """Memory of a process, what it shares with others divided among them."""
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return 1024 * int(found[0]) if found else 0


def _disk_bytes(folder: Path) -> int:
    done = subprocess.run(["du", "-sk", str(folder)], capture_output=True, text=True, check=False)
    return 1024 * int(done.stdout.split()[0]) if done.stdout else 0
