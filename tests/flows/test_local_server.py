"""Starting, finding and ending a server, on a stand-in for Prefect's: what lives is never lost."""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from flows import local_server
from flows.cli import app
from flows.farm import workers
from flows.local_server import LocalServer
from manifests.errors import MissingRequirement

STAND_IN = """
import http.server, json, os, sys
mode = os.environ.get("STAND_IN", "")
if mode == "ends":
    sys.exit("no room")
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if os.path.exists("busy") else 200)
        self.end_headers()
        self.wfile.write(b"true")
    def log_message(self, *words):
        pass
with open("started", "a") as file:
    file.write(json.dumps(dict(os.environ, folder=os.getcwd())) + chr(10))
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Health).serve_forever()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a server whose program is the stand-in; in it, `busy` makes it answer 503."""
    package = tmp_path / "programs" / "prefect"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(STAND_IN)
    (package / "server" / "database").mkdir(parents=True)
    database = "class AioSqliteConfiguration:\n    begin_transaction = None\n"
    (package / "server" / "database" / "configurations.py").write_text(database)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("UNREALPERSON_STATE", str(tmp_path / "state"))
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    monkeypatch.setattr(local_server, "DEFAULT_PORT", 0)
    monkeypatch.setattr(local_server, "START_SECONDS", 20.0)
    yield tmp_path / "state" / "prefect"
    local_server.stop()


def begun(home: Path) -> list[dict[str, str]]:
    """The environment of each server that was started."""
    return [json.loads(line) for line in (home / "started").read_text().splitlines()]


def test_one_that_is_found_again_is_not_started_twice(home: Path) -> None:
    server = local_server.find_or_start()

    assert os.environ["PREFECT_API_URL"] == server.api_url
    assert local_server.find_or_start() == local_server.find() == local_server.own_server()
    assert len(begun(home)) == 1
    assert local_server.stop() == server
    assert local_server.own_server() is None
    assert local_server.stop() is None


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_this_machine_is_reached_without_a_proxy(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("No_Proxy", "lab.example, 10.0.0.0/8")
    local_server.find_or_start()

    for spelling in ("NO_PROXY", "no_proxy"):
        spared = begun(home)[0][spelling].split(",")
        assert spared == ["lab.example", "10.0.0.0/8", "127.0.0.1", "localhost", "::1"]
        assert os.environ[spelling] == begun(home)[0][spelling]


def test_what_is_set_for_servers_elsewhere_does_not_reach_ours(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_BASE_PATH", "/elsewhere")
    monkeypatch.setenv("PREFECT_PROFILE", "cloud")
    local_server.find_or_start()

    (environment,) = begun(home)
    assert not {"PREFECT_SERVER_API_BASE_PATH", "PREFECT_PROFILE"} & set(environment)
    assert environment["folder"] == str(home)


def test_whoever_comes_later_is_told_what_the_server_wants_to_hear(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:pass")
    local_server.find_or_start()
    monkeypatch.delenv("PREFECT_SERVER_API_AUTH_STRING")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "of:another")
    local_server.find_or_start()

    assert os.environ["PREFECT_API_AUTH_STRING"] == "admin:pass"
    assert "admin:pass" not in (home / "server.json").read_text()


def test_one_that_lives_without_answering_is_never_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = local_server.find_or_start()
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.setattr(local_server, "START_SECONDS", 0.1)
    (home / "busy").touch()

    with pytest.raises(MissingRequirement, match=rf"process {server.pid}\) does not answer"):
        local_server.find_or_start()
    status = CliRunner().invoke(app, ["server", "status"]).output
    assert "No Prefect server answers." in status
    assert f"Started here: {server.ui_url}, process {server.pid}" in status
    assert len(begun(home)) == 1

    (home / "busy").unlink()
    assert local_server.find_or_start() == server


OF_ANOTHER = b'{"api_url": "http://127.0.0.1:9/api", "pid": 1}'
"""A record of a process that is no server: it was kept on another host, say."""


@pytest.mark.parametrize("record", [b"", b"{", b"\xff\xfe", b"null", OF_ANOTHER, None])
def test_one_whose_record_is_damaged_or_lost_is_found_and_ended(
    home: Path, record: bytes | None
) -> None:
    server = local_server.find_or_start()
    (home / "server.json").unlink()
    if record is not None:
        (home / "server.json").write_bytes(record)

    assert local_server.find_or_start() == server
    assert len(begun(home)) == 1
    assert server.ui_url in CliRunner().invoke(app, ["server", "status"]).output
    assert local_server.stop() == server
    assert local_server.own_server() is None


def test_a_server_elsewhere_and_our_own_are_told_apart(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = local_server.find_or_start()
    port = server.api_url.split(":")[2]
    monkeypatch.setenv("PREFECT_API_URL", f"http://localhost:{port}/")
    assert local_server.find() is not None

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with pytest.raises(MissingRequirement, match=r"127\.0\.0\.1:9"):
        local_server.find_or_start()
    assert "Started here" in CliRunner().invoke(app, ["server", "status"]).output
    assert f"Stopped {server.api_url}" in CliRunner().invoke(app, ["server", "stop"]).output
    assert "Started here" not in CliRunner().invoke(app, ["server", "status"]).output


def test_the_port_that_was_asked_for_is_had_again_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections of a server that has just ended would keep its port for a minute."""
    first = local_server.find_or_start()
    port = int(first.api_url.split(":")[2].removesuffix("/api"))
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /api/health HTTP/1.0\r\n\r\n")
        while client.recv(1000):
            pass  # whoever closes first, the server here, has to wait
    local_server.stop()
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.setattr(local_server, "DEFAULT_PORT", port)

    assert local_server.find_or_start().api_url == first.api_url


@pytest.mark.parametrize(
    ("stand_in", "named"),
    [("", "PREFECT_API_URL=http://127.0.0.1:"), ("silent", "no Prefect server")],
)
def test_whoever_else_has_the_port_is_named_and_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch, stand_in: str, named: str
) -> None:
    strange = local_server.find_or_start()
    monkeypatch.delenv("PREFECT_API_URL")
    port = int(strange.api_url.split(":")[2].removesuffix("/api"))
    monkeypatch.setattr(local_server, "DEFAULT_PORT", port)
    if stand_in == "silent":
        (home / "busy").touch()
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("UNREALPERSON_STATE", str(home.parent.parent / "other"))

        assert local_server.find() is None
        with pytest.raises(MissingRequirement, match=named) as refusal:
            local_server.find_or_start()
        assert "UNREALPERSON_PORT" in str(refusal.value)
        assert local_server.own_server() is None
        elsewhere.setenv("PREFECT_API_URL", strange.api_url)
        assert (local_server.find() is None) == (stand_in == "silent")


def test_whoever_takes_the_port_while_ours_starts_is_not_used(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = local_server.find_or_start()
    monkeypatch.delenv("PREFECT_API_URL")
    port = int(strange.api_url.split(":")[2].removesuffix("/api"))
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("UNREALPERSON_STATE", str(home.parent.parent / "other"))
        # It was free when we looked.
        elsewhere.setattr(local_server, "_port_asked_for", lambda: port)

        with pytest.raises(MissingRequirement, match=rf":{port}/api .* ended"):
            local_server.find_or_start()
        assert "PREFECT_API_URL" not in os.environ
        assert local_server.find() is None


def test_several_who_need_one_at_once_start_one(home: Path) -> None:
    found: list[LocalServer] = []
    threads = [
        threading.Thread(target=lambda: found.append(local_server.find_or_start()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(found)) == len(begun(home)) == 1


@pytest.mark.parametrize("why", ["ends", "silent", "interrupted"])
def test_one_that_does_not_come_up_is_not_left_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    others = set(psutil.Process().children())
    monkeypatch.setenv("STAND_IN", why)

    def interrupted(api_url: str) -> bool:
        raise KeyboardInterrupt

    if why == "silent":
        monkeypatch.setattr(local_server, "START_SECONDS", 0.1)
        monkeypatch.setattr(local_server, "answers", lambda api_url: False)
    if why == "interrupted":
        monkeypatch.setattr(local_server, "find", lambda: None)
        monkeypatch.setattr(local_server, "answers", interrupted)
    with pytest.raises(KeyboardInterrupt if why == "interrupted" else MissingRequirement):
        local_server.find_or_start()

    assert set(psutil.Process().children()) <= others
    assert local_server.own_server() is None


@pytest.mark.parametrize("port", [9, 4711])
def test_another_server_of_prefect_that_got_the_number_is_not_ours(home: Path, port: int) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", "input()", "prefect", "server", "start", "--port", "4711"],
        stdin=subprocess.PIPE,
    )
    home.mkdir(parents=True)
    (home / "server.json").write_text(
        json.dumps({"api_url": f"http://127.0.0.1:{port}/api", "pid": other.pid})
    )

    assert local_server.own_server() is None
    assert local_server.stop() is None
    assert other.poll() is None
    other.communicate(b"\n")


@pytest.mark.parametrize("pid", ['"it"', "-1", "1.5", "[]", "1"])
@pytest.mark.parametrize("url", ["5", '"http://localhost:99999/api"', '"http://[/api"'])
def test_a_record_that_says_nothing_of_a_server_is_none(home: Path, pid: str, url: str) -> None:
    home.mkdir(parents=True)
    (home / "server.json").write_text(f'{{"api_url": {url}, "pid": {pid}}}')
    farm = home.parent / "farm"
    farm.mkdir()
    (farm / "workers.json").write_text(f'[{{"name": "w", "pool": {url}, "pid": {pid}}}]')

    assert local_server.own_server() is None
    assert not any(worker.alive for worker in workers())


def test_whoever_waits_for_one_that_ends_is_told_so_at_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = local_server.find_or_start()
    assert server.pid is not None
    (home / "busy").touch()

    def asked_once_more(api_url: str) -> bool:
        psutil.Process(server.pid).kill()
        return False

    monkeypatch.setattr(local_server, "START_SECONDS", 1_000_000.0)
    monkeypatch.setattr(local_server, "find", lambda: None)
    monkeypatch.setattr(local_server, "answers", asked_once_more)
    with pytest.raises(MissingRequirement, match=rf"process {server.pid}\) ended"):
        local_server.find_or_start()


def test_one_that_starts_slowly_is_waited_for_as_long_as_it_works(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = local_server.find_or_start()
    (home / "busy").touch()
    looks = itertools.count()

    def working(_: LocalServer) -> float:
        if (seconds := next(looks)) == 3:
            (home / "busy").unlink()
        return float(seconds)

    monkeypatch.setattr(local_server, "START_SECONDS", 0.5)
    monkeypatch.setattr(LocalServer, "cpu_seconds", working)
    assert local_server.find_or_start() == server
    assert next(looks) > 3


@pytest.mark.parametrize(
    "url",
    ["localhost:4200", "http://local host/api", "http://[/api", "http://localhost:99999", "x"],
)
def test_what_is_no_address_answers_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(MissingRequirement, match="PREFECT_API_URL is set to"):
        local_server.find_or_start()


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_does_not_let_us_in_is_named(status: int) -> None:
    request = httpx.Request("POST", "http://lab/api/flows")
    refused = httpx.HTTPStatusError(
        "no", request=request, response=httpx.Response(status, request=request)
    )
    with (
        pytest.raises(MissingRequirement, match=r"lab/api does not let us in .*AUTH_STRING"),
        local_server.naming_server_errors(LocalServer("http://lab/api", None)),
    ):
        raise refused
