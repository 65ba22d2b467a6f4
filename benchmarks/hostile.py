"""Hostile input through the command line: ``python -m benchmarks.hostile``.

Settings of every kind, words of the command line, lists of images, jobs and models that nobody
means well: written by hand, and ``--generated`` more by seed, which are shipped files with bytes,
lines or values changed. Each is given to a process of its own, forked from one that has imported
what the commands need. ``unclear``: ends that are neither
success nor a refusal in words (a traceback, a signal, an exit code that none of our errors has, no
message, more than ``--limit`` CPU-seconds, or more than ``--memory-mb`` of it); ``peak_mb`` and
``slowest_s``: most memory and CPU-seconds that any took, ``peak_of`` and ``slowest_of`` which that
were. The exit code is 1 if any was unclear.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import runpy
import sys
import tempfile
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.hostile_inputs import Case, by_hand, generated
from manifests import errors

TAKES = "three minutes"
SMOKE = ("--generated", "2", "--by-hand", "3")

CODES = {
    kind.exit_code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.FactoryError)
} | {0, 2}

IMPORTED = (
    "flows.cli",
    "tasks.evaluate.run",
    "tasks.plan.planner",
    "tasks.render.process",
    "tasks.train.fit",
    "training.targets.registry",
)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", type=int, default=100)
    parser.add_argument("--by-hand", type=int, help="only so many of those written by hand")
    parser.add_argument("--limit", type=float, default=30.0, help="CPU-seconds")
    parser.add_argument("--memory-mb", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=20210621)
    options = parser.parse_args()
    unclear, peak, slowest = [], (0.0, ""), (0.0, "")
    for module in IMPORTED:
        import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        cases = [*by_hand(Path(folder))][: options.by_hand]
        cases += generated(Path(folder), options.generated, random.Random(options.seed))
        for case in cases:
            problem, megabytes, seconds = tried(
                case, Path(folder), options.limit, options.memory_mb
            )
            peak = max(peak, (megabytes, case.name))
            slowest = max(slowest, (seconds, case.name))
            if problem:
                unclear.append(case.name)
                print(f"{case.name}: {problem}", file=sys.stderr, flush=True)
    figures = {"peak_mb": round(peak[0]), "slowest_s": round(slowest[0], 1)}
    which = {"peak_of": peak[1], "slowest_of": slowest[1]}
    print(json.dumps({"tried": len(cases), "unclear": len(unclear)} | figures | which))
    return 1 if unclear else 0


def tried(case: Case, folder: Path, limit: float, most_mb: int) -> tuple[str, float, float]:
    """What was unclear (else nothing), megabytes and seconds of one case."""
    variables = {"UNREALPERSON_OUT": str(folder / "out")} | dict(case.variables)
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            os.environ.update(variables)
            bounded(limit, most_mb)
            os._exit(ended(case.arguments))
        _, status, usage = os.wait4(child, 0)
        said.seek(0)
        words = said.read()
    seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    code = os.waitstatus_to_exitcode(status)
    problem = ""
    if "Traceback" in words:
        problem = f"a traceback: {words.strip().splitlines()[-1][:200]}"
    elif code not in CODES:
        problem = f"exit code {code}"
    elif code and not words.strip():
        problem = "no message"
    elif seconds > limit:
        problem = f"{seconds:.0f} seconds"
    elif megabytes > most_mb:
        problem = f"{megabytes:.0f} MB"
    return problem, megabytes, seconds


def ended(arguments: Sequence[str]) -> int:
    """What ``python -m`` with these arguments ends with."""
    sys.argv = list(arguments)
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def bounded(seconds: float, megabytes: int) -> None:
    """What grows without end is stopped before it takes the machine along."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))


if __name__ == "__main__":
    sys.exit(main())
