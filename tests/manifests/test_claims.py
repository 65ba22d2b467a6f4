"""Claims: of any number of attempts at a shard exactly one counts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.claims import Claim, claim, read_claims
from manifests.errors import CorruptData
from manifests.layout import DatasetLayout
from manifests.stores import Store, open_store

LAYOUT = DatasetLayout("demo")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


def attempt(id: str, name: str) -> Claim:
    return Claim(
        id=id,
        render_id="r1",
        attempt=name,
        key=LAYOUT.crops_key(id, name),
        sha256="0" * 64,
        rows=3,
        bytes=10,
        people={4: 2, 7: 1},
        cpu_seconds={"render": 1.5},
        created="2030-01-01T00:00:00Z",
    )


def test_the_first_attempt_wins_and_later_ones_learn_of_it(store: Store) -> None:
    first = attempt("c1", "one")
    assert claim(store, LAYOUT, "crops", first) == first
    assert claim(store, LAYOUT, "crops", attempt("c1", "two")) == first


def test_racing_attempts_agree_on_one_winner(store: Store) -> None:
    start = threading.Barrier(16)

    def finish(n: int) -> str:
        start.wait()
        return claim(store, LAYOUT, "crops", attempt("c1", f"a{n}")).attempt

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(finish, range(16)))) == 1


def test_only_finished_work_is_read(store: Store) -> None:
    claim(store, LAYOUT, "crops", attempt("c2", "x"))
    claim(store, LAYOUT, "frames", attempt("c3", "x"))
    found = read_claims(store, LAYOUT, "crops", ["c1", "c2", "c3"])
    assert list(found) == ["c2"]
    assert found["c2"].people == {4: 2, 7: 1}


@pytest.mark.parametrize(
    "forged",
    [
        b"{",
        b"{}",
        attempt("c9", "x").model_dump_json().encode(),
        attempt("c1", "x").model_copy(update={"key": "../../x"}).model_dump_json().encode(),
        attempt("c1", "x").model_copy(update={"key": "other/x"}).model_dump_json().encode(),
    ],
)
def test_damaged_or_forged_claims_are_refused(store: Store, forged: bytes) -> None:
    store.put(LAYOUT.claim_key("crops", "c1"), forged)
    with pytest.raises(CorruptData):
        read_claims(store, LAYOUT, "crops", ["c1"])


def test_an_attempt_cannot_claim_files_of_another_data_set(store: Store) -> None:
    with pytest.raises(CorruptData, match="outside"):
        claim(store, LAYOUT, "crops", attempt("c1", "x").model_copy(update={"key": "other/x"}))
    with pytest.raises(CorruptData, match="identity"):
        LAYOUT.claim_key("crops", "../x")
