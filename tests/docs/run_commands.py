"""Runs what the pages tell people to type where that takes less than a minute and needs nothing of
others, and says of the rest why it is not run: ``python -m tests.docs.run_commands``. A command
that takes more CPU-seconds than a minute has does not belong here, and fails.

Commands stand in blocks and are run as they stand, in a folder that goes away, where the recipe
``tiny`` was published under the names of pages' data sets. Ends with 1 if one of them fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.smoke import Scratch
from tests.docs.pages import OURS, PAGES, ROOT, Command, commands
from tests.docs.tutorial import cpu_seconds

CPU_SECONDS = 60.0
"""Not by the clock: machines on which this runs have other things to do, too."""

_GIVEN_UP = 1200.0
DATASETS = ("demo", "tiny")
_LONG = "takes longer; the suite has short forms of it"
_GAME = "needs a game that runs"
_MACHINE = "starts or ends what else runs on this machine"
NOT_RUN = {
    **dict.fromkeys(("demo", "factory", "build", "train", "evaluate", "adapt"), _LONG),
    **dict.fromkeys(("reproduce", "transfer", "compare"), _LONG),
    **dict.fromkeys(("probe", "engine"), _GAME),
    "level": "needs a game that runs, or settings of one",
    **dict.fromkeys(("up", "down", "server"), _MACHINE),
    "withdraw": "needs a third snapshot",
    **dict.fromkeys(("track", "evaluate-tracks"), "needs the export of a recording"),
    "replay": "needs a frame that was refused",
    "trace": "needs the key of a crop",
    "assets": "set-up has done it",
}
"""Commands of ours that are not run, and why."""


def reason_not_to_run(command: Command) -> str | None:
    """Why a command of a page is not run; None: it is."""
    program, *words = command.words
    if command.page == "docs/tutorial.md":
        return "`make docs-smoke` runs the tutorial as a whole"
    if program not in OURS:
        return "is a program of others"
    if program != "unrealperson":
        return "`make benchmarks-smoke`, CI and the suite run modules and targets"
    if not words or words[0] in NOT_RUN:
        return NOT_RUN[words[0]] if words else "says how to be used"
    if "fbx" in words:
        return "needs Blender"
    for word in words[1:]:
        if "://" in word or word.startswith(("~", "/")):
            return f"{word} is the reader's own"
        if word.endswith((".yaml", ".json", ".csv")) and not (ROOT / word).is_file():
            return f"{word} is the reader's own"
    if words[0] in ("verify", "inspect", "report", "export", "diff", "cost", "gc"):
        if words[1] not in DATASETS:
            return f"{words[1]} is not published here"
        if "--model" in words or words[0] == "diff":
            return "needs a model or a second snapshot"
    return None


def all_commands() -> Iterator[Command]:
    """Every command that stands in a block, once."""
    seen: set[tuple[str, ...]] = set()
    for page in PAGES:
        for command in commands(page):
            if command.whole and command.words not in seen:
                seen.add(command.words)
                yield command


def main() -> int:
    """Run them; returns the exit code."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="unrealperson-pages-") as folder:
        scratch = Scratch(Path(folder))
        for name in ("examples", "infra"):
            (scratch.folder / name).symlink_to(ROOT / name)
        try:
            for name in DATASETS:
                _run(scratch, ["build", "tiny", "--set", f"name={name}"])
            for command in all_commands():
                why = reason_not_to_run(command)
                if why is None:
                    before = cpu_seconds()
                    wrong = _run(scratch, list(command.words[1:]))
                    spent = cpu_seconds() - before
                    if wrong is None and spent > CPU_SECONDS:
                        wrong = f"FAILED: took {spent:.0f} CPU-s; give a reason why it is not run"
                    failed += wrong is not None
                    why = wrong or f"ran in {spent:.0f} CPU-s"
                print(f"{command}: {why}", flush=True)
        finally:
            scratch.run("flows.cli", "server", "stop")
    return 1 if failed else 0


def _run(scratch: Scratch, words: list[str]) -> str | None:
    """Run one; what went wrong, if anything."""
    if "--output" in words:  # what an earlier command left there would be in the way
        place = scratch.folder / words[words.index("--output") + 1]
        shutil.rmtree(place, ignore_errors=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", *words],
            cwd=scratch.folder,
            env=scratch.variables,
            capture_output=True,
            text=True,
            timeout=_GIVEN_UP,
        )
    except subprocess.TimeoutExpired:
        return f"FAILED: has not ended within {_GIVEN_UP:.0f} s"
    last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
    return f"FAILED with {done.returncode}: {' '.join(last)}" if done.returncode else None


if __name__ == "__main__":
    sys.exit(main())
