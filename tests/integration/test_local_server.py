"""A real Prefect server of our own: found, started, recorded; ``test_farm`` stops one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from flows import local_server
from flows.local_server import LocalServer
from manifests.errors import MissingRequirement, StoreUnsuitable
from tests.full_disk import refusing_folder

pytestmark = [pytest.mark.integration]


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("UNREALPERSON_STATE", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(local_server, "DEFAULT_PORT", 0)
    yield
    os.environ.pop("PREFECT_API_URL", None)


def test_a_server_that_was_started_is_found_again(prefect_server: LocalServer) -> None:
    assert local_server.find_or_start() == prefect_server
    assert prefect_server.pid is not None
    assert prefect_server.api_url.startswith("http://127.0.0.1:")
    assert prefect_server.cpu_seconds() > 0


def test_a_process_that_got_the_number_of_a_dead_server_is_left_alone(
    own_state: None, tmp_path: Path
) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    record = tmp_path / "prefect" / "server.json"
    record.parent.mkdir()
    record.write_text(f'{{"api_url": "http://127.0.0.1:9/api", "pid": {stranger.pid}}}')

    assert local_server.find() is None
    assert local_server.own_server() is None
    assert local_server.stop() is None
    assert stranger.poll() is None

    stranger.communicate(b"\n")


def test_a_server_has_ended_though_whoever_started_it_has_not_noticed() -> None:
    program = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "input()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None

    local_server.end_family(int(starter.stdout.readline()), seconds=10_000.0)

    assert starter.poll() is None
    starter.communicate("\n")


def test_a_state_folder_that_refuses_is_named(
    own_state: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_STATE", str(refusing_folder(tmp_path)))

    with pytest.raises(StoreUnsuitable, match=r"cannot be written.*UNREALPERSON_STATE"):
        local_server.find_or_start()


def test_a_server_that_cannot_be_written_down_is_not_left_behind(
    own_state: None, tmp_path: Path
) -> None:
    (tmp_path / "prefect" / "server.json").mkdir(parents=True)
    others = set(psutil.Process().children())

    with pytest.raises(StoreUnsuitable, match=r"server\.json: cannot be written"):
        local_server.find_or_start()

    assert set(psutil.Process().children()) <= others


@pytest.mark.parametrize("words", ["500: database or disk is full\nmore", ""])
def test_a_server_that_fails_a_command_is_named(words: str) -> None:
    server = LocalServer("http://127.0.0.1:9/api", None)

    with (
        pytest.raises(MissingRequirement, match=r":9/api does not do its part \([^\n]*\)\. Look"),
        local_server.naming_server_errors(server),
    ):
        raise httpx.ConnectError(words)


def test_a_configured_server_that_is_silent_is_an_error(
    own_state: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")

    with pytest.raises(MissingRequirement, match=r"127\.0\.0\.1:9"):
        local_server.find_or_start()
