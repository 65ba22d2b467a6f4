"""Commands that train, and that score what is trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DatasetArgument,
    InitialOption,
    LogsOption,
    ModelOption,
    PartialOption,
    RootOption,
    SnapshotOption,
    StoreOption,
    TargetOption,
    TrainingOption,
    WithdrawnOption,
    path_option,
    pinned,
    place_of,
    tell,
)
from flows.cli.saved_models import ModelCommand, saved_model

app = typer.Typer()


@app.command(cls=ModelCommand)
def train(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    training: TrainingOption = "demo",
    initial: InitialOption = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, path_option("--output", "-o", help="Folder of the model, with --target.")
    ] = None,
    partial: PartialOption = False,
    withdrawn: WithdrawnOption = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="Learn only from crops with such a score, e.g. 'hardness>p50' or "
            "'duplicate<0.98'; repeatable. See `score`."
        ),
    ] = None,
    scored_by: Annotated[
        Path | None,
        path_option("--scored-by", help="Whose scores, if several models have scored the set."),
    ] = None,
    logs: LogsOption = None,
) -> None:
    """Train a model on a published data set, or on the training images of a target of yours."""
    from manifests.errors import BadRecipe
    from training.data.selection import Selection

    if (dataset is None) == (target is None):
        raise BadRecipe("train: name a published data set, or --target and --root; one of both")
    selection = Selection.parse(select or ())
    if target is not None and (selection or scored_by):
        raise BadRecipe("--select: is of a published data set, whose crops `score` has scored")
    if scored_by is not None and not selection:
        raise BadRecipe("--scored-by: says whose scores --select means; give both")
    from flows.console import say

    say(f"Training on {dataset or target} ...")
    from flows.places import output_folder
    from training.config import load_training

    config = load_training(training)
    tell(logs)
    start = None if initial is None else saved_model(initial, "--initial")
    if target is not None:
        # `python -m tasks.train` does it in many processes.
        from tasks.train.target import open_training_target

        data = open_training_target(target, root, partial, config)
        # Imports torch: only once nothing can be refused any more.
        from tasks.train.fit import fit

        folder = output or output_folder() / "models" / Path(target).stem
        model = fit(data, config, folder, on_progress=lambda now: typer.echo(now), initial=start)
    else:
        assert dataset is not None
        reader = pinned(dataset, snapshot, store, withdrawn)
        scorer = None if scored_by is None else saved_model(scored_by, "--scored-by")
        from flows.local_runs import local_run

        with local_run(None):
            from flows import train as flow

            model = flow.train(
                dataset,
                *place_of(reader),
                training,
                start,
                withdrawn,
                selection.texts(),
                scorer,
            )
    typer.echo(f"Model: {model.path.parent}")


@app.command(cls=ModelCommand)
def score(
    dataset: DatasetArgument,
    model: ModelOption = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
) -> None:
    """Score the training crops of a data set by a model: hardness, near-duplicates, rarity."""
    from flows.console import say

    say(f"Scoring {dataset} ...")
    file = saved_model(model, "--model", dataset)
    reader = pinned(dataset, snapshot, store)
    from flows.local_runs import local_run

    with local_run(None):
        from flows import score as flow

        scores = flow.score_crops(dataset, file, *place_of(reader))
    from tasks.scores.table import told

    for line in told(scores):
        typer.echo(line)
    typer.echo(f"Table: {scores.place}")
