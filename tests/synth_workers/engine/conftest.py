from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import unrealcv

from tests.synth_workers.engine.processes import EngineProcess, running


@pytest.fixture(scope="session")
def baked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that all engine processes of the tests share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def engine(baked: Path) -> Iterator[EngineProcess]:
    with running(UNREALPERSON_CACHE=str(baked)) as process:
        yield process


@pytest.fixture
def client(engine: EngineProcess) -> Iterator[unrealcv.Client]:
    """A client of an engine without people; whatever the test spawns is destroyed after it."""
    client = engine.client()
    before = set(client.request("vget /objects").split())
    yield client
    for name in client.request("vget /objects").split():
        if name not in before:
            client.request(f"vset /object/{name}/destroy")
    client.request("vrun ce Light day")
    client.disconnect()
