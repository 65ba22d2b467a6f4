"""Commands as people type them, each a process of its own, and what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

import psutil

from benchmarks.smoke import Scratch


def started(
    scratch: Scratch, words: Sequence[str], output: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """The command line with these words, whose input is empty; errors go to ``output``, too."""
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *words],
        cwd=scratch.folder,
        env=scratch.variables,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def whole_cpu_seconds(scratch: Scratch, words: Sequence[str], tries: int) -> tuple[float, int]:
    """CPU-seconds of a whole command, the least of some tries, and its last exit code."""
    found: list[float] = []
    status = 0
    for _ in range(tries):
        _, status, used = os.wait4(started(scratch, words, subprocess.DEVNULL).pid, 0)
        found.append(round(used.ru_utime + used.ru_stime, 2))
    return min(found), os.waitstatus_to_exitcode(status)


def cpu_seconds(process: psutil.Process) -> float:
    """Of a process that nobody has waited for yet, and its children, ended ones too."""
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    return spent + sum(cpu_seconds(child) for child in process.children())
