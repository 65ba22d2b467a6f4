"""Jobs as processes of this machine (see ``tasks.jobs``), of which none outlives its parent.

A process that has carried a job out well waits for the next one of its kind: what it has imported
and opened serves that, too. After an error it ends, and another takes its place.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from manifests.errors import EngineLost, FactoryError
from synth_workers.processes.host import dying_with_parent
from tasks.jobs import asking, parse_event

_STOP_SECONDS = 15.0
_MOST_JOBS = 64
_MOST_BYTES = 1 << 30
"""A process that has carried out so many jobs, or holds so much memory, takes no other."""


class JobProcess:
    """A process that carries out jobs of one module, one after the other."""

    def __init__(self, module: str, log: BinaryIO) -> None:
        """``log``: where it writes until its first job names another place."""
        self.module, self.jobs, self._ending = module, 0, False
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=dying_with_parent(signal.SIGTERM),
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )

    def ask(self, job_file: Path, log_file: Path) -> bool:
        """Have it carry out a job; whether it is there to do that."""
        assert self.process.stdin is not None
        self.jobs += 1
        try:
            self.process.stdin.write(asking(job_file, log_file))
            self.process.stdin.flush()
        except OSError:  # it has ended
            return False
        return True

    @property
    def tired(self) -> bool:
        """Whether another should do what comes next."""
        if self._ending:
            return True
        try:
            held = psutil.Process(self.process.pid).memory_info().rss
        except psutil.Error:
            return True
        return self.jobs >= _MOST_JOBS or held > _MOST_BYTES

    def dismiss(self) -> None:
        """Tell it that there is nothing more to do."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()

    def terminate(self) -> None:
        """End it; it cleans up its own engine on SIGTERM."""
        self._ending = True
        if self.process.poll() is None:
            self.process.terminate()
        self._ended()

    def wait(self) -> int:
        """Its exit code, once it has ended; it is killed if that takes too long. For who reads what
        it says, since that is closed."""
        with self.process:
            self.dismiss()
            return self._ended()

    def _ended(self) -> int:
        try:
            return self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@dataclass
class ProcessJob:
    """One job in a process.

    Its progress goes to ``on_event``, other words that it prints to ``log_file``. A job that runs
    for longer than ``timeout`` seconds is ended.
    """

    worker: JobProcess
    job_file: Path
    log_file: Path
    on_event: Callable[[dict[str, Any]], None]
    timeout: float | None = None
    _timed_out: bool = field(default=False, init=False)
    _reached: str = field(default="", init=False)
    _failure: FactoryError | None = field(default=None, init=False)

    def run(self) -> dict[str, Any]:
        """Run to the end and return the result, after which the process waits for another job;
        raises the ``FactoryError`` that the process told, or ``EngineLost`` if it died silently."""
        with self.log_file.open("ab") as log:
            timer = threading.Timer(self.timeout or threading.TIMEOUT_MAX, self._time_out)
            timer.daemon = True
            timer.start()
            try:
                result = self._follow(log)
            finally:
                timer.cancel()
        if result is not None:
            return result
        raise self._error(self.worker.wait())

    def cancel(self) -> None:
        """End the process."""
        self.worker.terminate()

    def _follow(self, log: BinaryIO) -> dict[str, Any] | None:
        """Sort the lines that the process writes until it has a result; ``None`` if it ends."""
        assert self.worker.process.stdout is not None
        for line in iter(self.worker.process.stdout.readline, ""):
            message = parse_event(line)
            if message is None:
                log.write(line.encode())
            elif message["event"] == "result":
                return {key: value for key, value in message.items() if key != "event"}
            elif message["event"] == "error":
                self._failure = FactoryError.from_dict(message)
            else:
                if "frames" in message:
                    self._reached = f", at frame {message['frames']} or a little later"
                self.on_event(message)
        return None

    def _time_out(self) -> None:
        self._timed_out = True
        self.cancel()

    def _error(self, code: int) -> FactoryError:
        what = f"`python -m {self.worker.module} --job {self.job_file}`"
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

    A context manager: leaving it, for whatever reason, ends every process that still runs or waits.
    Implements ``tasks.render.jobs.JobRunner``. A job may take ``timeout`` seconds.
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout
        self._jobs: dict[int, ProcessJob] = {}
        self._waiting: list[JobProcess] = []
        self._leaving: list[JobProcess] = []
        self._lock = threading.Lock()
        self._closed = False
        # Who dies with its parent dies with the thread that started it, and processes wait for jobs
        # of other threads, too.
        self._starting = ThreadPoolExecutor(1, thread_name_prefix="job-processes")

    def __enter__(self) -> LocalProcesses:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process and start no other."""
        with self._lock:
            self._closed = True
            jobs, waiting, self._waiting = list(self._jobs.values()), self._waiting, []
        for worker in waiting:
            worker.dismiss()
        for job in jobs:
            job.cancel()
        for worker in (*waiting, *self._leaving):
            worker.wait()
        self._starting.shutdown()

    def run(
        self,
        module: str,
        job_file: Path,
        log_file: Path,
        on_event: Callable[[dict[str, Any]], None],
    ) -> dict[str, Any]:
        """Run one job to its end in the calling thread; see ``ProcessJob.run``."""
        with self._lock:
            if self._closed:
                raise EngineLost("The build is ending; no new job is started.")
            worker = self._asked(module, job_file, log_file)
            job = ProcessJob(worker, job_file, log_file, on_event, self._timeout)
            self._jobs[id(job)] = job
        try:
            result = job.run()
        except BaseException:
            # Nobody listens to it any more, whatever ended that.
            worker.terminate()
            worker.wait()
            raise
        finally:
            with self._lock:
                self._jobs.pop(id(job), None)
        self._let_wait(worker)
        return result

    def _asked(self, module: str, job_file: Path, log_file: Path) -> JobProcess:
        """A process that carries out the job: one that waits for such, or a new one."""
        for worker in [worker for worker in self._leaving if worker.process.poll() is not None]:
            self._leaving.remove(worker)
            worker.wait()
        kind = [worker for worker in self._waiting if worker.module == module]
        for worker in [worker for worker in self._waiting if worker.module != module]:
            self._waiting.remove(worker)
            worker.dismiss()  # its memory is needed now
            self._leaving.append(worker)
        for worker in reversed(kind):
            self._waiting.remove(worker)
            if worker.process.poll() is None and worker.ask(job_file, log_file):
                return worker
            self._leaving.append(worker)
        with log_file.open("ab") as log:
            worker = self._starting.submit(JobProcess, module, log).result()
        worker.ask(job_file, log_file)
        return worker

    def _let_wait(self, worker: JobProcess) -> None:
        with self._lock:
            if not self._closed and not worker.tired:
                self._waiting.append(worker)
                return
        worker.dismiss()
        worker.wait()
