"""A published toy data set: 20 people, two of them look-alikes, six crops each."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.dataset import Dataset
from manifests.snapshots import Snapshot
from manifests.stores import Store, open_store
from tasks.publish.publish import publish_dataset
from tests.manifests.claimed_shards import claim_shards, recipe

GROUPS = dict.fromkeys(range(5), "g1")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "store")


@pytest.fixture
def toy(store: Store) -> Dataset:
    return Dataset("toy", store)


@pytest.fixture
def published(toy: Dataset, tmp_path: Path) -> Snapshot:
    claims = claim_shards(toy, tmp_path, groups=GROUPS)
    return publish_dataset(recipe(), toy, [], claims)
