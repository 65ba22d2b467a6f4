"""Servers that all processes of a test run use.

Whoever needs one first starts it, whoever is the last to have used it ends it.
``python -m tests.servers.shared radosgw FILE`` is the process that keeps an S3 server.
"""

from __future__ import annotations

import fcntl
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Literal

import pytest

from flows.local_server import end_family
from tests.servers.endpoint import S3Endpoint

_PROJECT = Path(__file__).resolve().parents[2]
_START_SECONDS = 480.0
_STOP_SECONDS = 15.0


def folder_of_the_run(factory: pytest.TempPathFactory, name: str) -> Path:
    """A folder that all processes of this test run know by ``name``."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / name
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def shared(
    folder: Path, start: Callable[[], object], stop: Callable[[], object]
) -> Generator[None]:
    """A block in which something runs that others may have started and may go on using.

    ``folder``: a folder of it, which all of them name.
    """
    with (folder / "door").open("w") as door, (folder / "users").open("w") as users:
        with _locked(door):
            if _alone(users):
                start()
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with _locked(door):
                if _alone(users):
                    stop()


@contextmanager
def shared_s3(
    factory: pytest.TempPathFactory, kind: Literal["radosgw", "moto_server"]
) -> Generator[S3Endpoint]:
    """The S3 server of this test run, kept by a process of its own."""
    folder = folder_of_the_run(factory, kind)
    record, log = folder / "endpoint.json", folder / "keeper.log"

    def start() -> None:
        with log.open("ab") as output:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.shared", kind, str(record)],
                cwd=_PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not record.exists():
            if keeper.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{kind} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop() -> None:
        keeper = json.loads(record.read_text())["pid"]
        record.unlink()
        end_family(keeper, _STOP_SECONDS)

    with shared(folder, start, stop):
        yield S3Endpoint(**json.loads(record.read_text())["endpoint"])


@contextmanager
def _locked(file: IO[str]) -> Generator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _alone(users: IO[str]) -> bool:
    """Whether nobody else holds the file, which is no longer held as it was."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(users, fcntl.LOCK_UN)
        return False
    return True


def main() -> None:
    """Keep a server until terminated; its address and this process id go to a file."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    kind, record = sys.argv[1], Path(sys.argv[2])
    server = getattr(importlib.import_module(f"tests.servers.{kind}"), kind)
    # Sockets of radosgw have short paths only.
    with tempfile.TemporaryDirectory(prefix="s3-") as folder, server(Path(folder)) as endpoint:
        unseen = record.with_suffix(".new")
        unseen.write_text(json.dumps({"pid": os.getpid(), "endpoint": asdict(endpoint)}))
        unseen.rename(record)
        while True:
            signal.pause()


if __name__ == "__main__":
    main()
