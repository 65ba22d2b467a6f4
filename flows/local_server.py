"""The Prefect server of local mode: found when one answers, started when none does.

A server that we start keeps running after the run, so that its UI can be looked at; it binds to
loopback, has its own home folder and is stopped by ``unrealperson server stop``. One that is not
ours is used where ``PREFECT_API_URL`` says so, and never because it happens to be there. This
module imports no Prefect: it must be able to set the environment before Prefect reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import psutil
from pydantic import Field, TypeAdapter, ValidationError

from flows.farm_environment import server_environment
from flows.places import state_folder
from manifests.disks import naming_disks
from manifests.environment import environment
from manifests.errors import MissingRequirement
from manifests.loopback import forget_unusable_proxies, is_loopback, spare_loopback
from manifests.whole_files import write_whole

DEFAULT_PORT = environment().port
START_SECONDS = 120.0
"""For so long a server may do nothing and answer nobody. One starts in some 10 CPU-seconds,
which may take minutes on a machine that others use."""

_START_CPU_SECONDS = 60.0
_STOP_SECONDS = 15.0
_MISLEADING = {"PREFECT_PROFILE", "PREFECT_PROFILES_PATH", "PREFECT_SERVER_API_BASE_PATH"}
"""Of a server elsewhere: they would let ours answer at another path, or want other keys."""


@dataclass(frozen=True)
class LocalServer:
    """A Prefect server: its API address, and its process if we started it on this machine."""

    api_url: str
    pid: Annotated[int, Field(gt=0)] | None

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

    def auth_string(self) -> str | None:
        """What a server that was started here wants to hear, as its environment told it."""
        if self.pid is None:
            return None
        try:
            return psutil.Process(self.pid).environ().get("PREFECT_SERVER_API_AUTH_STRING") or None
        except psutil.Error:
            return None


_RECORD = TypeAdapter(LocalServer)


def answers(api_url: str, timeout: float = 2.0) -> bool:
    """Whether a healthy Prefect server answers at ``api_url``."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=timeout) as reply:
            return reply.status == 200 and json.load(reply) is True
    except (HTTPException, OSError, ValueError):  # an URLError is an OSError
        return False


def own_server() -> LocalServer | None:
    """The server that was started here and still runs, whether it answers or not.

    Its record tells, or where that is lost, damaged or of another process, the machine's processes.
    """
    recorded = _read_record()
    return recorded if recorded is not None and _is_our_process(recorded) else _unrecorded()


def find() -> LocalServer | None:
    """The configured server, or the one that was started here, if it answers."""
    spare_loopback()
    configured, own = os.environ.get("PREFECT_API_URL"), own_server()
    if configured is None or is_loopback(configured):
        forget_unusable_proxies()
    if own is not None and (configured is None or _same_place(configured, own.api_url)):
        return own if _answers_itself(own) else None
    return LocalServer(configured, None) if configured and answers(configured) else None


def find_or_start() -> LocalServer:
    """A server that answers, started if need be; lets Prefect's clients find it and get in.
    ``MissingRequirement`` if a configured server does not answer, somebody else has the port, or
    ours does not come up."""
    server = find()
    if server is None:
        configured, own = os.environ.get("PREFECT_API_URL"), own_server()
        if configured and not (own is not None and _same_place(configured, own.api_url)):
            raise MissingRequirement(
                f"PREFECT_API_URL is set to {configured}, but no Prefect server answers there. "
                "Start it, or unset PREFECT_API_URL to let a local one be started."
            )
        with at_the_door(_home()):
            # Somebody else may have started one since, or be about to.
            own = own_server()
            if own is None:
                print(
                    "Starting a Prefect server on this machine, which takes some 10 seconds; "
                    "it stays for later commands (`unrealperson server stop` ends it).",
                    file=sys.stderr,
                    flush=True,
                )
            server = _start() if own is None else _wait_for(own)
    enter(server)
    return server


def enter(server: LocalServer) -> None:
    """Point Prefect's clients, of this process and of those that it starts, at ``server``."""
    os.environ["PREFECT_API_URL"] = server.api_url
    if (wanted := server.auth_string()) is not None:
        os.environ["PREFECT_API_AUTH_STRING"] = wanted


@contextmanager
def at_the_door(folder: Path) -> Generator[None]:
    """One process at a time, of all that name ``folder``."""
    with naming_disks(folder):
        folder.mkdir(parents=True, exist_ok=True)
        door = (folder / "door").open("w")
    with door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


@contextmanager
def naming_server_errors(server: LocalServer) -> Generator[None]:
    """What the block cannot tell its server, or is refused by it, becomes ``MissingRequirement``:
    the server has gone for good, or has no room for its database."""
    from httpx import HTTPError, HTTPStatusError

    try:
        yield
    except HTTPError as error:
        if isinstance(error, HTTPStatusError) and error.response.status_code in (401, 403):
            raise MissingRequirement(
                f"The Prefect server at {server.api_url} does not let us in "
                f"({error.response.status_code}). Set PREFECT_API_AUTH_STRING, or PREFECT_API_KEY "
                "for Prefect Cloud, to what it wants."
            ) from error
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise MissingRequirement(
            f"The Prefect server at {server.api_url} does not do its part ({words}). Look whether "
            f"it runs and has room (ours: {state_folder()}), and run the same command again: what "
            "was finished is kept."
        ) from error


def stop() -> LocalServer | None:
    """Stop the server that was started here, by its recorded process id; ``None`` if none runs."""
    own = own_server()
    if own is not None and own.pid is not None:
        end_family(own.pid, _STOP_SECONDS)
    _record_path().unlink(missing_ok=True)
    return own


def end_family(pid: int, seconds: float) -> None:
    """Ask a process to end; kill what is left of it and its descendants after ``seconds``."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        process.terminate()
    except psutil.NoSuchProcess:
        return
    deadline = time.monotonic() + seconds
    while (alive := [member for member in family if _runs(member)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    for survivor in alive:
        with suppress(psutil.NoSuchProcess):
            survivor.kill()


def _runs(process: psutil.Process) -> bool:
    """Not if it has ended and whoever started it, who may go on for long, has yet to notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _start() -> LocalServer:
    home, log_path = _home(), server_log()
    port = _port_asked_for()
    api_url = f"http://127.0.0.1:{port}/api"
    environment = {
        **server_environment(),
        **{name: value for name, value in os.environ.items() if name not in _MISLEADING},
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
    }
    with naming_disks(log_path):
        log = log_path.open("ab")
    with log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.queued_sqlite"]
            + ["prefect", "server", "start", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=home,  # settings of the project in the current folder are not the server's
            start_new_session=True,
        )
    try:
        server = LocalServer(api_url, process.pid)
        write_whole(_record_path(), json.dumps(asdict(server)))
        return _wait_for(server)
    except BaseException:
        end_family(process.pid, _STOP_SECONDS)  # nobody would find it again
        process.wait()
        with suppress(OSError):
            _record_path().unlink(missing_ok=True)
        raise


def _wait_for(server: LocalServer) -> LocalServer:
    """``server`` as soon as it answers; ``MissingRequirement`` if it ends or comes no further."""
    further, spent = time.monotonic(), server.cpu_seconds()
    enough = spent + _START_CPU_SECONDS
    while _is_our_process(server) and time.monotonic() - further < START_SECONDS:
        if _answers_itself(server):
            return server
        if spent + 0.5 <= (now := server.cpu_seconds()) <= enough:
            further, spent = time.monotonic(), now
        time.sleep(0.3)
    raise MissingRequirement(
        f"The local Prefect server at {server.api_url} (process {server.pid}) "
        + (f"does not answer within {START_SECONDS:.0f} s" if _is_our_process(server) else "ended")
        + f". Its log is {server_log()}; {shutil.disk_usage(_home()).free >> 20} MB are free "
        "there. `unrealperson server stop` ends one that still runs."
    )


def _port_asked_for() -> int:
    """``DEFAULT_PORT``, any free one for 0; ``MissingRequirement`` names who else listens there."""
    with socket.socket() as probe:
        # As servers do: connections that have just ended keep nobody from their port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", DEFAULT_PORT))
        except OSError as error:
            url = f"http://127.0.0.1:{DEFAULT_PORT}/api"
            stranger = (
                f"A Prefect server that was not started from {state_folder()} answers at {url}. "
                f"To use it, set PREFECT_API_URL={url}; to have one of your own beside it,"
                if answers(url)
                else f"Port {DEFAULT_PORT} of this machine cannot be had ({error.strerror}), and "
                "what is there is no Prefect server. For ours"
            )
            raise MissingRequirement(
                f"{stranger} set UNREALPERSON_PORT to another port, or to 0 for any."
            ) from error
        return probe.getsockname()[1]


def _home() -> Path:
    return state_folder() / "prefect"


def server_log() -> Path:
    """What the server that was started here has to say."""
    return _home() / "server.log"


def _record_path() -> Path:
    return _home() / "server.json"


def _read_record() -> LocalServer | None:
    try:
        return _RECORD.validate_json(_record_path().read_bytes())
    except (OSError, ValueError):
        return None


def _is_our_process(server: LocalServer) -> bool:
    """Whether it is a Prefect server at this port that calls our folder its home.

    A recorded pid may have been given to somebody else since, to another's server even.
    """
    if server.pid is None:
        return False
    try:
        process = psutil.Process(server.pid)
        words = {"prefect", "server", str(urlsplit(server.api_url).port)}
        home = process.environ().get("PREFECT_HOME")
        return words <= set(process.cmdline()) and home == str(_home())
    except (psutil.NoSuchProcess, psutil.AccessDenied, ValueError):  # or no port of an address
        return False


def _answers_itself(server: LocalServer) -> bool:
    """Whether ``server`` of ours answers, and not somebody who took its port before it began to
    listen there."""
    if not answers(server.api_url):
        return False
    try:
        connections = psutil.Process(server.pid).net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # there are systems that do not say
        return True
    port = urlsplit(server.api_url).port
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def _unrecorded() -> LocalServer | None:
    for process in psutil.process_iter():
        with suppress(psutil.Error, ValidationError):
            if {"prefect", "server", "start"} <= set(process.cmdline()):
                url = process.environ().get("PREFECT_API_URL")
                server = _RECORD.validate_python({"api_url": url, "pid": process.pid})
                if _is_our_process(server):
                    return server
    return None


def _same_place(one: str, other: str) -> bool:
    """Whether two addresses are one, or one port of this machine under two of its names."""
    if one.rstrip("/") == other.rstrip("/"):
        return True
    try:
        ports = {urlsplit(one).port, urlsplit(other).port}
    except ValueError:
        return False
    return is_loopback(one) and is_loopback(other) and len(ports) == 1
