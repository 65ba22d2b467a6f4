"""What does a training set teach? Sources compared on several targets at once."""

from __future__ import annotations

import base64
from typing import Annotated

from prefect import flow, get_run_logger
from pydantic import Field

from flows.build_dataset import build_dataset
from flows.models import make_models
from flows.parameters import Overrides, RecipeName, StoreChoice, TrainingName
from flows.places import DEFAULT_STORE, chosen_store, transfer_folder
from flows.stages import leave_page, stage_task
from tasks.bench.making import Places, work_left
from tasks.publish.leases import reading
from tasks.transfer.budget import Budget
from tasks.transfer.questions import MOST_SEEDS, Transfer
from tasks.transfer.recipes import recipes_of
from tasks.transfer.run import Answer, write_answer
from tasks.transfer.sources import SourceChoice, parse_sources
from tasks.transfer.targets import TargetChoice, TargetName
from tasks.transfer.variant_files import parse_study
from tasks.transfer.variants import Built, Study
from training.config import load_training

Sources = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=500)]],
    Field(
        max_length=100,
        examples=[["demo", "market1501:/data/market"], ["ours=demo@3", "/data/people.csv"]],
    ),
]
Targets = Annotated[
    dict[TargetName, TargetChoice],
    Field(
        examples=[
            {
                "viper": {"list": "/data/viper.csv"},
                "market": {"name": "market1501", "root": "/data/market"},
            }
        ],
    ),
]

Vary = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=500)]],
    Field(
        max_length=5,
        examples=[["people.look_alikes=0,0.2,0.5"], ["/data/variants.yaml"]],
    ),
]


@flow(
    name="transfer",
    flow_run_name="{training}, {seeds} seeds",
    description="Compare what training sets teach: equal training, several seeds and targets.",
)
def transfer(
    sources: Sources,
    targets: Annotated[Targets, Field(min_length=1)],
    training: TrainingName = "transfer-small",
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = 3,
    store: StoreChoice = DEFAULT_STORE,
    partial: bool = False,
    recipe: RecipeName | None = None,
    vary: Vary = [],  # noqa: B006  (Prefect shows defaults in its forms)
    overrides: Overrides = {},  # noqa: B006
) -> Answer:
    """Resumable: models and measured cells that exist are not made again.

    Args:
        sources: Published sets (demo, demo@3), training parts (market1501:FOLDER, a CSV or Parquet
            list) or saved models; NAME=SOURCE gives one a name.
        targets: What to measure on, by name: a list, a real data set with its folder, or a
            published one.
        training: A shipped training preset or a YAML file, with a budget in iterations.
        seeds: How many models of each source.
        store: Folder, s3://bucket/prefix or a farm's name for one; `default`: the worker's own.
        partial: Accept real data sets of unofficial counts as sources.
        recipe: Build variants of a recipe as further sources; needs `vary`.
        vary: Its fields with the values that are compared, e.g. people.look_alikes=0,0.5, or a
            YAML file of variants or of a design of experiments.
        overrides: Fields of the recipe that all variants have.
    """
    study = parse_study(recipe, vary)
    given = parse_sources(sources, study.names if study else ())
    opened, config = chosen_store(store), load_training(training)
    Transfer(given, targets, config, seeds, opened, partial).pinned()
    built = None
    if study is not None:
        budget = Budget.of(recipes_of(study, overrides), opened, seeds, config.iterations or 0)
        get_run_logger().info("%s", budget.told())
        built, made = _build(study, overrides, budget, store)
        given = (*given, *made)
    asked = Transfer(given, targets, config, seeds, opened, partial).pinned()
    places = Places(transfer_folder())
    with reading(*asked.published()):
        make_models("transfer", work_left(asked, places), places)
        return publish_answer(asked, places, built)


def _build(
    study: Study, overrides: Overrides, budget: Budget, store: str
) -> tuple[Built, list[SourceChoice]]:
    """Build and publish every variant, one after the other, and name them as sources."""
    there: list[tuple[int, int]] = []
    made: list[SourceChoice] = []
    for name, changes, planned in zip(
        study.names, study.changes(overrides), budget.planned, strict=True
    ):
        there.append((len(planned.there()), len(planned.crops)))
        found = build_dataset(study.recipe, [], changes, store)
        made.append(SourceChoice(name, found.dataset, found.number, found.content_digest))
    return Built(study, tuple(there)), made


@stage_task(name="transfer-table", description="Write the table, its JSON and the chart.")
def publish_answer(asked: Transfer, places: Places, built: Built | None) -> Answer:
    """See ``run.write_answer``; the page shows the chart, too."""
    answer = write_answer(asked, places, built)
    picture = base64.b64encode(answer.chart.read_bytes()).decode()
    page = answer.text.replace(f"]({answer.chart.name})", f"](data:image/png;base64,{picture})", 1)
    leave_page("transfer", f"Transfer: {', '.join(s.name for s in asked.sources)}", page)
    return answer
