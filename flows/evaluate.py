"""Measure a model on the test split of one pinned snapshot, beside two baselines."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice
from flows.places import DEFAULT_STORE, store_uri
from flows.snapshots import find_snapshot
from tasks.evaluate.run import Comparison
from tasks.evaluate.task import compare_with_baselines


@flow(
    name="evaluate",
    flow_run_name="{dataset}",
    description="Compare a trained model with the untrained network and a colour baseline.",
)
def evaluate(
    dataset: DatasetName,
    model: Path,
    snapshot: SnapshotNumber | None = None,
    content_digest: ContentDigest | None = None,
    store: StoreChoice = DEFAULT_STORE,
) -> Comparison:
    """Rank-1, mAP and CMC of all three, with bootstrap intervals over people.

    Args:
        dataset: Name of a published data set.
        model: A trained model's folder.
        snapshot: Number of the data set's snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or, on a farm, a name of its list; `default` is the
            worker's own.
    """
    store = store_uri(store)
    pinned = find_snapshot(dataset, snapshot, store)
    content_digest = content_digest or pinned.content_digest
    with gpu_slot():
        return compare_with_baselines(store, dataset, pinned.number, content_digest, model)
