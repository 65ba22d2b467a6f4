"""Child processes of a test server: started in order, watched, and all stopped again."""

from __future__ import annotations

import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

_STOP_SECONDS = 3.0


class ServerProcesses:
    """Starts children with a log file each; leaving the ``with`` block ends every one of them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> ServerProcesses:
        return self

    def __exit__(self, *error: object) -> None:
        for _, child in reversed(self._children):
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for _, child in reversed(self._children):
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start one child in its own session; output goes to ``<name>.out``."""
        with (self._logs / f"{name}.out").open("wb") as log:
            child = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append((name, child))

    def check_alive(self) -> None:
        """``RuntimeError`` with the end of its output if a child has died."""
        for name, child in self._children:
            if child.poll() is not None:
                output = (self._logs / f"{name}.out").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name} ended with {child.returncode}:\n{output}")

    def wait_for_http(self, url: str, seconds: float) -> None:
        """Return as soon as anything answers at ``url``, whatever it says."""
        deadline = time.monotonic() + seconds
        while True:
            self.check_alive()
            try:
                urllib.request.urlopen(url, timeout=2).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
