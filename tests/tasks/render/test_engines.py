"""Engines that wait for the next shard, of processes that only say that they are some."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from synth_workers.processes.launch import EngineCommand
from tasks.render.engines import EngineShelf

READY = "import time; print('Start listening on 4711', flush=True); time.sleep(600)"


@pytest.fixture
def command(tmp_path: Path) -> EngineCommand:
    (tmp_path / "crowd.json").write_text("{}")
    return EngineCommand((sys.executable, "-c", READY, str(tmp_path / "crowd.json")))


def engines() -> set[psutil.Process]:
    return {each for each in psutil.Process().children() if READY in each.cmdline()}


def test_an_engine_waits_for_the_next_shard_and_ends_with_the_shelf(
    command: EngineCommand, tmp_path: Path
) -> None:
    with EngineShelf() as shelf:
        for expected in ((), ("vset /action/game/level yard",)):
            engine = shelf.engine(command, "yard", tmp_path / "crowd.json")
            engine.start()
            assert engine.opening == expected
            assert engine.peak_bytes() > 1_000_000
            engine.rest(1)
        assert len(engines()) == 1
    assert not engines()


def test_an_engine_that_cannot_be_given_its_people_is_ended(
    command: EngineCommand, tmp_path: Path
) -> None:
    with EngineShelf() as shelf:
        first, second = (shelf.engine(command, "yard", tmp_path / "crowd.json") for _ in range(2))
        first.start()
        first.rest(1)
        (tmp_path / "crowd.json").unlink()
        with pytest.raises(FileNotFoundError):
            second.start()
        second.end()
        assert not engines()
