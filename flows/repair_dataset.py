"""Put a damaged data set right, from a form; renders in the slot that the run has."""

from __future__ import annotations

from typing import Annotated

from prefect import flow, get_run_logger
from pydantic import Field

from flows.artifacts import artifact_key
from flows.parameters import DatasetName, StoreChoice
from flows.places import DEFAULT_STORE, chosen_dataset
from flows.repair import repaired
from flows.stages import leave_page


@flow(
    name="repair",
    flow_run_name="{dataset}",
    description="Make anew exactly what is damaged or gone of a data set.",
)
def repair(
    dataset: DatasetName,
    store: StoreChoice = DEFAULT_STORE,
    workers: Annotated[int, Field(ge=1, le=64)] = 1,
) -> int:
    """How many things were mended; fails with ``CorruptData`` that names what could not be.

    Args:
        dataset: Name of a data set.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        workers: Shards rendered at a time on the host that takes this run.
    """
    report = repaired(chosen_dataset(dataset, store), workers)
    get_run_logger().info("%s", report)
    about = f"Data set {dataset}: {len(report.mended)} mended, {len(report.not_mended)} not"
    leave_page(artifact_key("repair", dataset), about, f"```\n{report}\n```")
    report.raise_if_broken()
    return len(report.mended)
