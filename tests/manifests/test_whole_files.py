"""Files appear whole: what a reader finds is the old content or the new, never a part."""

from __future__ import annotations

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


def test_two_writers_at_once_do_not_mix(tmp_path: Path):
    path = tmp_path / "note"
    with whole_file(path) as one, whole_file(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
