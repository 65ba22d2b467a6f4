"""Say what makes the crops of two sets look different; figures as an artifact."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from pydantic import Field

from flows.parameters import BackboneName, LookedAt, StoreChoice
from flows.places import DEFAULT_STORE, chosen_store, comparison_folder
from flows.stages import leave_page, stage_task
from tasks.compare import CROPS
from tasks.compare.page import page
from tasks.compare.run import compare_looks, sheet_as_data
from tasks.compare.sources import Side, open_side
from tasks.publish.leases import reading


@flow(
    name="compare",
    flow_run_name="{first}-with-{second}",
    description="What makes the crops of two sets look different: measures and distances.",
)
def compare(
    first: LookedAt,
    second: LookedAt,
    root: Path | None = None,
    store: StoreChoice = DEFAULT_STORE,
    crops: Annotated[int, Field(ge=1)] = CROPS,
    seed: Annotated[int, Field(ge=0)] = 0,
    network: BackboneName | None = None,
    partial: bool = False,
    include_photographs: bool = False,
) -> dict[str, Any]:
    """The figures of `looks.json`.

    Args:
        first: A published data set, a data set or list below `root`, or a folder of pictures.
        second: The same; differences are this one minus the first.
        root: Folder of data sets and lists that are not ours.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        crops: How many of either side are looked at, at most.
        seed: Of the samples.
        network: Backbone of the distances; the first whose ImageNet weights are there if left out.
        partial: Accept unofficial counts.
        include_photographs: Show crops in the artifact even if they are of people who are not ours.
    """
    sides = [open_side(name, chosen_store(store), root, partial) for name in (first, second)]
    folder = comparison_folder(sides[0].name, sides[1].name)
    with reading(*(side.published for side in sides if side.published)):
        return look_at_both(sides[0], sides[1], folder, crops, seed, network, include_photographs)


@stage_task(name="compare", description="Measure a sample of both sides.")
def look_at_both(
    first: Side,
    second: Side,
    folder: Path,
    crops: int,
    seed: int,
    network: str | None,
    include_photographs: bool,
) -> dict[str, Any]:
    """See ``run.compare_looks``; leaves the page as an artifact, crops only where they may be
    shown."""
    compared = compare_looks(first, second, folder, crops, seed, network, include_photographs)
    shown = sheet_as_data(folder) if compared.may_show(include_photographs) else None
    about = f"{compared.names[0]} and {compared.names[1]}"
    leave_page("looks", about, page(compared, sheet=shown))
    return compared.figures()
