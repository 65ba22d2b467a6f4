"""A copy of each snapshot beside the files that it names, from which a damaged one is had again."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from manifests.dataset import Dataset
from manifests.errors import CorruptData, NotFound
from manifests.snapshots import Snapshot


def copy_key(dataset: Dataset, snapshot: Snapshot) -> str:
    """Where the copy of ``snapshot`` lies; of several with the same files that of the newest."""
    return dataset.published_key(snapshot.publish_id, "snapshot.json")


def keep_copy(dataset: Dataset, snapshot: Snapshot) -> None:
    """Keep a copy of a committed snapshot unless a good one of it, or a newer one, is kept."""
    if not snapshot.self_digest:  # of version 0.1: nobody could tell whether a copy is whole
        return
    key = copy_key(dataset, snapshot)
    document = dataset.store.get(dataset.snapshot_key(snapshot.number))
    try:
        kept = dataset.store.get(key)
    except NotFound:
        kept = b""
    there = copied_snapshot(dataset, kept)
    if there is None or (kept != document and there.number <= snapshot.number):
        dataset.store.put(key, document)


def copied_snapshot(dataset: Dataset, data: bytes | None) -> Snapshot | None:
    """The snapshot of ``dataset`` that a copy holds; ``None`` if it is damaged."""
    try:
        found = Snapshot.unseal(data or b"")
    except (CorruptData, ValidationError):
        return None
    return found if found.self_digest and found.dataset == dataset.name else None


def copied_snapshots(dataset: Dataset) -> Iterator[tuple[Snapshot, bytes]]:
    """Every good copy that is kept, with its bytes."""
    for info in dataset.store.list(f"{dataset.name}/published/"):
        if info.key.endswith("/snapshot.json") and dataset.names_data(info.key):
            data = dataset.store.get(info.key)
            found = copied_snapshot(dataset, data)
            if found is not None and info.key == copy_key(dataset, found):
                yield found, data
