"""Real servers for integration tests, started once per session on free loopback ports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flows import local_server

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def prefect_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[local_server.LocalServer]:
    """A Prefect server with a database of its own, stopped at the end of the session."""
    patch = pytest.MonkeyPatch()
    patch.setenv("UNREALPERSON_STATE", str(tmp_path_factory.mktemp("state")))
    patch.setenv("PREFECT_API_URL", "")
    os.environ.pop("PREFECT_API_URL")
    patch.setattr(local_server, "DEFAULT_PORT", 0)
    try:
        yield local_server.find_or_start()
    finally:
        local_server.stop()
        patch.undo()


@pytest.fixture
def environment(prefect_server: local_server.LocalServer, tmp_path: Path) -> dict[str, str]:
    """Environment of a command line run whose output folder is ``tmp_path / "out"``."""
    return environment_in(tmp_path, prefect_server)


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path) -> Cli:
    """Run ``unrealperson`` to its end as a person would."""
    return cli_in(tmp_path, environment)


def environment_in(folder: Path, server: local_server.LocalServer) -> dict[str, str]:
    """What ``environment`` is, for another folder."""
    return {
        **os.environ,
        "PREFECT_API_URL": server.api_url,
        "UNREALPERSON_OUT": str(folder / "out"),
    }


def cli_in(folder: Path, environment: dict[str, str]) -> Cli:
    """What ``cli`` is, for another folder."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "flows.cli", *arguments],
            capture_output=True,
            text=True,
            timeout=280,
            cwd=folder,
            env=environment,
        )

    return run
