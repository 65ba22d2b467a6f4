"""How long until a build has its first frame, and what every ``--help`` costs.

``python -m benchmarks.start_up`` asks every command for its help and reads the CPU-seconds of that
process. Then it builds `demo` until the first frame is captured and stops it: first with nothing
there (no Prefect server, no people, garments and baked light in the cache, only the body data that
installation brings), then with the server running and the caches filled. Seconds are by the clock,
of two cores with nothing else to do; ``parts`` say what they went into: until the server answers,
until people are built, until the first worker, its engine, and the first frame. Beside them the
CPU-seconds of the command and all that it started, a new server but not an old one, which are those
of this machine whatever else runs on it.

The last line is one JSON object: ``warm_s`` and ``warm_cpu_s`` (of the try with the least of it),
``cold_s``, ``cold_cpu_s``, ``parts`` of both, ``slowest_help_cpu_s`` and ``help_cpu_s``, command ->
seconds.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import typer

from benchmarks.calibration import calibration_cpu_s
from benchmarks.smoke import Scratch
from benchmarks.typed_commands import cpu_seconds, started, whole_cpu_seconds

TAKES = "three minutes"
SMOKE = ("--recipe", "tiny", "--tries", "1", "--helps", "1")

_PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.02


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="demo")
    parser.add_argument("--tries", type=int, default=3, help="of warm builds and of each --help")
    parser.add_argument("--helps", type=int, help="so many commands only")
    options = parser.parse_args()
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory(prefix="unrealperson-start-") as folder:
        scratch = _empty(Path(folder))
        helps = {
            shlex.join(words): _help_cpu_seconds(scratch, words, options.tries)
            for words in list(_commands())[: options.helps]
        }
        try:
            cold = _until_the_first_frame(scratch, options.recipe, "cold")
            warm = [
                _until_the_first_frame(scratch, options.recipe, f"warm-{number}")
                for number in range(options.tries)
            ]
        finally:
            scratch.run("flows.cli", "server", "stop")
    least = min(warm, key=lambda first: first.cpu_seconds)
    print(
        json.dumps(
            {
                "warm_s": round(sum(least.parts.values()), 2),
                "warm_cpu_s": least.cpu_seconds,
                "cold_s": round(sum(cold.parts.values()), 2),
                "cold_cpu_s": cold.cpu_seconds,
                "parts": {"warm": least.parts, "cold": cold.parts},
                "slowest_help_cpu_s": max(helps.values()),
                "help_cpu_s": helps,
                "calibration_cpu_s": round(calibration, 3),
            }
        )
    )


def _empty(folder: Path) -> Scratch:
    """A place with an empty cache but for what installation brings."""
    from synth_workers.people.body.assets import require_assets

    assets, scratch = require_assets(), Scratch(folder)
    cache = folder / "cache"
    cache.mkdir()
    shutil.copy(assets, cache / assets.name)
    scratch.variables["UNREALPERSON_CACHE"] = str(cache)
    return scratch


def _commands() -> Iterator[tuple[str, ...]]:
    """The words of every command, groups first."""
    from flows.cli import app

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        for name, one in getattr(command, "commands", {}).items():
            yield from below(one, (*words, name))

    yield from below(typer.main.get_command(app), ())


def _help_cpu_seconds(scratch: Scratch, words: tuple[str, ...], tries: int) -> float:
    """CPU-seconds of asking for help; the least of some tries."""
    typed = shlex.join([*words, "--help"])
    least, code = whole_cpu_seconds(scratch, [*words, "--help"], tries)
    if code:
        sys.exit(f"unrealperson {typed} ended with {code}")
    print(f"{least:6.2f} CPU-s for {typed}", flush=True)
    return least


@dataclass(frozen=True)
class _FirstFrame:
    """``parts``: seconds from one thing that a build waits for to the next, by the clock."""

    parts: dict[str, float]
    cpu_seconds: float


def _until_the_first_frame(scratch: Scratch, recipe: str, name: str) -> _FirstFrame:
    """What a build of ``recipe`` takes until its first frame; it is stopped then."""
    began, said = time.monotonic(), scratch.folder / f"{name}.txt"
    with said.open("wb") as output:
        words = ["build", recipe, "--set", f"name={name}"]
        process = started(scratch, words, output.fileno())
    moments: dict[str, float] = {}
    try:
        while "first frame" not in moments:
            now = time.monotonic()
            if process.poll() is not None or now - began > _PATIENCE_SECONDS:
                sys.exit(f"the build came to no frame:\n{said.read_text()}")
            for what in _come(psutil.Process(process.pid), said.read_text()):
                moments.setdefault(what, now - began)
            time.sleep(_LOOK_SECONDS)
        spent = round(cpu_seconds(psutil.Process(process.pid)), 2)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    parts, before = dict[str, float](), 0.0
    for what, moment in sorted(moments.items(), key=lambda item: item[1]):
        parts[what], before = round(moment - before, 2), moment
    print(f"{before:6.2f} s, {spent:6.2f} CPU-s to the first frame, {name}: {parts}", flush=True)
    return _FirstFrame(parts, spent)


def _come(build: psutil.Process, said: str) -> Iterator[str]:
    """What is there by now."""
    if "Prefect UI:" in said:
        yield "server"
    if "  render:" in said:
        yield "first frame"
    for child in build.children(recursive=True):
        try:
            command = " ".join(child.cmdline())
        except psutil.Error:
            continue
        if "tasks.render.people" in command:
            yield "flow, plan"
        if "tasks.render.process" in command:
            yield "people" if "people" in said else "flow, plan"
        if "synth_workers.engine" in command:
            yield "worker"


if __name__ == "__main__":
    main()
