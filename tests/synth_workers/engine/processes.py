"""Starting and stopping real engine processes for tests."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import unrealcv

ROOT = Path(__file__).parents[3]
_TGKILL = {"x86_64": 234, "aarch64": 131}
_LEAVING_SECONDS = 120.0


@dataclass
class EngineProcess:
    """A running engine and its port."""

    process: subprocess.Popen[str]
    port: int
    renderer: str

    def client(self) -> unrealcv.Client:
        """A connected official client."""
        return self._connected(unrealcv.Client(("127.0.0.1", self.port)))

    def client_at(self, socket: Path) -> unrealcv.Client:
        """The same at a unix socket, which may not be there yet."""
        return self._connected(unrealcv.Client(str(socket), "unix"), socket)

    def _connected(self, client: unrealcv.Client, socket: Path | None = None) -> unrealcv.Client:
        """Once it is: one who came before may take a while to leave."""
        client._command_capabilities_checked = True  # pyright: ignore[reportPrivateUsage]  (or it asks for a command of newer servers)
        deadline = time.monotonic() + _LEAVING_SECONDS
        while (socket is not None and not socket.exists()) or not client.connect():
            assert self.process.poll() is None, f"the engine ended with {self.process.returncode}"
            assert time.monotonic() < deadline, "the engine lives and takes no client"
            time.sleep(0.2)
        return client

    def terminate(self) -> int:
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def terminate_by_another_thread(self) -> int:
        """SIGTERM, taken by another thread than the one that serves; returns the exit code."""
        others = [task for task in self._threads() if task != self.process.pid]
        assert others, "no other thread of the engine takes signals"
        system_call = ctypes.CDLL(None).syscall
        assert (
            system_call(_TGKILL[os.uname().machine], self.process.pid, others[0], signal.SIGTERM)
            == 0
        )
        return self.process.wait(60)

    def _threads(self) -> list[int]:
        """Thread ids of those that do not block SIGTERM, as graphics drivers' threads do."""
        blocking = "SigBlk:\t"
        tasks = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            status = (task / "status").read_text().splitlines()
            mask = next(line for line in status if line.startswith(blocking))
            if not int(mask.removeprefix(blocking), 16) >> (signal.SIGTERM - 1) & 1:
                tasks.append(int(task.name))
        return tasks


@contextmanager
def running(arguments: Sequence[str] = (), **environment: str) -> Generator[EngineProcess]:
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
