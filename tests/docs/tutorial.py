"""Runs the tutorial as it stands, with shorter trainings: ``python -m tests.docs.tutorial``.

Its files are written and its ``unrealperson`` commands run in order by a shell, in a folder that
goes away. Ends with the exit code of the first command that fails. With ``--whole``, trainings are
as long as on the page: that prints its figures, and how long each command takes.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.smoke import Scratch
from tests.docs.pages import ROOT, fenced

SHORTER = {"--training demo": "--training tiny", "--adaptation short": "--adaptation tiny"}


def files(text: str) -> dict[str, str]:
    """The files that the page tells people to write: blocks that begin with ``# name.yaml``."""
    blocks = [content for language, content in fenced(text) if language == "yaml"]
    return {found[1]: block for block in blocks if (found := re.match(r"# (\S+\.yaml)\n", block))}


def commands(text: str, whole: bool = False) -> list[str]:
    """Lines of the page that a shell can run, shortened unless it is the ``whole`` that is run."""
    found = []
    for language, content in fenced(text):
        for line in content.splitlines() if language == "console" else ():
            if line.startswith("unrealperson "):
                for long, short in {} if whole else SHORTER.items():
                    line = line.replace(long, short)
                found.append(line)
    return found


def cpu_seconds() -> float:
    """User + system CPU-seconds of all commands so far, without the server that outlives them."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def server_cpu_seconds(scratch: Scratch) -> float:
    """Of the Prefect server that the commands started."""
    (record,) = (scratch.folder / "state").rglob("server.json")
    times = psutil.Process(json.loads(record.read_text())["pid"]).cpu_times()
    return times.user + times.system


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(description="Run the tutorial.")
    parser.add_argument("--whole", action="store_true", help="with trainings as on the page")
    options = parser.parse_args()
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="unrealperson-tutorial-") as folder:
        scratch = Scratch(Path(folder))
        for name, content in files(text).items():
            (scratch.folder / name).write_text(content)
        try:
            for command in commands(text, options.whole):
                print(f"$ {command}", flush=True)
                began, before = time.monotonic(), cpu_seconds()
                asked = command.replace("unrealperson", f"{sys.executable} -m flows.cli", 1)
                done = subprocess.run(asked, shell=True, cwd=folder, env=scratch.variables)
                if done.returncode != 0:
                    return done.returncode
                seconds, spent = time.monotonic() - began, cpu_seconds() - before
                print(f"  took {seconds:.0f} s, {spent:.1f} CPU-s", flush=True)
            print(
                f"all: {cpu_seconds():.0f} CPU-s, and {server_cpu_seconds(scratch):.0f} of Prefect"
            )
        finally:
            scratch.run("flows.cli", "server", "stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())
