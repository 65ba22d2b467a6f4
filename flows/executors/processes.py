"""Jobs as processes of this machine: fed a JSON file, answering JSON lines, never orphaned."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from manifests import errors
from manifests.errors import EngineLost, FactoryError

_PR_SET_PDEATHSIG = 1
_STOP_SECONDS = 15.0
# Loaded here because a child between fork and exec must not import or allocate much.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    # Linux ends this child when its parent dies, so that kill -9 leaves no orphans.
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class ProcessJob:
    """One Python module run as a process of its own, fed a JSON file, answering JSON lines.

    Lines with an ``event`` of ``progress`` go to ``on_event``; the last ``result`` line is the
    job's result; an ``error`` line names a class of ``manifests.errors``. A job that runs for
    longer than ``timeout`` seconds is ended.
    """

    module: str
    job_file: Path
    log_file: Path
    on_event: Callable[[dict[str, Any]], None]
    timeout: float | None = None
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _cancelled: bool = field(default=False, init=False)
    _timed_out: bool = field(default=False, init=False)
    _reached: str = field(default="", init=False)

    def run(self) -> dict[str, Any]:
        """Run to the end and return the result line.

        Raises:
            FactoryError: the class that the process named, or ``EngineLost`` if it died silently.
        """
        result: dict[str, Any] = {}
        failure: dict[str, Any] = {}
        with self.log_file.open("ab") as log:
            with self._lock:
                if self._cancelled:
                    raise EngineLost("The job was cancelled before it started.")
                self._process = subprocess.Popen(
                    [sys.executable, "-m", self.module, "--job", str(self.job_file)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    preexec_fn=_die_with_parent,
                    env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                )
            with self._timer():
                code = self._follow(self._process, log, result, failure)
        if code == 0:
            return result
        raise self._error(code, failure)

    def cancel(self) -> None:
        """End the process if it runs; it cleans up its own engine on SIGTERM."""
        with self._lock:
            self._cancelled = True
            process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _follow(
        self,
        process: subprocess.Popen[str],
        log: BinaryIO,
        result: dict[str, Any],
        failure: dict[str, Any],
    ) -> int:
        """Sort the lines that the process writes until it ends; its exit code."""
        assert process.stdout is not None
        for line in process.stdout:
            message = _parse(line)
            if message is None:
                log.write(line.encode())
            elif message["event"] == "result":
                result.update(message)
            elif message["event"] == "error":
                failure.update(message)
            else:
                if "frames" in message:
                    self._reached = f", at frame {message['frames']} or a little later"
                self.on_event(message)
        return process.wait()

    @contextmanager
    def _timer(self) -> Iterator[None]:
        if self.timeout is None:
            yield
            return
        timer = threading.Timer(self.timeout, self._time_out)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _time_out(self) -> None:
        self._timed_out = True
        self.cancel()

    def _error(self, code: int, failure: dict[str, Any]) -> FactoryError:
        if self._timed_out:
            return EngineLost(
                f"`python -m {self.module} --job {self.job_file}` was ended because it took "
                f"longer than {self.timeout:.0f} s{self._reached}; its log is {self.log_file}"
            )
        if failure:
            kind = getattr(errors, str(failure.get("error")), None)
            text = str(failure.get("message", ""))
            if kind is errors.FrameRefused:
                return kind(text, reason=str(failure.get("reason", "unknown")))
            if isinstance(kind, type) and issubclass(kind, FactoryError):
                return kind(text)
        tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
        return EngineLost(
            f"`python -m {self.module} --job {self.job_file}` ended with code {code}"
            f"{self._reached}. Last lines of {self.log_file}:\n{tail}"
        )


def _parse(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and "event" in message else None


class LocalProcesses:
    """Runs jobs as processes of this machine, as many at a time as it is asked from threads.

    A context manager: leaving it, for whatever reason, ends every process that still runs.
    Implements ``tasks.render.jobs.JobRunner``. A job may take ``timeout`` seconds.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._jobs: dict[int, ProcessJob] = {}
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> LocalProcesses:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process that still runs and start no other."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancel()

    def run(
        self,
        module: str,
        job_file: Path,
        log_file: Path,
        on_event: Callable[[dict[str, Any]], None],
    ) -> dict[str, Any]:
        """Run one job to its end in the calling thread; see ``ProcessJob.run``."""
        job = ProcessJob(module, job_file, log_file, on_event, self._timeout)
        with self._lock:
            if self._closed:
                raise EngineLost("The build is ending; no new job is started.")
            self._jobs[id(job)] = job
        try:
            return job.run()
        finally:
            with self._lock:
                self._jobs.pop(id(job), None)
