"""Shards are made anew on every kind of store."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.reader import open_snapshot
from manifests.stores import Store
from tasks.plan.planner import plan_build
from tasks.publish.publish import publish_dataset
from tasks.publish.verify import verify
from tasks.render.jobs import BuildPlace, run_shard
from tasks.repair.repair import repair_dataset
from tests.manifests.stores import conftest as stores
from tests.tasks.repair.conftest import InThisProcess, wanted, without_pixels

store, toy, radosgw, moto_server = stores.store, stores.toy, stores.radosgw, stores.moto_server


def test_a_shard_is_made_anew_into_every_store(
    store: Store, toy: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job opens the store by its address, as another process does."""
    without_pixels(monkeypatch)
    plan, place, runner = plan_build(wanted()), BuildPlace(toy, tmp_path), InThisProcess()
    claims = [run_shard(s, wanted(), place, runner, lambda _: None) for s in plan.shards]
    first = publish_dataset(wanted(), toy, [plan], {claim.id: claim for claim in claims})
    crops = claims[0].key
    whole = store.get(crops)
    store.put(crops, whole[:-5])
    store.delete(first.parts[0].key)
    runner.shards.clear()
    done = repair_dataset(place, runner)
    done.raise_if_broken()
    assert runner.shards == [plan.shards[0].scene] and store.get(crops) == whole
    assert done.snapshots == [first] and verify(open_snapshot(toy)).ok
