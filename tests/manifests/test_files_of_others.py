"""Folders as people have them: litter, links, and names that lists give to files."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from manifests.errors import CorruptData
from manifests.files_of_others import file_below, files_below, is_litter

LITTER = [
    "._crop.jpg", ".DS_Store", ".crop.jpg.swp", ".~lock.list.csv#", ".#list.csv", "Thumbs.db",
    "THUMBS.DB", "desktop.ini", "Icon\r", "~$list.csv", "#list.csv#", "list.csv~", "list.csv.bak",
    "crop.jpg.crdownload", "crop.jpg.part", "crop.jpg.tmp", "crop.jpg.aria2", "crop.jpg.incomplete",
]  # fmt: skip
OWN = [
    "crop.jpg",
    "part.jpg",
    "tmp.png",
    "a~b.jpg",
    "Icon.png",
    "b.bak.jpg",
    "list (2).csv",
    "#1.jpg",
    "-1.jpg",
]


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in files_below(folder)]


@pytest.mark.parametrize("name", LITTER)
def test_litter_is_known_by_its_name(name: str) -> None:
    assert is_litter(name)


@pytest.mark.parametrize("name", OWN)
def test_names_of_ones_own_are_no_litter(name: str) -> None:
    assert not is_litter(name)


def test_litter_is_left_out_with_everything_in_its_folders(tmp_path: Path) -> None:
    fill(tmp_path, *LITTER, *OWN, "c1/a.jpg", "c1/._a.jpg")
    fill(tmp_path, "__MACOSX/c1/a.jpg", "@eaDir/a.jpg", ".cache/huggingface/a.jpg")
    assert found(tmp_path) == sorted([*OWN, "c1/a.jpg"])


def test_a_hidden_folder_may_hold_the_data(tmp_path: Path) -> None:
    root = tmp_path / ".cache" / "hub"
    fill(root, "a.jpg")
    assert found(root) == ["a.jpg"]


def test_links_to_files_and_folders_are_followed_but_not_round_in_circles(tmp_path: Path) -> None:
    fill(tmp_path / "blobs", "b1", "deep/b2.jpg")
    root = tmp_path / "snapshot"
    fill(root, "own.jpg")
    (root / "linked.jpg").symlink_to("../blobs/b1")
    (root / "folder").symlink_to("../blobs/deep", target_is_directory=True)
    (root / "up").symlink_to("..", target_is_directory=True)
    (root / "again").symlink_to(".", target_is_directory=True)
    (tmp_path / "blobs" / "deep" / "back").symlink_to(root, target_is_directory=True)
    (root / "itself.jpg").symlink_to("itself.jpg")
    (root / "broken.jpg").symlink_to("gone.jpg")
    # Links to nothing are named by who reads them.
    assert found(root) == ["broken.jpg", "folder/b2.jpg", "itself.jpg", "linked.jpg", "own.jpg"]


def test_a_folder_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorruptData, match="gone: cannot be read: No such file"):
        files_below(tmp_path / "gone")


def test_a_list_names_files_of_its_folder_through_links(tmp_path: Path) -> None:
    fill(tmp_path, "blobs/b1")
    root = tmp_path / "snapshot"
    fill(root, "c1/own.jpg")
    (root / "c1" / "linked.jpg").symlink_to("../../blobs/b1")
    (root / "c2").symlink_to("../blobs", target_is_directory=True)
    for name in ("c1/linked.jpg", "c2/b1", "./c1/own.jpg", "c1//own.jpg", "c1/../c1/own.jpg"):
        assert file_below(root, name, "line 2").is_file(), name
    assert file_below(root, str(root / "c1" / "own.jpg"), "line 2").is_file()
    assert file_below(root, "c1\\linked.jpg", "line 2") == root / "c1" / "linked.jpg"
    # Behind a link `..` would be its target's parent; in a list it is the folder of the link.
    assert not file_below(root, "c2/../blobs/b1", "line 2").exists()
    linked = tmp_path / "data"
    linked.symlink_to(root, target_is_directory=True)
    assert file_below(linked, str(root / "c1" / "own.jpg"), "").is_file()


@pytest.mark.parametrize(
    "name",
    ["../b1", "..\\b1", "c1/../../b1", "c1\\..\\..\\b1", "/etc/hostname", "..", "C:\\crops\\1.jpg"],
)
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    fill(tmp_path, "b1", "snapshot/c1/own.jpg")
    with pytest.raises(CorruptData, match=r"list\.csv, line 7: .* leads out of .*snapshot"):
        file_below(tmp_path / "snapshot", name, "list.csv, line 7")


@pytest.mark.parametrize("name", ["file:///data/1.jpg", "s3://bucket/1.jpg", "https://lab/1.jpg"])
def test_a_list_names_files_and_no_uris(name: str, tmp_path: Path) -> None:
    with pytest.raises(CorruptData, match=r"list\.csv, line 7: .* is a URI; write paths"):
        file_below(tmp_path, name, "list.csv, line 7")


@pytest.mark.parametrize(("on_disk", "listed"), [("NFC", "NFD"), ("NFD", "NFC")])
def test_accents_are_found_in_either_unicode_form(
    on_disk: Literal["NFC", "NFD"], listed: Literal["NFC", "NFD"], tmp_path: Path
) -> None:
    """A list written on Linux beside files that macOS unpacked, or the other way round."""
    fill(tmp_path, unicodedata.normalize(on_disk, "Zoë/Ångström.jpg"))
    assert file_below(tmp_path, unicodedata.normalize(listed, "Zoë/Ångström.jpg"), "").is_file()


def test_a_name_with_a_back_slash_of_its_own_is_taken_as_it_is(tmp_path: Path) -> None:
    fill(tmp_path, "a\\b.jpg")
    assert os.fspath(file_below(tmp_path, "a\\b.jpg", "")).endswith("a\\b.jpg")
