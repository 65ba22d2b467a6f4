"""Disks that are full or refuse: which path, what for, and what chooses another folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from manifests.disks import FULL, REFUSING, disk_error, naming_disks
from manifests.errors import StoreUnsuitable
from manifests.whole_files import whole_file, write_whole
from tests.full_disk import full_disk, refusing_folder


def refused(code: int, path: Path) -> StoreUnsuitable | None:
    return disk_error(OSError(code, os.strerror(code), str(path)))


@pytest.mark.parametrize("name", ["OUT", "STATE", "CACHE"])
def test_the_variable_that_chooses_another_folder_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"UNREALPERSON_{name}", str(tmp_path / name))
    for code in (*FULL, *REFUSING):
        said = str(refused(code, tmp_path / name / "a" / "file"))
        assert f"{name}/a/file: " in said and f"set UNREALPERSON_{name} to another folder" in said
    assert "no space left" in str(refused(errno.ENOSPC, tmp_path))
    assert "cannot be written or read (Read-only file system)" in str(
        refused(errno.EROFS, tmp_path)
    )


def test_the_nearest_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNREALPERSON_OUT", str(tmp_path))
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    assert "UNREALPERSON_CACHE" in str(refused(errno.ENOSPC, tmp_path / "cache" / "people"))
    assert "UNREALPERSON_OUT" in str(refused(errno.ENOSPC, tmp_path / "models"))
    assert "choose another folder" in str(refused(errno.ENOSPC, Path("/elsewhere/model.pt")))


def test_other_errors_are_left_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), naming_disks(tmp_path):
        (tmp_path / "nothing").read_bytes()
    with pytest.raises(NotADirectoryError), naming_disks(tmp_path, but=REFUSING):
        (tmp_path / "file").touch()
        (tmp_path / "file" / "below").touch()


@pytest.mark.parametrize("how", ["in one go", "as an array"])
def test_a_full_disk_leaves_what_was_there(how: str, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_whole(path, "first")
    with pytest.raises(StoreUnsuitable, match=r"kept: no space left"), full_disk():
        if how == "in one go":
            write_whole(path, b"x" * 10_000)
        else:
            with whole_file(path) as file:
                np.save(file, np.zeros(10_000))
    assert path.read_text() == "first" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_refuses_is_named(tmp_path: Path) -> None:
    path = refusing_folder(tmp_path) / "note.json"
    with pytest.raises(StoreUnsuitable, match=r"note\.json: cannot be written \(.*set TMPDIR"):
        write_whole(path, "first")
