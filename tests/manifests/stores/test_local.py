"""The local store under bad conditions: killed writers, no rights, no space, no root."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from manifests.errors import StoreUnsuitable
from manifests.stores import LocalStore, open_store
from tests.patching import in_this_thread

WRITER = """
import sys
from manifests.stores import open_store
store = open_store(sys.argv[1])
store.put("set/ready", b"")
while True:
    for byte in (b"a", b"b"):
        store.put("set/object", byte * (1 << 20))
"""


def test_a_writer_killed_at_any_moment_leaves_only_whole_objects(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    for delay in (0.0, 0.003, 0.007, 0.011):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, store.uri])
        try:
            while not store.exists("set/ready"):
                time.sleep(0.005)
            time.sleep(delay)
        finally:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        for info in store.list("set/"):
            content = store.get(info.key)
            assert content in (b"", b"a" * (1 << 20), b"b" * (1 << 20))
        store.delete("set/ready")
    for leftover in store.leftovers("set/"):
        store.discard(leftover)
    assert {path.name for path in (tmp_path / "store" / "set").iterdir()} <= {"object"}


def test_readers_never_see_a_mixture_while_an_object_is_replaced(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, store.uri])
    try:
        while not store.exists("set/object"):
            time.sleep(0.005)
        for _ in range(100):
            content = store.get("set/object")
            assert len(content) == 1 << 20 and len(set(content)) == 1
    finally:
        writer.kill()
        writer.wait()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    with pytest.raises(FileNotFoundError):
        store.put_file("set/a", tmp_path / "missing")
    assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []


def test_a_root_that_cannot_be_written_is_unsuitable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnsuitable, match="cannot be written"):
        open_store(tmp_path / "file" / "store").probe()
    with pytest.raises(StoreUnsuitable, match="cannot be written"):
        open_store("/proc/unrealperson").probe()


def test_a_file_system_without_hard_links_is_unsuitable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    in_this_thread(monkeypatch, os, "link", refuse)
    with pytest.raises(StoreUnsuitable, match="supports hard links"):
        open_store(tmp_path).probe()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_is_named_and_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk]).returncode:
        pytest.skip("this machine does not let us mount a tmpfs")
    try:
        store = LocalStore(disk / "store")
        store.put("set/small", b"kept")
        with pytest.raises(StoreUnsuitable, match="no space left"):
            store.put("set/big", b"x" * (1 << 20))
        assert [info.key for info in store.list("")] == ["set/small"]
        assert [p.name for p in (disk / "store" / "set").iterdir()] == ["small"]
        assert store.put_if_absent("set/claim", b"there is room again")
    finally:
        # Lazily: what a failed write has open is closed when its traceback goes, which is later.
        subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("ftp://host/x", "unknown kind of store"),
        ("file://host/x", "three slashes"),
        ("s3://key:secret@bucket/x", "holds no credentials"),
        ("s3://B", "not a valid bucket name"),
    ],
)
def test_odd_uris_are_refused_without_repeating_secrets(uri: str, words: str) -> None:
    with pytest.raises(StoreUnsuitable, match=words) as refusal:
        open_store(uri)
    assert "secret@" not in str(refusal.value)


def test_paths_and_file_uris_name_the_same_store(tmp_path: Path) -> None:
    assert open_store(tmp_path / "a b") == open_store(f"file://{tmp_path}/a%20b")


def test_an_object_behind_a_link_can_be_read_but_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a").write_bytes(b"theirs")
    store = LocalStore(tmp_path / "store")
    store.put("set/own", b"ours")
    (tmp_path / "store" / "set" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "store" / "set" / "file").symlink_to(tmp_path / "elsewhere" / "a")

    assert store.get("set/linked/a") == store.get("set/file") == b"theirs"
    assert [(info.key, info.linked) for info in store.list("set/")] == [
        ("set/file", True),
        ("set/linked/a", True),
        ("set/own", False),
    ]
    for key in ("set/linked/a", "set/file"):
        with pytest.raises(StoreUnsuitable, match="behind a link"):
            store.delete(key)
    assert (tmp_path / "elsewhere" / "a").read_bytes() == b"theirs"


def test_a_store_that_is_a_link_itself_is_a_store_like_others(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "store").symlink_to(tmp_path / "disk")
    store = LocalStore(tmp_path / "store")
    store.put("set/own", b"ours")
    assert [info.linked for info in store.list("set/")] == [False]
    store.delete("set/own")
    store.delete("set/own")
    assert not store.exists("set/own")
