"""Starting and stopping real engine processes for tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import unrealcv

ROOT = Path(__file__).parents[3]


@dataclass
class EngineProcess:
    """A running engine and its port."""

    process: subprocess.Popen[str]
    port: int
    renderer: str

    def client(self) -> unrealcv.Client:
        """A connected official client."""
        client = unrealcv.Client(("127.0.0.1", self.port))
        client._command_capabilities_checked = True  # or it asks for a command of newer servers
        assert client.connect()
        return client

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@contextmanager
def running(arguments: Sequence[str] = (), **environment: str) -> Iterator[EngineProcess]:
    """A yard of boxes behind a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.synth_workers.engine.serve_stand_in", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        renderer, port = "", 0
        for line in process.stdout:
            if line.startswith("GL_RENDERER: "):
                renderer = line.split(": ", 1)[1].strip()
            if line.startswith("Start listening on "):
                port = int(line.rsplit(" ", 1)[1])
                break
        assert port, "the engine ended before it listened"
        yield EngineProcess(process, port, renderer)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
