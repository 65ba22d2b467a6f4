"""The paper's tables: build what is missing, train, evaluate, write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from flows.build_dataset import build_dataset
from flows.models import make_models
from flows.parameters import StoreChoice, TableNames, TargetFolders
from flows.places import DEFAULT_STORE, chosen_store, reproduction_folder
from flows.stages import leave_page, stage_task
from flows.transfer import Targets
from tasks.bench.making import Places, work_left
from tasks.publish.leases import reading
from tasks.reproduce.budgets import BUDGETS, BudgetName
from tasks.reproduce.experiments import table_names
from tasks.reproduce.pictures import drawn_pictures
from tasks.reproduce.questions import Asked, needed_worlds
from tasks.reproduce.request import LONGEST
from tasks.reproduce.tables import write_tables
from tasks.reproduce.worlds import BASE_RECIPE, world_recipe


@flow(
    name="reproduce",
    flow_run_name="{budget}",
    description="Make the paper's tables again, on stand-ins and on the real targets you have.",
)
def reproduce(
    tables: TableNames = ["table2"],  # noqa: B006  (Prefect shows defaults in its forms)
    budget: BudgetName = BudgetName.smoke,
    store: StoreChoice = DEFAULT_STORE,
    target_folders: TargetFolders = {},  # noqa: B006
    partial: bool = False,
    pictures: Path | None = None,
    worlds_only: bool = False,
    longer: Annotated[int, Field(ge=1, le=LONGEST)] = 1,
    claims_only: bool = False,
    photographs: Targets = {},  # noqa: B006
) -> list[str]:
    """Resumable: data sets, models and measured cells that exist are not made again.

    Args:
        tables: Which, or all.
        budget: smoke proves that everything runs, small claims something, paper is the paper's.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        target_folders: Folders of real data sets by name, e.g. {"market": "/data/market"}.
        partial: Accept real data sets of unofficial counts.
        pictures: Pictures that random clothes are cut from; drawn ones if left out.
        worlds_only: Build data, but make no models; write tables of what is measured already.
        longer: Every model learns so many times as long as the budget says.
        claims_only: Measure only the rows that a claim compares; the others stay empty.
        photographs: Further targets by name, e.g. {"viper": {"list": "/data/viper.csv"}}: columns
            of tables whose rows have learnt nothing of what they are tested on.
    """
    names, opened = table_names(tables), chosen_store(store)
    asked = Asked(
        names, budget, opened, target_folders, partial, None, longer, claims_only, photographs
    )
    asked.expect_targets()
    places, snapshots = Places(reproduction_folder()), {}
    pictures = pictures or drawn_pictures(places.folder / "pictures")
    for world in needed_worlds(names):
        changes = world_recipe(world, BUDGETS[budget], pictures)
        made = build_dataset(BASE_RECIPE, [], changes, store)
        snapshots[world] = (made.number, made.content_digest)
    asked = replace(asked, snapshots=snapshots)
    with reading(*asked.published()):
        if not worlds_only:
            make_models("reproduce", work_left(asked, places), places)
        return publish_tables(asked, places)


@stage_task(
    name="reproduce-tables",
    description="Write every table with the paper's numbers beside ours.",
)
def publish_tables(asked: Asked, places: Places) -> list[str]:
    """See ``tables.write_tables``; each table is an artifact of the run, too."""
    written = write_tables(asked, places)
    for path, text in written.items():
        leave_page(path.stem, f"Reproduction: {path.stem}", text)
    return list(written.values())
