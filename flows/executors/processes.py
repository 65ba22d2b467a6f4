"""Jobs as processes of this machine (see ``tasks.jobs``), of which none outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from manifests.errors import EngineLost, FactoryError
from synth_workers.processes.host import dying_with_parent
from tasks.jobs import parse_event

_STOP_SECONDS = 15.0


@dataclass
class ProcessJob:
    """One module of ``tasks.jobs`` run as a process of its own.

    Its progress goes to ``on_event``, other words that it prints to ``log_file``. A job that runs
    for longer than ``timeout`` seconds is ended.
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
    _result: dict[str, Any] = field(default_factory=dict, init=False)
    _failure: FactoryError | None = field(default=None, init=False)

    def run(self) -> dict[str, Any]:
        """Run to the end and return the result; raises the ``FactoryError`` that the process told,
        or ``EngineLost`` if it died silently."""
        with self.log_file.open("ab") as log:
            with self._lock:
                if self._cancelled:
                    raise EngineLost("The job was cancelled before it started.")
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", self.module, "--job", str(self.job_file)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    preexec_fn=dying_with_parent(signal.SIGTERM),
                    env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                )
            timer = threading.Timer(self.timeout or threading.TIMEOUT_MAX, self._time_out)
            timer.daemon = True
            timer.start()
            try:
                code = self._follow(self._process, log)
            finally:
                timer.cancel()
        if code == 0:
            return self._result
        raise self._error(code)

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

    def _follow(self, process: subprocess.Popen[str], log: BinaryIO) -> int:
        """Sort the lines that the process writes until it ends; its exit code."""
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                message = parse_event(line)
                if message is None:
                    log.write(line.encode())
                elif message["event"] == "result":
                    self._result = {key: value for key, value in message.items() if key != "event"}
                elif message["event"] == "error":
                    self._failure = FactoryError.from_dict(message)
                else:
                    if "frames" in message:
                        self._reached = f", at frame {message['frames']} or a little later"
                    self.on_event(message)
        return process.wait()

    def _time_out(self) -> None:
        self._timed_out = True
        self.cancel()

    def _error(self, code: int) -> FactoryError:
        what = f"`python -m {self.module} --job {self.job_file}`"
        if self._timed_out:
            return EngineLost(
                f"{what} was ended because it took longer than {self.timeout:.0f} s"
                f"{self._reached}; its log is {self.log_file}"
            )
        told = self._failure
        if told is not None and type(told) is not FactoryError:
            return told
        tail = "\n".join(self.log_file.read_text(errors="replace").splitlines()[-8:])
        return EngineLost(
            f"{what} ended with code {code}{self._reached}{f' ({told})' if told else ''}. "
            f"Last lines of {self.log_file}:\n{tail}"
        )


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

    def __exit__(self, *error: object) -> None:
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
