"""Scratch folders: their own process removes them, or the next one when it was killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from manifests.errors import StoreUnsuitable
from synth_workers.processes.scratch import scratch_folder, sweep_scratch
from tests.full_disk import full_disk
from tests.patching import in_this_thread

HOLDER = """
import sys, time
from pathlib import Path
from synth_workers.processes.scratch import scratch_folder
with scratch_folder("test", Path(sys.argv[1])) as folder:
    (folder / "data").write_bytes(b"half a shard")
    print(folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()


def test_a_folder_goes_with_its_block_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_bytes(b"years of work")
    with pytest.raises(ZeroDivisionError), scratch_folder("test", tmp_path) as folder:
        assert folder.parent == tmp_path
        (folder / "data").write_bytes(b"half")
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


def test_what_a_killed_process_left_is_removed_by_the_next(holder, tmp_path: Path) -> None:
    process, left = holder
    with scratch_folder("test", tmp_path):
        assert (left / "data").is_file()  # it lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (left / "data").is_file()
    with scratch_folder("test", tmp_path) as folder:
        assert not left.exists() and folder.is_dir()


def test_links_unmarked_folders_and_those_of_other_hosts_stay(tmp_path: Path) -> None:
    dead = {"host": "somewhere else", "pid": 1, "started": 1.0}
    for name in ("outside", "unrealperson-other", "unrealperson-unmarked", "unrealperson-odd"):
        (tmp_path / name).mkdir()
    for name in ("outside", "unrealperson-other"):
        (tmp_path / name / ".owner.json").write_text(json.dumps(dead))
    (tmp_path / "unrealperson-odd" / ".owner.json").write_text("[]")
    (tmp_path / "unrealperson-linked").symlink_to(tmp_path / "outside")
    before = sorted(tmp_path.rglob("*"))
    assert sweep_scratch(tmp_path) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_killed_sweep_left_is_still_known_as_its_owners(holder, tmp_path: Path) -> None:
    process, left = holder
    (left / "crops").mkdir()
    (left / "crops" / "data").write_bytes(b"crops")
    process.kill()
    process.wait()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        in_this_thread(patch, shutil, "rmtree", interrupted)
        sweep_scratch(tmp_path)
    assert sweep_scratch(tmp_path) == [left]
    assert list(tmp_path.iterdir()) == []


def interrupted(folder: Path, **_: object) -> None:
    raise KeyboardInterrupt


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreUnsuitable, match=r": no space left for scratch.*set TMPDIR"),
        scratch_folder("test", tmp_path) as folder,
        full_disk(),
    ):
        (folder / "frames").write_bytes(b"x" * 10_000)
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_written_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreUnsuitable, match=r"file: cannot be written.*set TMPDIR"),
        scratch_folder("test", tmp_path / "file"),
    ):
        pass
