"""A farm on this machine made of the same parts as one of many: server, pools, workers.

The Prefect server keeps its data in PostgreSQL and asks for a key; workers run as services that
are started again when they end; the store is S3 and is chosen by name. Every process carries a
mark in its environment, by which those that were left behind are found.
"""

from __future__ import annotations

import copy
import os
import secrets
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import yaml

from flows.farm_environment import server_environment, worker_environment
from flows.local_server import answers
from synth_workers.cache_folder import cache_root
from synth_workers.processes.host import host_folder
from tests.farms.supervision import Service, Supervisor, wait_for
from tests.servers.endpoint import free_ports

PROJECT = Path(__file__).resolve().parents[2]
MARK = "UNREALPERSON_TEST_FARM"
_START_SECONDS = 300.0


@dataclass(frozen=True)
class Farm:
    """A running farm. ``environment``: of its clients and workers; ``mark``: in all of it."""

    folder: Path
    api_url: str
    environment: dict[str, str]
    mark: str
    supervisor: Supervisor
    _pools: list[str] = field(default_factory=list)

    def run(self, *arguments: str, timeout: float = 600.0) -> subprocess.CompletedProcess[str]:
        """Run a Python module against this farm to its end."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def deploy(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Bootstrap the server and register the deployments named in ``changes``.

        ``changes``: by deployment name, keys of ``infra/prefect.yaml`` to set differently, for
        tests that cannot wait for two o'clock at night.
        """
        path = self.folder / "prefect.yaml"
        path.write_text(yaml.safe_dump(changed_definitions(changes)))
        for command in (
            ("flows.bootstrap",),
            ("prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(path)),
        ):
            done = self.run(*command)
            assert done.returncode == 0, done.stdout + done.stderr

    def start_worker(self, name: str, pool: str, limit: int) -> Service:
        """A worker that is started again whenever it ends."""
        return self.supervisor.add(
            Service(
                name=name,
                command=[sys.executable, "-m", "prefect", "worker", "start"]
                + ["--pool", pool, "--name", name, "--limit", str(limit)],
                environment=self.environment,
                folder=PROJECT,
                log=self.folder / f"{name}.log",
            )
        )

    def processes(self) -> list[psutil.Process]:
        """All living processes that carry this farm's mark."""
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(MARK) == self.mark
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
            except psutil.Error:
                continue
        return found


@contextmanager
def running_farm(
    folder: Path, *, database_url: str | None = None, environment: Mapping[str, str] | None = None
) -> Generator[Farm]:
    """A Prefect server with its pools to be; ``database_url``: SQLite if left out."""
    (port,) = free_ports(1)
    api_url, mark = f"http://127.0.0.1:{port}/api", secrets.token_hex(8)
    key = f"farm:{secrets.token_hex(16)}"
    common = {
        **worker_environment(),
        **os.environ,
        **(environment or {}),
        MARK: mark,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": api_url,
        "PREFECT_API_AUTH_STRING": key,
        "UNREALPERSON_HOME": str(PROJECT),
        "UNREALPERSON_OUT": str(folder / "out"),
        "UNREALPERSON_STATE": str(folder / "state"),
        "UNREALPERSON_CACHE": str(cache_of_another_host(folder / "cache")),
    }
    server = {
        **server_environment(),
        **common,
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        "PREFECT_SERVER_API_AUTH_STRING": key,
    }
    if database_url is not None:
        server["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database_url
    with Supervisor() as supervisor:
        supervisor.add(
            Service(
                name="server",
                command=[sys.executable, "-m", "flows.queued_sqlite"]
                + ["prefect", "server", "start", "--port", str(port)],
                environment=server,
                folder=PROJECT,
                log=folder / "server.log",
            )
        )
        wait_for("the Prefect server", lambda: answers(api_url), _START_SECONDS)
        yield Farm(folder, api_url, common, mark, supervisor)


def cache_of_another_host(folder: Path) -> Path:
    """``folder``, made a cache that shares this user's people but not what is noted of this host.

    Engines that other tests have killed must not make this farm leave a scene alone.
    """
    folder.mkdir(parents=True)
    shared, notes = cache_root(), host_folder("quarantine").parent.parent
    shared.mkdir(parents=True, exist_ok=True)
    for entry in shared.iterdir():
        if entry != notes:
            (folder / entry.name).symlink_to(entry)
    return folder


def changed_definitions(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """``infra/prefect.yaml`` reduced to the deployments of ``changes``, with these applied."""
    definitions = yaml.safe_load((PROJECT / "infra" / "prefect.yaml").read_text())
    by_name = {deployment["name"]: deployment for deployment in definitions["deployments"]}
    definitions["deployments"] = [
        {**copy.deepcopy(by_name[name]), **changed} for name, changed in changes.items()
    ]
    return definitions


def command_of(process: psutil.Process) -> Sequence[str]:
    """Its command line; empty if it has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return ()
