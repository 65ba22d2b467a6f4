"""A real Prefect server of our own: found, started, recorded and stopped."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from flows import local_server
from manifests.errors import MissingRequirement

pytestmark = [pytest.mark.integration, pytest.mark.slow]


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNREALPERSON_STATE", str(tmp_path))
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setattr(local_server, "DEFAULT_PORT", 0)
    yield
    local_server.stop()
    os.environ.pop("PREFECT_API_URL", None)


def test_a_server_is_started_once_found_again_and_stopped(own_state: None) -> None:
    started = local_server.find_or_start()
    found = local_server.find_or_start()

    assert started.pid is not None
    assert found == started
    assert started.api_url.startswith("http://127.0.0.1:")
    assert started.cpu_seconds() > 0

    assert local_server.stop() == started
    assert not psutil.pid_exists(started.pid)
    assert local_server.stop() is None


def test_a_configured_server_that_is_silent_is_an_error(
    own_state: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")

    with pytest.raises(MissingRequirement, match=r"127\.0\.0\.1:9"):
        local_server.find_or_start()
