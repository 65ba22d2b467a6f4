"""What commands that tell a server refuse before it is told anything."""

from __future__ import annotations

import sys

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows import bootstrap, local_server, notifications

HOOK = "https://hooks.example/farm"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hooks.example/farm"], "must begin with http"),
        (["https:///farm"], "name a host"),
        ([HOOK, "--stalled-hours", "0"], "must be 0.01 to 8760"),
        ([HOOK, "--stalled-hours", "nan"], "must be 0.01 to 8760"),
        ([HOOK], "no Prefect server answers"),
    ],
)
def test_what_nobody_would_hear_of_is_refused(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["notifications", *words])
    monkeypatch.setattr(local_server, "find", lambda: None)
    monkeypatch.setattr(notifications, "make_notifications", lambda *_: pytest.fail("was made"))
    with temporary_settings(restore_defaults={PREFECT_API_URL}), pytest.raises(SystemExit):
        notifications.main()
    assert said in capsys.readouterr().err


def test_no_farm_is_made_ready_on_a_server_of_the_moment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap"])
    monkeypatch.setattr(local_server, "find", lambda: None)
    monkeypatch.setattr(bootstrap, "bootstrap", lambda *_: pytest.fail("was made"))
    with temporary_settings(restore_defaults={PREFECT_API_URL}), pytest.raises(SystemExit):
        bootstrap.main()
    assert "set PREFECT_API_URL" in capsys.readouterr().err
