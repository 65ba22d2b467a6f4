"""The command that grows a data set where its model is weak."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    PartialOption,
    RecipeArgument,
    RecipeOption,
    RootOption,
    SetOption,
    StoreOption,
    TrainingOption,
    WhereOption,
    WorkersOption,
    asked_recipe,
)

app = typer.Typer()


@app.command()
def improve(
    which: RecipeArgument = None,
    recipe: RecipeOption = None,
    set_: SetOption = None,
    store: StoreOption = None,
    training: TrainingOption = "demo",
    rounds: Annotated[int, typer.Option(help="How often the set may grow.")] = 3,
    people: Annotated[
        int | None, typer.Option(help="How many people each round adds (default: one group).")
    ] = None,
    crops: Annotated[int | None, typer.Option(help="Most crops of the grown set.")] = None,
    cpu_hours: Annotated[float | None, typer.Option(help="Most CPU-hours of all rounds.")] = None,
    floor: Annotated[float, typer.Option(help="Least weight of anything.")] = 0.5,
    uniform: Annotated[
        bool, typer.Option("--uniform", help="Grow without weights, to compare with.")
    ] = False,
    approve: Annotated[
        bool,
        typer.Option("--approve", help="Wait before each growth for a person in the Prefect UI."),
    ] = False,
    target: Annotated[
        str | None,
        typer.Option(help="Measure on the labelled training people of market1501, … or a list."),
    ] = None,
    root: RootOption = None,
    partial: PartialOption = False,
    where: WhereOption = "local",
    workers: WorkersOption = None,
) -> None:
    """Grow a data set in rounds: train, find what is confused and why, draw more of that."""
    from flows.console import say

    asked_for = asked_recipe(which, recipe)
    say(f"Improving {asked_for} ...")
    from flows.commands import BuildRequest
    from tasks.improve.request import Improvement, TargetPart
    from training.config import load_training

    request = BuildRequest.parse(asked_for, None, set_, store, where)
    part = None if target is None else TargetPart(target, root, partial)
    settings = load_training(training)
    people = request.recipe.shards.people_per_shard if people is None else people
    limits = (rounds, people, crops, cpu_hours, floor, uniform)
    Improvement(request.recipe, settings, *limits, part).checked()
    request.refuse_early(training=True)
    from flows.executors import DEFAULT_POLICY, ExecutorKind
    from flows.local_runs import local_run

    with local_run(workers):
        from flows.improve import improve as flow

        done = flow(
            request.name,
            request.overrides,
            request.store.address,
            training,
            *limits,
            approve,
            target,
            root,
            partial,
            ExecutorKind(where),
            DEFAULT_POLICY,
        )
    from tasks.improve.decide import table

    typer.echo(table(done.rounds))
    typer.echo(f"No more rounds: {done.stopped}")
    typer.echo(f"Model: {Path(done.rounds[-1].model).parent}")
    typer.echo(f"Rounds: {done.folder}; round-*.html say where each failed, with pictures")
