"""Records of running engines, by which those that a killed worker left are found and ended.

An engine is known by process id and start time, its children by the session it leads and by a
random mark in their environment. Nothing is ever found by its name.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from manifests.whole_files import write_whole
from synth_workers.processes.host import ProcessMark

MARK_VARIABLE = "UNREALPERSON_ENGINE_MARK"


@dataclass(frozen=True)
class EngineRecord:
    """The file of one engine. ``mark``: what its processes carry in their environment."""

    path: Path
    mark: str

    @classmethod
    def new(cls, folder: Path) -> Self:
        """A record for an engine that is about to start; nothing is written yet."""
        mark = secrets.token_hex(8)
        return cls(folder / f"{mark}.json", mark)

    @property
    def environment(self) -> dict[str, str]:
        """What the engine's environment needs to hold."""
        return {MARK_VARIABLE: self.mark}

    def write(self, pid: int) -> None:
        """Write down that ``pid`` leads the engine's session and that this process owns it."""
        names = ("pid", "started", "worker", "worker_started", "mark")
        values = (*ProcessMark.of(pid), *ProcessMark.own(), self.mark)
        write_whole(self.path, json.dumps(dict(zip(names, values))))

    def remove(self) -> None:
        """The engine and its children have ended."""
        self.path.unlink(missing_ok=True)


def end_orphans(folder: Path) -> list[int]:
    """End the engines recorded in ``folder`` whose worker no longer lives, and whatever they
    started; returns the ids of the processes that were ended."""
    ended: list[int] = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text())
            engine = ProcessMark(int(record["pid"]), float(record["started"]))
            worker = ProcessMark(int(record["worker"]), float(record["worker_started"]))
            mark = str(record["mark"])
        except (OSError, ValueError, KeyError, TypeError):
            path.unlink(missing_ok=True)
            continue
        if worker.alive:
            continue
        if engine.alive:
            signal_group(engine.pid, signal.SIGKILL)
            ended.append(engine.pid)
        for pid in _marked(engine.pid, mark):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
        path.unlink(missing_ok=True)
    return ended


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process group that ``pid`` leads, if there is one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _marked(session: int, mark: str) -> list[int]:
    """Living processes of a session whose leader may be gone, if they carry ``mark``."""
    found: list[int] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if (
                os.getsid(process.pid) == session
                and process.pid != session
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(MARK_VARIABLE) == mark
            ):
                found.append(process.pid)
    return found
