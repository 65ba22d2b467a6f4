"""Who may use a store is nobody else's business: no refusal shows a key or a password."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from flows.cli import app
from manifests.errors import EngineLost, FactoryError, StoreUnsuitable
from manifests.stores import open_store

SECRET = "that-nobody-may-see"
WITH_PASSWORD = f"s3://key:{SECRET}@bucket/data"


class Refusing(BaseHTTPRequestHandler):
    """An S3 server that knows nobody, and says the key it was shown as AWS does."""

    def do_GET(self) -> None:
        """Refuse."""
        body = (
            "<Error><Code>InvalidAccessKeyId</Code>"
            f"<Message>{self.headers['Authorization']}</Message></Error>"
        ).encode()
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quietly."""


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"127.0.0.1:{server.server_port}"
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, f"{name.lower()}-{SECRET}")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{address}")
        yield address
        server.shutdown()


def test_a_server_that_refuses_a_key_does_not_make_us_show_it(
    refusing: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "manifests")
    with pytest.raises(StoreUnsuitable, match="refused with 403 InvalidAccessKeyId") as refused:
        open_store("s3://bucket/data").get("a")
    said = CliRunner().invoke(app, ["inspect", "demo", "--store", "s3://bucket/data"])
    assert isinstance(said.exception, StoreUnsuitable)
    assert SECRET not in f"{refused.value} {said.exception} {said.output} {caplog.text}"


def test_an_endpoint_with_a_password_is_refused(
    refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://key:{SECRET}@{refusing}")
    with pytest.raises(StoreUnsuitable, match="leave them out of AWS_ENDPOINT_URL") as refused:
        open_store("s3://bucket/data")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "words",
    [
        ["build", "--recipe", "tiny", "--store", WITH_PASSWORD],
        ["inspect", "tiny", "--store", WITH_PASSWORD],
        ["inspect", "tiny", "--store", f"ftp://key:{SECRET}@host/data"],
        ["inspect", "tiny", "--store", f"file://key:{SECRET}@host/data"],
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_a_password_in_the_name_of_a_store_is_refused_and_not_shown(
    words: list[str], listed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path / "out"))
    if listed:
        (tmp_path / "stores.yaml").write_text("lab: {uri: /lab}\n")
        monkeypatch.setenv("UNREALPERSON_STORES", str(tmp_path / "stores.yaml"))
    said = CliRunner().invoke(app, words)
    assert isinstance(said.exception, StoreUnsuitable)
    assert SECRET not in f"{said.exception} {said.output}"
    assert not (tmp_path / "out").exists()


def test_no_error_of_ours_shows_a_password_of_a_url_that_it_quotes() -> None:
    error = EngineLost(f"cannot reach postgresql+asyncpg://prefect:{SECRET}@db:5432/prefect")
    sent: FactoryError = pickle.loads(pickle.dumps(error))
    assert str(sent) == str(error) == "cannot reach postgresql+asyncpg://…@db:5432/prefect"
