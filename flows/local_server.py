"""The Prefect server of local mode: found when one answers, started when none does.

A server that we start keeps running after the run, so that its UI can be looked at; it binds to
loopback, has its own home folder and is stopped by ``unrealperson server stop``. This module
imports no Prefect: it must be able to set the environment before Prefect reads it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from flows.farm_environment import server_environment
from flows.places import state_folder
from manifests.disks import naming_disks
from manifests.environment import environment
from manifests.errors import FactoryError, MissingRequirement
from manifests.whole_files import write_whole

DEFAULT_PORT = environment().port
START_SECONDS = 120.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class LocalServer:
    """A Prefect server: its API address, and its process if we started it on this machine."""

    api_url: str
    pid: int | None

    @property
    def ui_url(self) -> str:
        """Address of the web pages."""
        return self.api_url.removesuffix("/api")

    def cpu_seconds(self) -> float:
        """User + system CPU-seconds of the server process so far; 0 when it is not ours."""
        if self.pid is None:
            return 0.0
        try:
            times = psutil.Process(self.pid).cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        return times.user + times.system


def answers(api_url: str, timeout: float = 2.0) -> bool:
    """Whether a healthy Prefect server answers at ``api_url``."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=timeout) as reply:
            return reply.status == 200 and json.load(reply) is True
    except (urllib.error.URLError, OSError, ValueError):
        return False


def find() -> LocalServer | None:
    """The configured or recorded server, if it answers."""
    configured = os.environ.get("PREFECT_API_URL")
    recorded = _read_record()
    if (
        recorded
        and configured in (None, recorded.api_url)
        and _is_our_process(recorded)
        and answers(recorded.api_url)
    ):
        return recorded
    url = configured or f"http://127.0.0.1:{DEFAULT_PORT}/api"
    return LocalServer(url, None) if answers(url) else None


def find_or_start() -> LocalServer:
    """A server that answers, started if need be; points ``PREFECT_API_URL`` at it.
    ``MissingRequirement`` if a configured server does not answer, or ours does not come up."""
    server = find()
    if server is None:
        if configured := os.environ.get("PREFECT_API_URL"):
            raise MissingRequirement(
                f"PREFECT_API_URL is set to {configured}, but no Prefect server answers there. "
                "Start it, or unset PREFECT_API_URL to let a local one be started."
            )
        server = _start()
    os.environ["PREFECT_API_URL"] = server.api_url
    return server


@contextmanager
def naming_server_errors(server: LocalServer) -> Generator[None]:
    """What the block cannot tell its server, or is refused by it, becomes ``MissingRequirement``:
    the server has gone for good, or has no room for its database."""
    from httpx import HTTPError

    try:
        yield
    except HTTPError as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MissingRequirement(
            f"The Prefect server at {server.api_url} does not do its part ({words}). Look whether "
            f"it runs and has room (ours: {state_folder()}), and run the same command again: what "
            "was finished is kept."
        ) from error


def stop() -> LocalServer | None:
    """Stop the server that we started, by its recorded process id; ``None`` if there is none."""
    recorded = _read_record()
    if recorded is None:
        return None
    if _is_our_process(recorded) and recorded.pid is not None:
        end_family(recorded.pid, _STOP_SECONDS)
    _record_path().unlink(missing_ok=True)
    return recorded


def end_family(pid: int, seconds: float) -> None:
    """Ask a process to end; kill what is left of it and its descendants after ``seconds``."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    process.terminate()
    deadline = time.monotonic() + seconds
    while (alive := [member for member in family if _runs(member)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for survivor in alive:
        survivor.kill()


def _runs(process: psutil.Process) -> bool:
    """Not if it has ended and whoever started it, who may go on for long, has yet to notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _start() -> LocalServer:
    home = state_folder() / "prefect"
    port = _free_port(DEFAULT_PORT)
    api_url = f"http://127.0.0.1:{port}/api"
    environment = {
        **server_environment(),
        **os.environ,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
    }
    log_path = home / "server.log"
    with naming_disks(log_path):
        home.mkdir(parents=True, exist_ok=True)
        log = log_path.open("ab")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    server = LocalServer(api_url, process.pid)
    try:
        write_whole(_record_path(), json.dumps(asdict(server)))
    except FactoryError:
        end_family(process.pid, _STOP_SECONDS)  # nobody would find it again
        process.wait()
        raise
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if answers(api_url):
            return server
        if process.poll() is not None:
            break
        time.sleep(0.3)
    stop()
    raise MissingRequirement(
        f"The local Prefect server did not come up on port {port} within {START_SECONDS:.0f} s. "
        f"Its log is {log_path}; {shutil.disk_usage(home).free >> 20} MB are free there."
    )


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise MissingRequirement("No free TCP port on 127.0.0.1.")


def _record_path() -> Path:
    return state_folder() / "prefect" / "server.json"


def _read_record() -> LocalServer | None:
    try:
        return LocalServer(**json.loads(_record_path().read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _is_our_process(server: LocalServer) -> bool:
    # A recorded pid may have been given to somebody else since; only a Prefect server is ours.
    if server.pid is None:
        return False
    try:
        return "prefect" in " ".join(psutil.Process(server.pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
