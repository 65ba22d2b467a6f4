"""Engines that want a token: it is presented when asked for, and never seen anywhere else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.capture_rules import ImageSpec
from manifests.errors import MissingRequirement
from synth_workers.processes.launch import embedded_engine
from synth_workers.worker.authentication import TOKEN_FILE_VARIABLE, TOKEN_VARIABLE, engine_token
from synth_workers.worker.endpoint import Endpoint
from synth_workers.worker.session import Deadlines, Session
from tests.synth_workers.engine.processes import running
from tests.synth_workers.worker.scripted_server import ScriptedServer

TOKEN = "correct-horse-battery-staple"
PATIENT = Deadlines(connect=10, status=10)


@pytest.fixture(scope="module", params=["superset", "110"])
def guarded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endpoint]:
    """A real engine that wants ``TOKEN``."""
    folder = tmp_path_factory.mktemp("guarded")
    secret = folder / "token"
    secret.write_text(TOKEN + "\n")
    arguments = ["--token-file", str(secret), "--dialect", request.param]
    with running(arguments, UNREALPERSON_CACHE=str(folder)) as engine:
        yield Endpoint(engine.port)


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    monkeypatch.delenv(TOKEN_FILE_VARIABLE, raising=False)


@pytest.mark.integration
@pytest.mark.parametrize("way", ["variable", "file"])
def test_every_connection_presents_the_token(
    way: str, guarded: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if way == "file":
        (tmp_path / "token").write_text(TOKEN)
        monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(tmp_path / "token"))
    else:
        monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    for _ in range(2):
        with Session.connect(guarded, PATIENT) as session:
            assert session.text("vget /scene/name") == "yard"


@pytest.mark.integration
def test_no_token_and_a_wrong_one_are_named_and_not_shown(
    guarded: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(MissingRequirement, match="wants a token: put it into UNREALPERSON"):
        Session.connect(guarded, PATIENT)
    monkeypatch.setenv(TOKEN_VARIABLE, "wrong-horse-battery-staple")
    with pytest.raises(MissingRequirement, match="refuses the token") as refused:
        Session.connect(guarded, PATIENT)
    assert "horse" not in str(refused.value)


@pytest.mark.integration
def test_the_token_reaches_no_log(
    guarded: Endpoint, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "unrealcv")
    with Session.connect(guarded, PATIENT) as session:
        session.text("vget /scene/name")
    assert TOKEN not in caplog.text


def test_a_server_that_asks_for_no_token_is_shown_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)

    def answer(command: str) -> str:
        return command.removeprefix("vget /unrealcv/echo ")

    with ScriptedServer(answer) as server:
        Session.connect(server.endpoint).close()
        assert server.commands and not [c for c in server.commands if TOKEN in c]


def test_engines_that_the_worker_starts_want_the_token_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(tmp_path / "token"))
    arguments = embedded_engine("street", tmp_path / "crowd.json", ImageSpec()).arguments
    assert arguments[arguments.index("--token-file") + 1] == str(tmp_path / "token")
    assert TOKEN not in " ".join(arguments)


def test_tokens_that_cannot_be_sent_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TOKEN_FILE_VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(MissingRequirement, match="cannot be read"):
        engine_token()
    monkeypatch.delenv(TOKEN_FILE_VARIABLE)
    for bad in ("two words", "schlüssel"):
        monkeypatch.setenv(TOKEN_VARIABLE, bad)
        with pytest.raises(MissingRequirement, match="one word of ASCII") as refused:
            engine_token()
        assert bad not in str(refused.value)
