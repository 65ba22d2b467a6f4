"""Read a published data set again, from a form or by a schedule."""

from __future__ import annotations

from prefect import flow, get_run_logger

from flows.artifacts import artifact_key
from flows.parameters import ContentDigest, DatasetName, SnapshotNumber, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset
from flows.stages import leave_page
from manifests.reader import open_snapshot
from tasks.publish import verify as checks


@flow(
    name="verify",
    flow_run_name="{dataset}",
    description="Re-read a published data set and what it was made from.",
)
def verify(
    dataset: DatasetName,
    snapshot: SnapshotNumber | None = None,
    content_digest: ContentDigest | None = None,
    store: StoreChoice = DEFAULT_STORE,
    quick: bool = False,
    all_snapshots: bool = False,
) -> int:
    """How many files were read; fails with ``CorruptData`` that names what disagrees.

    Args:
        dataset: Name of a published data set.
        snapshot: Number of its snapshot; the newest if left out.
        content_digest: What the snapshot must contain; unchecked if left out.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        quick: Only the published files, not what they are made from.
        all_snapshots: Also the published files of all others.
    """
    where = chosen_dataset(dataset, store)
    reader = open_snapshot(where, snapshot, content_digest)
    found = (
        checks.verify_all(where, quick=quick)
        if all_snapshots
        else [checks.verify(reader, quick=quick)]
    )
    words = "\n\n".join(str(report) for report in found)
    get_run_logger().info("%s", words)
    about = f"Data set {dataset}: {'sound' if all(r.ok for r in found) else 'damaged'}"
    leave_page(artifact_key("verify", dataset), about, f"```\n{words}\n```")
    for report in found:
        report.raise_if_broken()
    return sum(report.files for report in found)
