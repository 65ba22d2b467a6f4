"""Real servers for integration tests, started once per test run on free loopback ports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows import local_server
from tests.servers.shared import folder_of_the_run, shared

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def prefect_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[local_server.LocalServer]:
    """A Prefect server for all builds of this test run."""
    with prefect_server_in(folder_of_the_run(tmp_path_factory, "prefect-state")) as server:
        yield server


@pytest.fixture
def environment(prefect_server: local_server.LocalServer, tmp_path: Path) -> dict[str, str]:
    """Environment of a command line run whose output folder is ``tmp_path / "out"``."""
    return environment_in(tmp_path, prefect_server)


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path) -> Cli:
    """Run ``unrealperson`` to its end as a person would."""
    return cli_in(tmp_path, environment)


@contextmanager
def prefect_server_in(state: Path) -> Generator[local_server.LocalServer]:
    """A Prefect server with a database of its own, for everybody who names this folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNREALPERSON_STATE", str(state))
        patch.setenv("PREFECT_API_URL", "")
        os.environ.pop("PREFECT_API_URL")
        patch.setattr(local_server, "DEFAULT_PORT", 0)
        with shared(state, local_server.find_or_start, local_server.stop):
            yield local_server.find_or_start()


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
            timeout=600,
            cwd=folder,
            env=environment,
        )

    return run
