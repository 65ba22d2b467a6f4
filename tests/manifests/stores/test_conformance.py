"""What every store promises."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.errors import CorruptData, NotFound
from manifests.stores import Store, open_store


def test_what_is_put_is_got_and_put_replaces_it(store: Store) -> None:
    store.put("set/a.json", b"one")
    store.put("set/a.json", b"two, longer")
    assert store.get("set/a.json") == b"two, longer"
    assert store.size("set/a.json") == 11
    assert store.exists("set/a.json") and not store.exists("set/b.json")


def test_what_is_sent_to_another_process_opens_the_same_store(store: Store) -> None:
    store.put("set/a.json", b"one")
    for again in (pickle.loads(pickle.dumps(store)), open_store(store.address)):
        assert (again.uri, again.address, again.remote) == (store.uri, store.address, store.remote)
        assert again.get("set/a.json") == b"one"


def test_what_is_sent_of_a_store_holds_no_credentials(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")
    assert b"hush" not in pickle.dumps(open_store(store.address))


def test_ranges_end_where_the_object_ends(store: Store) -> None:
    store.put("set/digits", b"0123456789")
    assert store.get_range("set/digits", 3, 4) == b"3456"
    assert store.get_range("set/digits", 8, 10) == b"89"
    assert store.get_range("set/digits", 0, 0) == b""


def test_empty_objects_are_objects(store: Store) -> None:
    store.put("set/empty", b"")
    assert store.get("set/empty") == b"" and store.exists("set/empty")


@pytest.mark.parametrize("read", ["get", "size"])
def test_missing_objects_are_not_found_by_name(store: Store, read: str) -> None:
    with pytest.raises(NotFound, match="set/none"):
        getattr(store, read)("set/none")
    with pytest.raises(NotFound, match="set/none"):
        store.open_parquet("set/none")


def test_deleting_is_idempotent(store: Store) -> None:
    store.put("set/a", b"a")
    store.delete("set/a")
    store.delete("set/a")
    assert not store.exists("set/a")


def test_a_listing_is_complete_sorted_and_fresh(store: Store) -> None:
    keys = [f"set/{folder}/{n:02d}" for folder in ("a", "b") for n in range(12)]
    for key in reversed(keys):
        store.put(key, key.encode())
    assert [info.key for info in store.list("set/")] == keys
    assert [info.key for info in store.list("set/b/0")] == keys[12:22]
    assert [info.size for info in store.list("set/a/00")] == [8]
    assert list(store.list("nothing/")) == []
    store.delete(keys[0])
    assert keys[0] not in [info.key for info in store.list("set/")]


def test_put_if_absent_keeps_the_first(store: Store) -> None:
    assert store.put_if_absent("set/claim", b"first")
    assert not store.put_if_absent("set/claim", b"second")
    assert store.get("set/claim") == b"first"


def test_of_sixteen_racing_clients_one_wins(store: Store) -> None:
    start = threading.Barrier(16)
    clients = [open_store(store.uri) for _ in range(4)]

    def race(client: int, key: str) -> bool:
        start.wait()
        return clients[client % 4].put_if_absent(key, b"client %d" % client)

    for key in ("set/race-1", "set/race-2", "set/race-3"):
        with ThreadPoolExecutor(16) as pool:
            won = list(pool.map(race, range(16), [key] * 16))
        assert sum(won) == 1
        assert store.get(key) == b"client %d" % won.index(True)


def test_files_of_any_size_are_stored_whole(store: Store, tmp_path: Path) -> None:
    for size in (0, 1, (5 << 20) + 3):
        path = tmp_path / "file"
        path.write_bytes(bytes(range(251)) * (size // 251) + b"x" * (size % 251))
        store.put_file("set/file", path)
        assert store.get("set/file") == path.read_bytes()


def test_parquet_is_read_in_ranges(store: Store, tmp_path: Path) -> None:
    table = pa.table({"n": list(range(5000)), "text": [str(n) for n in range(5000)]})
    pq.write_table(table, tmp_path / "t.parquet", row_group_size=1000)
    store.put_file("set/t.parquet", tmp_path / "t.parquet")
    file = store.open_parquet("set/t.parquet")
    assert file.read(columns=["n"])["n"].to_pylist() == list(range(5000))
    assert file.read_row_group(3)["text"][0].as_py() == "3000"


@pytest.mark.parametrize(
    "key",
    ["../x", "/etc/x", "a/../x", "a//b", ".", "", "a\\b", "a\0b", "a/", "x" * 2000, ".hidden"],
)
def test_names_that_are_not_plain_are_refused(store: Store, key: str) -> None:
    for use in (store.get, store.exists, store.delete, lambda k: store.put(k, b"")):
        with pytest.raises(CorruptData, match="not a valid object name"):
            use(key)


def test_probe_accepts_it_and_leaves_nothing_behind(store: Store) -> None:
    store.probe()
    assert list(store.list("")) == []


def test_a_store_is_found_again_by_its_uri(store: Store) -> None:
    store.put("set/a", b"a")
    assert open_store(store.uri).get("set/a") == b"a"
