"""The stores on which the conformance suite runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.stores import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"file://{tmp_path}/store")
