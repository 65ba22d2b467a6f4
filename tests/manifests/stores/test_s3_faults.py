"""S3 under fire: storms, resets, lost replies, stalls, and a server that is not there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.errors import NotFound, StoreUnavailable, StoreUnsuitable
from manifests.stores import s3
from manifests.stores.retry import Patience
from manifests.stores.s3 import S3Store
from tests.manifests.stores.conftest import BUCKET
from tests.manifests.stores.faulty_proxy import Fault, FaultPlan, faulty_proxy
from tests.servers.endpoint import S3Endpoint, deaf_port

HASTY = Patience(attempts=5, first_pause=0.01, longest_pause=0.05)


@pytest.fixture
def proxy(s3_endpoint: S3Endpoint) -> Iterator[tuple[str, FaultPlan]]:
    """The address of a proxy, and its plan of faults."""
    with faulty_proxy(s3_endpoint.url) as found:
        yield found


@pytest.fixture
def proxied(proxy: tuple[str, FaultPlan], s3_uri: str) -> tuple[S3Store, FaultPlan]:
    """A store that is reached through a proxy, and the proxy's plan of faults."""
    url, plan = proxy
    prefix = s3_uri.rpartition("/")[2]
    return S3Store(BUCKET, prefix, endpoint=url, patience=HASTY, read_timeout=1.5), plan


@pytest.mark.parametrize("fault", ["storm", "broken", "reset", "lost_reply", "truncated", "slow"])
def test_passing_faults_are_survived_by_every_operation(
    proxied: tuple[S3Store, FaultPlan], fault: Fault
) -> None:
    store, plan = proxied
    times = 2 if fault in ("storm", "broken", "reset", "lost_reply") else 1
    plan.spoil("PUT", fault, times)
    store.put("set/a", b"content" * 1000)
    plan.spoil("GET", fault, times)
    assert store.get("set/a") == b"content" * 1000
    plan.spoil("GET", fault, times)
    assert [info.key for info in store.list("set/")] == ["set/a"]
    plan.spoil("DELETE", fault, times)
    store.delete("set/a")
    assert not store.exists("set/a")
    assert plan.pending == []


@pytest.mark.parametrize("fault", ["lost_reply", "stalled", "reset", "broken", "conflict"])
def test_a_writer_whose_reply_was_lost_learns_that_it_won(
    proxied: tuple[S3Store, FaultPlan], fault: Fault
) -> None:
    store, plan = proxied
    plan.spoil("PUT", fault)
    assert store.put_if_absent("set/claim", b"mine")
    assert store.get("set/claim") == b"mine"
    assert not store.put_if_absent("set/claim", b"yours")


def test_a_writer_whose_reply_was_lost_learns_that_it_did_not_win(
    proxied: tuple[S3Store, FaultPlan],
) -> None:
    store, plan = proxied
    assert store.put_if_absent("set/claim", b"yours")
    plan.spoil("PUT", "lost_reply")
    assert not store.put_if_absent("set/claim", b"mine")
    assert store.get("set/claim") == b"yours"


def test_even_when_every_reply_is_lost_the_winner_finds_out(
    proxied: tuple[S3Store, FaultPlan],
) -> None:
    store, plan = proxied
    plan.spoil("PUT", "lost_reply", HASTY.attempts)
    assert store.put_if_absent("set/claim", b"mine")


def test_sixteen_clients_race_in_a_storm_of_lost_replies(
    proxied: tuple[S3Store, FaultPlan],
) -> None:
    store, plan = proxied
    start = threading.Barrier(16)
    for fault in ("lost_reply", "storm", "conflict", "reset"):
        plan.spoil("PUT", fault, 4)

    def race(client: int) -> bool:
        start.wait()
        return store.put_if_absent("set/race", b"client %d" % client)

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(race, range(16)))
    assert sum(won) == 1
    assert store.get("set/race") == b"client %d" % won.index(True)


def test_multipart_uploads_survive_faults_in_every_part(
    proxied: tuple[S3Store, FaultPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    store, plan = proxied
    path = tmp_path / "big"
    path.write_bytes(bytes(range(256)) * 4096 * 11)
    for fault in ("reset", "storm", "lost_reply"):
        plan.spoil("PUT", fault)
    plan.spoil("POST", "storm")
    store.put_file("set/big", path)
    assert store.get("set/big") == path.read_bytes()


def test_an_upload_that_was_completed_but_not_confirmed_counts(
    proxied: tuple[S3Store, FaultPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    store, plan = proxied
    path = tmp_path / "big"
    path.write_bytes(b"x" * (6 << 20))
    plan.spoil("POST", "slow")  # the first POST begins the upload, the second completes it
    plan.spoil("POST", "lost_reply")
    store.put_file("set/big", path)
    assert store.size("set/big") == 6 << 20


def test_an_upload_whose_beginning_was_not_confirmed_is_left_to_the_garbage_collector(
    proxied: tuple[S3Store, FaultPlan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows its name; somebody else may be writing the same object."""
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    store, plan = proxied
    path = tmp_path / "big"
    path.write_bytes(b"x" * (6 << 20))
    plan.spoil("POST", "lost_reply")
    store.put_file("set/big", path)
    assert store.size("set/big") == 6 << 20
    (leftover,) = store.leftovers("")
    store.discard(leftover)
    assert list(store.leftovers("")) == []


def test_an_upload_that_fails_for_good_leaves_nothing_and_ends_in_a_named_error(
    proxy: tuple[str, FaultPlan], s3_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "PART_BYTES", 5 << 20)
    url, plan = proxy
    # With all the time that a busy server takes: none of its replies is to be lost here.
    store = S3Store(BUCKET, s3_uri.rpartition("/")[2], endpoint=url, patience=HASTY)
    path = tmp_path / "big"
    path.write_bytes(b"x" * (11 << 20))
    plan.spoil("PUT", "reset", 3 * HASTY.attempts)
    with pytest.raises(StoreUnavailable, match="set/big"):
        store.put_file("set/big", path)
    plan.pending.clear()
    assert not store.exists("set/big")
    assert list(store.leftovers("")) == []


def test_a_storm_that_does_not_end_is_a_named_retryable_error(
    proxied: tuple[S3Store, FaultPlan],
) -> None:
    store, plan = proxied
    plan.spoil("PUT", "storm", 100)
    with pytest.raises(StoreUnavailable, match="set/a: the server answered 503 SlowDown") as error:
        store.put("set/a", b"")
    assert error.value.retryable
    assert plan.seen["PUT"] == HASTY.attempts


def test_a_server_that_is_not_there_is_unavailable(s3_endpoint: S3Endpoint) -> None:
    with deaf_port() as port:
        store = S3Store(BUCKET, endpoint=f"http://127.0.0.1:{port}", patience=HASTY)
        with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
            store.get("set/a")


def test_a_clock_that_is_wrong_is_said_so_at_once(proxied: tuple[S3Store, FaultPlan]) -> None:
    store, plan = proxied
    plan.spoil("PUT", "skewed")
    with pytest.raises(StoreUnsuitable, match="clock"):
        store.put("set/a", b"")
    assert plan.seen["PUT"] == 1


def test_missing_buckets_and_objects_are_told_apart(s3_endpoint: S3Endpoint) -> None:
    with pytest.raises(StoreUnsuitable, match="'no-such-bucket' does not exist; create it"):
        S3Store("no-such-bucket", patience=HASTY).probe()
    with pytest.raises(NotFound):
        S3Store(BUCKET, patience=HASTY).get("set/none")


def test_wrong_keys_are_refused_without_being_shown(
    radosgw: S3Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in radosgw.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    with pytest.raises(StoreUnsuitable, match="refused with 403") as refusal:
        S3Store(BUCKET, patience=HASTY).probe()
    assert "wrong-secret" not in str(refusal.value)
    assert radosgw.access_key not in str(refusal.value)


def test_stores_that_ignore_the_condition_are_refused(
    s3_endpoint: S3Endpoint, s3_uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some servers accept If-None-Match and overwrite all the same."""
    store = S3Store(BUCKET, s3_uri.rpartition("/")[2], patience=HASTY)
    write = store._write  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(store, "_write", lambda key, data, **_: write(key, data))
    with pytest.raises(StoreUnsuitable, match="ignores conditional writes"):
        store.probe()
    assert list(store.list("")) == []


def test_pauses_grow_and_never_exceed_the_longest() -> None:
    pauses: list[float] = []
    patience = Patience(attempts=9, first_pause=1.0, longest_pause=20.0, sleep=pauses.append)

    def fail() -> None:
        raise StoreUnavailable("again")

    with pytest.raises(StoreUnavailable):
        patience.run(fail)
    assert len(pauses) == 8
    assert all(0 <= pause <= min(20.0, 2**k) for k, pause in enumerate(pauses))
