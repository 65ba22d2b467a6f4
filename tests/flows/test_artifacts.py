"""What a round shows must survive a server that is away for a moment, and never end a build."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

import flows.artifacts
from flows.artifacts import RoundArtifacts
from manifests.dataset import Dataset
from manifests.stores import open_store
from tasks.render.watching import RoundProgress


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Descriptions of the tables that a server took which is away at the first request."""
    taken: list[str] = []
    requests: list[str] = []

    def table(rows: list[dict[str, Any]], *, key: str, description: str) -> None:
        requests.append(key)
        if len(requests) == 1:
            raise httpx.ConnectError("away")
        taken.append(description)

    monkeypatch.setattr(flows.artifacts, "create_table_artifact", table)
    monkeypatch.setattr(flows.artifacts, "create_progress_artifact", lambda *_: uuid4())
    return taken


@pytest.fixture
def artifacts(tmp_path: Path) -> RoundArtifacts:
    tiny = Dataset("tiny", open_store(tmp_path))
    return RoundArtifacts(tiny, "render", {}, RoundProgress("render", 0))


def test_the_last_state_is_tried_until_the_server_takes_it(
    artifacts: RoundArtifacts, tables: list[str]
) -> None:
    artifacts.update({}, last=True)

    assert tables == ["Shards of tiny, render"]


def test_a_state_on_the_way_is_left_out_rather_than_waited_for(
    artifacts: RoundArtifacts, tables: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    artifacts.update({})

    assert tables == []
    assert "No artifact this time: ConnectError" in caplog.text
