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
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, tuple[list[str], dict[str, str]]] = {}

    def __enter__(self) -> ServerProcesses:
        return self

    def __exit__(self, *error: object) -> None:
        children = list(reversed(self._children.values()))
        for child in children:
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        """Start one child in its own session; output goes to ``<name>.out``."""
        with (self._logs / f"{name}.out").open("ab") as log:
            child = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[name] = child
        self._started[name] = command, environment

    def kill(self, name: str) -> None:
        """End one child as kill -9 does."""
        self._children[name].kill()
        self._children[name].wait()

    def restart(self, name: str) -> None:
        """Start a child that has ended once more, as it was started before."""
        self.start(name, *self._started[name])

    def check_alive(self) -> None:
        """``RuntimeError`` with the end of its output if a child has died."""
        for name, child in self._children.items():
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
