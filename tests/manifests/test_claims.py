"""Claims: of any number of attempts at a shard exactly one counts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.claims import Claim, claim, read_claims
from manifests.dataset import Dataset
from manifests.errors import CorruptData
from manifests.layout import DatasetLayout
from manifests.stores import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def demo(store: Store) -> Dataset:
    return Dataset("demo", store)


def attempt(id: str, name: str) -> Claim:
    return Claim(
        id=id,
        render_id="r1",
        attempt=name,
        key=DatasetLayout("demo").crops_key(id, name),
        sha256="0" * 64,
        rows=3,
        bytes=10,
        people={4: 2, 7: 1},
        cpu_seconds={"render": 1.5},
        created="2030-01-01T00:00:00Z",
    )


def test_the_first_attempt_wins_and_later_ones_learn_of_it(demo: Dataset) -> None:
    first = claim(demo, "crops", attempt("c1", "one"))
    assert first.attempt == "one"
    assert claim(demo, "crops", attempt("c1", "two")) == first


def test_claims_of_version_0_1_which_have_no_seal_count(demo: Dataset) -> None:
    demo.store.put(demo.claim_key("crops", "c1"), attempt("c1", "one").model_dump_json().encode())
    assert claim(demo, "crops", attempt("c1", "two")).attempt == "one"


def test_racing_attempts_agree_on_one_winner(demo: Dataset) -> None:
    start = threading.Barrier(16)

    def finish(n: int) -> str:
        start.wait()
        return claim(demo, "crops", attempt("c1", f"a{n}")).attempt

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(finish, range(16)))) == 1


def test_only_finished_work_is_read(demo: Dataset) -> None:
    claim(demo, "crops", attempt("c2", "x"))
    claim(demo, "frames", attempt("c3", "x"))
    found = read_claims(demo, "crops", ["c1", "c2", "c3"])
    assert list(found) == ["c2"]
    assert found["c2"].people == {4: 2, 7: 1}


@pytest.mark.parametrize(
    "forged",
    [
        b"{",
        b"{}",
        attempt("c9", "x").model_dump_json().encode(),
        attempt("c1", "x").seal()[1].replace(b'"rows":3', b'"rows":2'),
        attempt("c1", "x").model_copy(update={"key": "../../x"}).model_dump_json().encode(),
        attempt("c1", "x").model_copy(update={"key": "other/x"}).model_dump_json().encode(),
    ],
)
def test_damaged_or_forged_claims_are_refused(demo: Dataset, forged: bytes) -> None:
    demo.store.put(demo.claim_key("crops", "c1"), forged)
    with pytest.raises(CorruptData):
        read_claims(demo, "crops", ["c1"])


def test_an_attempt_cannot_claim_files_of_another_data_set(demo: Dataset) -> None:
    with pytest.raises(CorruptData, match="outside"):
        claim(demo, "crops", attempt("c1", "x").model_copy(update={"key": "other/x"}))
    with pytest.raises(CorruptData, match="identity"):
        demo.claim_key("crops", "../x")
