"""Remove what no claim and no snapshot of a data set names."""

from __future__ import annotations

from typing import Annotated

from prefect import flow, get_run_logger
from pydantic import Field

from flows.alerts import tell_room
from flows.artifacts import artifact_key
from flows.parameters import DatasetName, StoreChoice
from flows.places import DEFAULT_STORE, chosen_store
from flows.stages import leave_page
from manifests.dataset import Dataset
from tasks.publish.garbage import collect_garbage

_HOUR = 3600.0
_LISTED = 200


@flow(
    name="gc",
    flow_run_name="{datasets}",
    description="Remove what lost attempts and dead publishers left in a store.",
)
def gc(
    datasets: Annotated[list[DatasetName], Field(min_length=1)] = ["demo"],  # noqa: B006
    store: StoreChoice = DEFAULT_STORE,
    lease_hours: Annotated[float, Field(ge=1.0, le=24.0 * 365)] = 24.0,
    delete: bool = False,
) -> dict[str, int]:
    """Bytes that nothing names, by data set; whatever is younger than the lease is spared.

    Args:
        datasets: Names of data sets.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        lease_hours: An unnamed file younger than this may belong to work that still goes on.
        delete: Remove it; otherwise it is only listed.
    """
    opened = chosen_store(store)
    logger, found = get_run_logger(), {}
    for dataset in datasets:
        garbage = collect_garbage(
            Dataset(dataset, opened), lease_seconds=lease_hours * _HOUR, delete=delete
        )
        lines = str(garbage).splitlines()
        logger.info("%s", lines[-1])
        listing = "\n".join(lines[:_LISTED] + lines[_LISTED:][-1:])
        leave_page(artifact_key("gc", dataset), lines[-1], f"```\n{listing}\n```")
        found[dataset] = garbage.bytes
    tell_room(opened)
    return found
