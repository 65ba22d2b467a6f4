"""The whole road from claims to verified snapshot on every kind of store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.errors import StoreUnavailable
from manifests.reader import open_snapshot
from manifests.snapshots import Snapshot, latest_snapshot, snapshot_numbers
from manifests.stores import Store, open_store
from manifests.stores.retry import Patience
from manifests.stores.s3 import S3Store
from tasks.publish.garbage import collect_garbage
from tasks.publish.pruning import prune
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tasks.render.jobs import BuildPlace
from tasks.repair.repair import repair_dataset
from tests.manifests.claimed_shards import Nobody, claim_shards, recipe
from tests.manifests.stores.conftest import BUCKET
from tests.manifests.stores.faulty_proxy import FaultPlan, faulty_proxy
from tests.servers.endpoint import S3Endpoint


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The content digest of the toy data set in a plain folder."""
    folder = tmp_path_factory.mktemp("folder")
    toy = Dataset("toy", open_store(folder))
    return publish_dataset(recipe(), toy, [], claim_shards(toy, folder)).content_digest


def test_every_store_holds_the_same_data_set(
    store: Store, toy: Dataset, tmp_path: Path, content: str
) -> None:
    claims = claim_shards(toy, tmp_path)
    snapshot = publish_dataset(recipe(), toy, [], claims)
    assert snapshot.content_digest == content
    assert verify(open_snapshot(toy)).ok
    rows, images = open_snapshot(toy).crops(split="test", role="query")
    assert rows.num_rows == len(images) > 0
    assert publish_dataset(recipe(), toy, [], claims) == snapshot
    store.delete(snapshot.parts[0].key)
    assert [p.where for p in verify(open_snapshot(toy)).problems] == [snapshot.parts[0].key]


def test_every_store_is_repaired_and_pruned(store: Store, toy: Dataset, tmp_path: Path) -> None:
    claims = claim_shards(toy, tmp_path)
    first = publish_dataset(recipe(), toy, [], claims)
    part, claim = first.parts[0].key, toy.claim_key("crops", next(iter(claims)))
    store.delete(first.manifest.key)
    store.put(part, store.get(part)[:-5])
    store.put(claim, b"{}")
    done = repair_dataset(BuildPlace(toy, tmp_path), Nobody())
    done.raise_if_broken()
    assert done.mended.keys() == {first.manifest.key, part, claim} and done.snapshots == [first]
    assert verify(open_snapshot(toy)).ok
    fewer = publish_dataset(recipe(people=10), toy, [], claims)
    pruned = prune(toy, 1, delete=True)
    assert pruned.snapshots == [1] and snapshot_numbers(toy) == [fewer.number]
    assert {file.key for file in first.named_files()} <= pruned.sizes.keys()
    assert verify(open_snapshot(toy)).ok


def test_two_publishers_on_one_store_commit_once_and_leave_an_orphan(
    store: Store, toy: Dataset, tmp_path: Path
) -> None:
    claims = claim_shards(toy, tmp_path)
    start = threading.Barrier(2)

    def publish_it(_: int) -> Snapshot:
        start.wait()
        return publish_dataset(recipe(), toy, [], claims)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(publish_it, range(2))
    assert one == other
    assert snapshot_numbers(toy) == [1]
    collect_garbage(toy, lease_seconds=-60, delete=True)
    assert verify(open_snapshot(toy)).ok
    left = {info.key.split("/")[2] for info in store.list("toy/published/")}
    assert left == {one.publish_id}


@pytest.fixture
def direct(s3_uri: str) -> Dataset:
    """The toy data set in a store that answers as it should."""
    return Dataset("toy", S3Store(BUCKET, s3_uri.rpartition("/")[2]))


def through(proxy: str, uri: str, attempts: int) -> Dataset:
    """The same data set through ``proxy``, with little patience."""
    hasty = Patience(attempts=attempts, first_pause=0.01, longest_pause=0.05)
    prefix = uri.rpartition("/")[2]
    store = S3Store(BUCKET, prefix, endpoint=proxy, patience=hasty, read_timeout=5)
    return Dataset("toy", store)


def test_publishing_gets_through_a_storm(
    direct: Dataset, s3_uri: str, s3_endpoint: S3Endpoint, tmp_path: Path, content: str
) -> None:
    claims = claim_shards(direct, tmp_path)
    with faulty_proxy(s3_endpoint.url) as (proxy, plan):
        stormy = through(proxy, s3_uri, 20)
        _spoil_everything(plan, 4)
        snapshot = publish_dataset(recipe(), stormy, [], claims)
        assert plan.pending == []
    assert snapshot.content_digest == content
    assert verify(open_snapshot(direct)).ok


def test_publishing_that_fails_half_way_publishes_nothing_and_can_be_repeated(
    direct: Dataset,
    s3_uri: str,
    s3_endpoint: S3Endpoint,
    tmp_path: Path,
    content: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claims = claim_shards(direct, tmp_path)
    with faulty_proxy(s3_endpoint.url) as (proxy, plan):
        stormy = through(proxy, s3_uri, 2)
        put_file = stormy.store.put_file

        def put_file_then_lose_the_server(key: str, path: Path) -> None:
            put_file(key, path)
            plan.spoil("PUT", "storm", 100)

        monkeypatch.setattr(stormy.store, "put_file", put_file_then_lose_the_server)
        with pytest.raises(StoreUnavailable, match="503"):
            publish_dataset(recipe(), stormy, [], claims)
    assert latest_snapshot(direct) is None
    assert publish_dataset(recipe(), direct, [], claims).content_digest == content


def _spoil_everything(plan: FaultPlan, times: int) -> None:
    for method in ("GET", "PUT"):
        for fault in ("storm", "reset", "lost_reply"):
            plan.spoil(method, fault, times)
    plan.spoil("GET", "truncated", times)
