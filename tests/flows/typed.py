"""Commands as a person types them, run in this process: a new one takes a second to start."""

from __future__ import annotations

import contextlib
import io
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main


def run_cli(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """``unrealperson`` with these arguments, started in ``cwd``; what a process would have left.

    An error that is not the factory's comes through.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    code: str | int | None = 0
    before = signal.getsignal(signal.SIGTERM)
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.chdir(cwd or Path.cwd()),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        patch.setattr(sys, "argv", ["unrealperson", *arguments])
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            signal.signal(signal.SIGTERM, before)
    return subprocess.CompletedProcess(
        arguments, code if isinstance(code, int) else 0, stdout.getvalue(), stderr.getvalue()
    )
