"""Notes of work: they go when it has ended well, and are found when its process was killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synth_workers.processes.host import Owner
from synth_workers.processes.notes import abandoned, noted

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
    gone = {**Owner.own().written(), "started": 1.0, "about": {}}
    (tmp_path / "elsewhere.json").write_text(json.dumps({**gone, "host": "another"}))
    for name, text in (("half", '{"pid": 1'), ("list", "[]"), ("bare", '{"about": []}')):
        (tmp_path / f"{name}.json").write_text(text)
    assert abandoned(tmp_path) == []
    (tmp_path / "ours.json").write_text(json.dumps(gone))
    assert [note.path.name for note in abandoned(tmp_path)] == ["ours.json"]
