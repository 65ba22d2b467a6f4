"""Write a published data set in a layout that other programs read, on the worker's host."""

from __future__ import annotations

from typing import Annotated

from prefect import flow, get_run_logger
from pydantic import Field

from flows.parameters import DatasetName, ExportFormat, SnapshotNumber, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset
from flows.stages import leave_page
from manifests.addresses import LocalPath
from manifests.reader import open_snapshot
from tasks.export.export import export_snapshot
from tasks.publish.leases import reading


@flow(
    name="export",
    flow_run_name="{dataset}, {form}",
    description="Write a data set in a layout that other programs read.",
)
def export(
    dataset: DatasetName,
    form: ExportFormat,
    folder: Annotated[LocalPath, Field(examples=["/data/exports/demo-coco"])],
    snapshot: SnapshotNumber | None = None,
    cameras: list[str] | None = None,
    store: StoreChoice = DEFAULT_STORE,
) -> str:
    """Where it was written; the folder appears complete or not at all.

    Args:
        dataset: Name of a published data set.
        form: Which layout.
        folder: A new or empty folder of the worker's host.
        snapshot: Number of its snapshot; the newest if left out.
        cameras: Only what these saw; all if left out.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
    """
    reader = open_snapshot(chosen_dataset(dataset, store), snapshot)
    with reading(reader):
        done = export_snapshot(reader, form, folder, cameras)
    left_out = f" ({done.left_out} left out)" if done.left_out else ""
    words = f"{done.written} {done.unit}{left_out} in {done.folder}"
    get_run_logger().info("%s, snapshot %d: %s", dataset, reader.snapshot.number, words)
    leave_page("export", f"{dataset} as {form}", words)
    return str(done.folder)
