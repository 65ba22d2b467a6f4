"""Every benchmark in its short form: ``python -m benchmarks.smoke``.

A benchmark is a module of this package with a ``main``. Its ``TAKES`` says how long it takes on two
idle cores; its ``SMOKE`` are the arguments that make it short; its ``NEEDS``, if any, say whether
this machine has the servers it starts; its ``READS`` name the recipes whose data sets must lie in
``out/store``. Figures of short forms mean nothing; what is shown is that every command runs to its
end and prints its figures. Each runs in a process of its own, in a folder that goes away. Ends with
1 if any of them failed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from tests.servers.endpoint import free_ports

ROOT = Path(__file__).parents[1]


def benchmarks() -> dict[str, ModuleType]:
    """Every benchmark by its name."""
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    modules = {
        name: importlib.import_module(f"benchmarks.{name}")
        for name in names
        if name != Path(__file__).stem
    }
    return {name: module for name, module in modules.items() if hasattr(module, "main")}


def lacks_servers(benchmark: ModuleType) -> bool:
    """Whether this machine lacks a server that the benchmark starts."""
    return not all(installed() for installed in getattr(benchmark, "NEEDS", ()))


def reads(benchmark: ModuleType) -> tuple[str, ...]:
    """The shipped recipes whose data sets the short form reads."""
    return getattr(benchmark, "READS", ())


class Scratch:
    """A folder in which commands run: all that they make stays in it, but for the caches."""

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        self.folder = folder
        self.variables = kept | {
            "PYTHONPATH": os.pathsep.join(paths),
            "UNREALPERSON_OUT": str(folder / "out"),
            "UNREALPERSON_STATE": str(folder / "state"),
            "UNREALPERSON_PORT": str(free_ports(1)[0]),
        }

    def run(self, module: str, *arguments: str) -> tuple[str, str | None]:
        """What ``python -m module arguments`` printed, and the end of it all if it failed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
        )
        failed = (done.stdout + done.stderr)[-4000:] or "it said nothing"
        return done.stdout, failed if done.returncode else None


def complaint(name: str, arguments: tuple[str, ...], scratch: Scratch) -> str | None:
    """Run one benchmark; what is wrong with it, else None."""
    said, failed = scratch.run(f"benchmarks.{name}", *arguments)
    if failed:
        return failed
    try:
        json.loads(said.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return f"its last line is no JSON:\n{said[-1000:]}"
    return None


def main() -> int:
    """Run those that are named, by default all; returns the exit code."""
    known = benchmarks()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of benchmarks [default: all]")
    chosen = parser.parse_args().names or list(known)
    if unknown := sorted(set(chosen) - set(known)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    failures = 0
    with tempfile.TemporaryDirectory(prefix="unrealperson-smoke-") as folder:
        scratch = Scratch(Path(folder))
        for recipe in sorted({each for name in chosen for each in reads(known[name])}):
            _, failed = scratch.run("flows.cli", "build", "--recipe", recipe)
            scratch.run("flows.cli", "server", "stop")
            if failed:
                print(f"the data set {recipe} could not be built:\n{failed}")
                return 1
        for name in chosen:
            if lacks_servers(known[name]):
                print(f"{name:20s} left out: its servers are not installed", flush=True)
                continue
            started = time.monotonic()
            wrong = complaint(name, known[name].SMOKE, scratch)
            failures += wrong is not None
            print(f"{name:20s} {time.monotonic() - started:6.1f} s  {wrong or 'ok'}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
