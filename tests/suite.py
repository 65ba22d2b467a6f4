"""``python -m tests.suite ARGUMENTS``: pytest; a few tests that failed have a second look, alone.

Farms, servers and engines of several tests share the cores, so that one may wait longer for the
others than it is ready to. What fails again alone has failed. What does not is named, for it is to
be mended too. Nothing has a second look where many tests fail or the run did not come to its end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

MOST = 12
"""Failed tests that have a second look; more of them have one cause that is no chance."""

_FAILED = ".pytest_cache/v/cache/lastfailed"


def run(arguments: Sequence[str], folder: Path) -> int:
    """The exit code of all tests of ``folder`` by pytest's ``arguments``, second look included."""
    record = folder / _FAILED
    record.unlink(missing_ok=True)
    code = _pytest(folder, arguments)
    if code != pytest.ExitCode.TESTS_FAILED or not record.exists():
        return code
    failed = sorted(json.loads(record.read_text()))
    if len(failed) > MOST:
        return code
    print(f"{len(failed)} tests failed; once more, alone:", *failed, sep="\n  ", flush=True)
    code = _pytest(folder, failed)
    if code == pytest.ExitCode.OK:
        print("These failed beside others and passed alone:", *failed, sep="\n  ", flush=True)
    return code


def _pytest(folder: Path, arguments: Sequence[str]) -> int:
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], Path.cwd()))
