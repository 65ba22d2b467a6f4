"""A published toy data set: 20 people, two of them look-alikes, six crops each."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    """The folder of a store with the published set, which nobody changes, and its snapshot."""
    folder = tmp_path_factory.mktemp("published")
    toy = Dataset("toy", open_store(folder / "store"))
    claims = claim_shards(toy, folder, groups=GROUPS)
    return folder / "store", publish_dataset(recipe(), toy, [], claims)


@pytest.fixture
def published(toy: Dataset, tmp_path: Path, made_once: tuple[Path, Snapshot]) -> Snapshot:
    """The published set in ``toy``, a copy of its own for every test."""
    made, snapshot = made_once
    shutil.copytree(made, tmp_path / "store", dirs_exist_ok=True)
    return snapshot
