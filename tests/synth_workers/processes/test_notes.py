"""Notes of work: they go when it has ended well, and are found when its process was killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synth_workers.processes import host
from synth_workers.processes.host import Owner, ProcessMark
from synth_workers.processes.notes import abandoned, noted
from tests.full_disk import refusing_folder

WORKER = """
import sys, time
from pathlib import Path
from synth_workers.processes.notes import noted
with noted(Path(sys.argv[1]), {"shard": "7"}):
    print("at work", flush=True)
    time.sleep(600)
"""


def test_a_killed_process_leaves_a_note_that_the_next_one_finds(tmp_path: Path) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None and worker.stdout.readline()
    assert abandoned(tmp_path) == []  # it lives

    worker.kill()
    worker.communicate()

    (note,) = abandoned(tmp_path)
    assert note.about == {"shard": "7"} and note.owner.process.pid == worker.pid
    note.put_away()
    assert abandoned(tmp_path) == [] and not note.path.exists()


def test_a_note_goes_with_work_that_ended_well_and_with_no_other(tmp_path: Path) -> None:
    with noted(tmp_path, {}):
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ZeroDivisionError), noted(tmp_path, {}):
        raise ZeroDivisionError
    assert len(list(tmp_path.iterdir())) == 1
    assert abandoned(tmp_path) == []  # this process may still see to it


def test_notes_of_other_hosts_and_what_is_none_are_nobodys(tmp_path: Path) -> None:
    gone = {**Owner.own().written(), "start": "an earlier boot", "about": {}}
    (tmp_path / "elsewhere.json").write_text(json.dumps({**gone, "host": "another"}))
    for name, text in (("half", '{"pid": 1'), ("list", "[]"), ("bare", '{"about": []}')):
        (tmp_path / f"{name}.json").write_text(text)
    assert abandoned(tmp_path) == []
    (tmp_path / "ours.json").write_text(json.dumps(gone))
    assert [note.path.name for note in abandoned(tmp_path)] == ["ours.json"]


@pytest.mark.parametrize("start", ["told", ""], ids=["by the boot", "by the clock"])
def test_an_owner_is_gone_with_its_process_and_not_with_the_clock(start: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        mark = ProcessMark.of(process.pid)
        owner = Owner.own()._replace(process=mark, start=start and host._start_of(process.pid))  # pyright: ignore[reportPrivateUsage]
        assert not owner.gone
        assert Owner.read(owner.written()) == owner
        if owner.start:  # somebody has set the clock
            assert not owner._replace(process=mark._replace(started=1.0)).gone
        assert not owner._replace(host="another").gone
    finally:
        process.kill()
    assert os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert owner.gone  # though nobody has reaped it
    process.communicate()
    assert owner.gone


def test_work_goes_on_where_no_note_can_be_left(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with noted(refusing_folder(tmp_path), {}):
        pass
    assert "nobody will tidy up" in caplog.text
