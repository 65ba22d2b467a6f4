"""Commands that train and measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    PartialOption,
    RootOption,
    SnapshotOption,
    StoreOption,
    TargetOption,
    TrainingOption,
    WorkersOption,
)

app = typer.Typer()


@app.command()
def train(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    training: TrainingOption = "demo",
    initial: Annotated[
        Path | None, typer.Option(help="A model to fine-tune: its folder or model.pt.")
    ] = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the model, with --target.")
    ] = None,
    partial: PartialOption = False,
) -> None:
    """Train a model on a published data set, or on the training images of a target of yours."""
    from flows.model_commands import run_train, run_train_target

    if target is None:
        run_train(dataset, snapshot, store, training, initial)
    else:
        run_train_target(target, root, output, training, initial, partial)


@app.command()
def evaluate(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    model: Annotated[
        Path, typer.Option("--model", "-m", help="A trained model: its folder or model.pt.")
    ] = Path(),
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the target's results.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="standard or cloth-changing.")] = "standard",
    rerank: Annotated[bool, typer.Option(help="k-reciprocal re-ranking.")] = False,
    memory_mb: Annotated[
        float | None, typer.Option(min=0.001, help="Bound of the ranking's buffer.")
    ] = None,
    partial: PartialOption = False,
    embeddings: Annotated[bool, typer.Option(help="Also write all features.")] = False,
    statistics: Annotated[
        str, typer.Option(help="Test statistics: camera, or paper (as its code takes them).")
    ] = "camera",
) -> None:
    """Measure a model on its data set beside two baselines, or on a target of yours."""
    from flows.model_commands import MeasuringRequest, run_evaluate, run_evaluate_target

    asked = MeasuringRequest(protocol, rerank, memory_mb, embeddings, statistics)
    if target is None:
        run_evaluate(dataset, snapshot, store, model, asked)
    else:
        run_evaluate_target(model, target, root, output, asked, partial)


@app.command()
def adapt(
    source: Annotated[str, typer.Argument(help="A published data set, with labels.")],
    target: Annotated[
        str, typer.Option("--to", help="A published data set, or with --root market1501, ….")
    ],
    root: Annotated[Path | None, typer.Option(help="The target's unpacked folder.")] = None,
    store: StoreOption = None,
    adaptation: Annotated[
        str, typer.Option("--adaptation", "-a", help="A shipped adaptation preset or a YAML file.")
    ] = "jvtc",
    initial: Annotated[
        Path | None, typer.Option(help="A model trained on the source, to start from.")
    ] = None,
    camstyle: Annotated[
        Path | None, typer.Option(help="Folder of the target's images in other cameras' styles.")
    ] = None,
    partial: Annotated[bool, typer.Option(help="Accept unofficial counts.")] = False,
) -> None:
    """Adapt a model to a data set without using its labels (JVTC, JVTC+)."""
    from flows.model_commands import run_adapt

    run_adapt(source, target, root, store, adaptation, initial, camstyle, partial)


@app.command()
def reproduce(
    tables: Annotated[list[str], typer.Argument(help="table2 to table5, fig4, fig5, or all.")],
    budget: Annotated[str, typer.Option(help="smoke, small or paper.")] = "smoke",
    target_folder: Annotated[
        list[str] | None,
        typer.Option(help="A real data set, e.g. market=~/data/market; repeatable."),
    ] = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    partial: PartialOption = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Pictures that random clothes are cut from.")
    ] = None,
    worlds_only: Annotated[
        bool, typer.Option("--worlds-only", help="Build data; make no models.")
    ] = False,
    longer: Annotated[int, typer.Option(help="Learn so many times as long.")] = 1,
    claims_only: Annotated[
        bool, typer.Option("--claims-only", help="Measure only rows that claims compare.")
    ] = False,
) -> None:
    """Make the paper's tables again: on worlds held out from training, and on targets you have."""
    from flows.commands import local_run
    from flows.doctor import require_ready
    from flows.places import chosen_store, reproduction_folder
    from manifests.errors import BadRecipe
    from tasks.reproduce.__main__ import parse_target_folders
    from tasks.reproduce.bench import Asked
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names

    if budget not in list(BudgetName):
        raise BadRecipe(f"--budget: must be one of {', '.join(BudgetName)}; got {budget!r}")
    folders, opened = parse_target_folders(target_folder or []), chosen_store(store)
    names, size = table_names(tables), BudgetName(budget)
    Asked(names, size, opened, folders, partial, None, longer, claims_only).check()
    opened.probe()
    require_ready()
    with local_run(workers):
        from flows.reproduce import reproduce as make_tables

        written = make_tables(
            [name.value for name in names],
            size,
            opened.address,
            dict(folders),
            partial,
            pictures.resolve() if pictures else None,
            worlds_only,
            longer,
            claims_only,
        )
    for text in written:
        typer.echo(text)
    typer.echo(f"Tables: {reproduction_folder()}")
