"""Files appear whole: what a reader finds is the old content or the new, never a part."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from manifests.whole_files import whole_file, write_whole


def test_the_old_content_stays_until_the_new_is_complete(tmp_path: Path):
    path = tmp_path / "folder" / "note.json"
    write_whole(path, "first, ü")
    with whole_file(path) as file:
        file.write(b"second")
        file.flush()
        assert path.read_text("utf-8") == "first, ü"
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_half_way_leaves_what_was_there(tmp_path: Path):
    path = tmp_path / "note.json"
    write_whole(path, b"first")
    with pytest.raises(RuntimeError, match="half way"), whole_file(path) as file:
        file.write(b"sec")
        raise RuntimeError("half way")
    assert path.read_bytes() == b"first" and list(tmp_path.iterdir()) == [path]


def test_others_may_read_it_as_far_as_the_users_mask_allows(tmp_path: Path):
    plain, whole = tmp_path / "plain", tmp_path / "whole"
    plain.write_bytes(b"")
    write_whole(whole, b"")
    assert whole.stat().st_mode == plain.stat().st_mode


WRITER = """
import sys, time
from pathlib import Path
from manifests.whole_files import whole_file
with whole_file(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("at it", flush=True)
    time.sleep(600)
"""


def test_what_a_killed_writer_left_goes_with_the_next(tmp_path: Path):
    path = tmp_path / "[note]"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None and writer.stdout.readline()
    (left,) = tmp_path.iterdir()
    write_whole(path, "first")
    assert left.read_bytes() == b"half"  # it lives
    writer.kill()
    writer.communicate()
    write_whole(tmp_path / "other", "")
    assert left.exists()
    write_whole(path, "second")
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "other"]


def test_two_writers_at_once_do_not_mix(tmp_path: Path):
    path = tmp_path / "note"
    with whole_file(path) as one, whole_file(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
