"""Which snapshot of a data set is meant."""

from __future__ import annotations

from manifests.errors import NotFound
from manifests.snapshots import Snapshot, latest_snapshot, read_snapshot
from manifests.stores import open_store


def find_snapshot(dataset: str, number: int | None, store: str) -> Snapshot:
    """Snapshot ``number`` of a data set, or its newest; ``NotFound`` says how to make one."""
    opened = open_store(store)
    snapshot = (
        read_snapshot(opened, dataset, number) if number else latest_snapshot(opened, dataset)
    )
    if snapshot is None:
        raise NotFound(
            f"{store} holds no published data set {dataset!r}; "
            f"`unrealperson build --recipe {dataset}` makes one"
        )
    return snapshot
