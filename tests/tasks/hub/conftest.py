"""A small published set, and a model that was trained and measured on it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from manifests.reader import SnapshotReader
from manifests.stores import open_store
from tasks.evaluate.run import compare_methods
from tasks.train.fit import train_snapshot
from tests.tasks.report.publishing import publish_small
from training.config import load_training


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SnapshotReader:
    return publish_small(open_store(tmp_path_factory.mktemp("hub") / "store"), people=8)


@pytest.fixture(scope="session")
def model(small: SnapshotReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model; nobody changes it."""
    config = load_training("tiny", {"precision": "fp32"})
    folder = tmp_path_factory.mktemp("trained") / "run"
    train_snapshot(small, config, folder)
    compare_methods(small, folder)
    return folder
