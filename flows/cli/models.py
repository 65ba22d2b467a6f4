"""Commands that measure, adapt and compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import (
    InitialOption,
    LogsOption,
    ModelOption,
    PartialOption,
    RootOption,
    SetOption,
    SnapshotOption,
    StoreOption,
    TargetOption,
    TrainingOption,
    WorkersOption,
    choice,
    chosen,
    path_option,
    pinned,
    place_of,
    tell,
)
from flows.cli.saved_models import ModelCommand, saved_model

if TYPE_CHECKING:
    from tasks.evaluate.measure import Measuring
    from training.targets.training_part import TestOn

app = typer.Typer()


@app.command(cls=ModelCommand)
def evaluate(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    model: ModelOption = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, path_option("--output", "-o", help="Folder of the target's results.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="standard or cloth-changing.")] = "standard",
    rerank: Annotated[bool, typer.Option(help="k-reciprocal re-ranking.")] = False,
    memory_mb: Annotated[
        float | None, typer.Option(min=0.001, help="Bound of the ranking's buffer.")
    ] = None,
    partial: PartialOption = False,
    embeddings: Annotated[bool, typer.Option(help="Also write all features.")] = False,
    statistics: Annotated[
        str | None,
        typer.Option(
            help="Test statistics: camera, paper (as its code takes them), or running (of plain "
            "batch normalisation); by default as the model was trained."
        ),
    ] = None,
    test_on: Annotated[
        str,
        typer.Option(help="Part of the target: test, or train (one query a person and camera)."),
    ] = "test",
) -> None:
    """Measure a model on its data set beside two baselines, or on a target of yours."""
    from manifests.errors import BadRecipe

    if dataset is None and target is None:
        raise BadRecipe("evaluate: name a published data set, or --target and --root")
    from flows.console import say

    say(f"Measuring on {target or dataset} ...")
    from training.evaluation.protocol import Protocol, StatisticsRule
    from training.targets.training_part import TestOn

    known = [name.replace("_", "-") for name in Protocol]
    excluded = Protocol(choice("--protocol", protocol.replace("_", "-"), known).replace("-", "_"))
    rule = None
    if statistics is not None:
        rule = StatisticsRule(choice("--statistics", statistics, StatisticsRule))
    part = TestOn(choice("--test-on", test_on, TestOn))
    if target is not None:

        def measuring() -> Measuring:
            from tasks.evaluate.measure import Measuring

            return Measuring(excluded, rerank, memory_mb, statistics=rule)

        file = saved_model(model, "--model", dataset)
        _evaluate_target(file, target, root, output, measuring, partial, embeddings, part)
        return
    assert dataset is not None
    if part is not TestOn.test:
        raise BadRecipe("--test-on: is for a --target; a data set of ours has a test split")
    chosen(dataset, store)  # whether it is a name at all
    file = saved_model(model, "--model", dataset)
    reader = pinned(dataset, snapshot, store)
    from flows.local_runs import local_run

    with local_run(None):
        from flows import evaluate as flow

        comparison = flow.evaluate(
            dataset,
            file,
            *place_of(reader),
            protocol=excluded,
            rerank=rerank,
            memory_mb=memory_mb,
            embeddings=embeddings,
            statistics=rule,
        )
    from flows.summary import metric_lines
    from tasks.evaluate.run import FAILURES_PAGE, results_folder

    for line in metric_lines(comparison):
        typer.echo(line)
    lineage, digest = comparison.trained.lineage, reader.snapshot.content_digest
    folder = results_folder(file, lineage["trained_on"], digest)
    typer.echo(f"Results: {folder}")
    typer.echo(f"Where it fails: {folder / FAILURES_PAGE}")


def _evaluate_target(
    file: Path,
    target: str,
    root: Path | None,
    output: Path | None,
    measuring: Callable[[], Measuring],
    partial: bool,
    embeddings: bool,
    part: TestOn,
) -> None:
    """Measure a model on a data set of others, and say what was found and where it lies."""
    from flows.console import shown_progress
    from flows.places import output_folder
    from training.targets.registry import open_target, placed

    name, folder = placed(target, root)
    splits = open_target(name, folder, partial, part)
    # Imports torch: only once nothing can be refused any more.
    from flows.summary import target_lines
    from tasks.evaluate.target import evaluate_splits

    results = output or output_folder() / "targets" / Path(target).stem
    with shown_progress():
        found = evaluate_splits(file, name, splits, results, measuring(), embeddings, part)
    for line in target_lines(found):
        typer.echo(line)
    typer.echo(f"Results: {results}")


@app.command(cls=ModelCommand)
def adapt(
    source: Annotated[str, typer.Argument(help="A published data set, with labels.")],
    target: Annotated[
        str, typer.Option("--to", help="A published data set, or with --root market1501, ….")
    ],
    root: Annotated[Path | None, path_option(help="The target's unpacked folder.")] = None,
    store: StoreOption = None,
    adaptation: Annotated[
        str, typer.Option("--adaptation", "-a", help="A shipped adaptation preset or a YAML file.")
    ] = "jvtc",
    initial: InitialOption = None,
    camstyle: Annotated[
        Path | None, path_option(help="Folder of the target's images in other cameras' styles.")
    ] = None,
    partial: PartialOption = False,
    logs: LogsOption = None,
) -> None:
    """Adapt a model to a data set without using its labels (JVTC, JVTC+)."""
    from flows.console import say

    say(f"Adapting from {source} to {target} ...")
    from flows.places import chosen_store
    from tasks.adapt.places import DataPlace, open_places
    from training.adaptation.config import load_adaptation
    from training.evaluation.metrics import in_one_line

    address = chosen_store(store).address
    load_adaptation(adaptation)
    tell(logs)
    start = None if initial is None else saved_model(initial, "--initial", source)
    places = (
        DataPlace(name=source, store=address),
        DataPlace(name=target, store=address, root=root, partial=partial),
    )
    open_places(*places)
    from flows.local_runs import local_run

    with local_run(None):
        from flows import adapt as flow

        outcome = flow.adapt(*places, adaptation, start, camstyle)
    typer.echo(f"Model: {outcome.model.path.parent}")
    for found in outcome.measured.evaluations if outcome.measured else ():
        typer.echo(f"{found.method}: {in_one_line(found.means())}")


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
        Path | None, path_option(help="Pictures that random clothes are cut from.")
    ] = None,
    worlds_only: Annotated[
        bool, typer.Option("--worlds-only", help="Build data; make no models.")
    ] = False,
    longer: Annotated[int, typer.Option(help="Learn so many times as long.")] = 1,
    claims_only: Annotated[
        bool, typer.Option("--claims-only", help="Measure only rows that claims compare.")
    ] = False,
    targets: Annotated[
        Path | None,
        path_option(help="A YAML file of further targets: columns of table2, table3 and fig4."),
    ] = None,
) -> None:
    """Make the paper's tables again: on worlds held out from training, and on targets you have."""
    from flows.console import say

    say(f"Reproducing {', '.join(tables)} ...")
    from flows.doctor import require_ready
    from flows.places import chosen_store, reproduction_folder
    from tasks.reproduce.__main__ import parse_target_folders
    from tasks.reproduce.budgets import BudgetName
    from tasks.reproduce.experiments import table_names
    from tasks.reproduce.request import Request
    from tasks.transfer.targets import placed, target_file

    size = BudgetName(choice("--budget", budget, BudgetName))
    folders, opened = parse_target_folders(target_folder or []), chosen_store(store)
    names, photographs = table_names(tables), placed(target_file(targets))
    asked = Request(names, size, opened, folders, partial, None, longer, claims_only, photographs)
    asked.expect_targets()
    opened.probe()
    require_ready(training=True)
    from flows.local_runs import local_run

    with local_run(workers):
        from flows import reproduce as flow

        written = flow.reproduce(
            [name.value for name in names],
            size,
            opened.address,
            dict(folders),
            partial,
            pictures.resolve() if pictures else None,
            worlds_only,
            longer,
            claims_only,
            photographs,
        )
    for text in written:
        typer.echo(text)
    typer.echo(f"Tables: {reproduction_folder()}")


@app.command()
def transfer(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help="Published sets (demo, demo@3), training parts (market1501:FOLDER, a CSV or "
            "Parquet list), saved models; ours=demo gives one a name."
        ),
    ] = None,
    targets: Annotated[
        Path | None, path_option(help="A YAML file of targets, each under its name.")
    ] = None,
    target: Annotated[
        list[Path] | None, path_option(help="A target's CSV or Parquet list; repeatable.")
    ] = None,
    training: TrainingOption = "transfer-small",
    seeds: Annotated[int, typer.Option(help="Models of each source.")] = 3,
    store: StoreOption = None,
    partial: PartialOption = False,
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", "-r", help="Build variants of a recipe as further sources."),
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            help="Its field and values, e.g. people.look_alikes=0,0.5; repeatable. Or a YAML file "
            "of variants, or of a design of experiments."
        ),
    ] = None,
    changes: SetOption = None,
    workers: WorkersOption = None,
) -> None:
    """Compare what training sets teach: one training on each, measured on several targets."""
    from flows.console import say

    say("Looking at sources and targets ...")
    from flows.places import chosen_store
    from manifests.settings import parse_assignments
    from tasks.transfer.recipes import recipes_of
    from tasks.transfer.sources import parse_sources
    from tasks.transfer.sources import pinned as pinned_source
    from tasks.transfer.targets import chosen_targets, pinned_target, placed
    from tasks.transfer.variant_files import parse_study, placed_file
    from training.config import load_training

    opened, chosen = chosen_store(store), placed(chosen_targets(targets, target or []))
    varied = [placed_file(word) for word in vary or []]
    config, study = load_training(training), parse_study(recipe, varied)
    overrides = parse_assignments(changes or [], "--set")
    words = sources or []
    given = parse_sources(words, study.names if study else ())
    recipes = recipes_of(study, overrides) if study else []
    for source in given:
        pinned_source(source, opened)
    for each in chosen.values():
        pinned_target(each, opened)
    from flows.commands import BuildRequest

    for all_changes in study.changes(overrides) if study else ():
        BuildRequest.parse(recipe or "", None, all_changes, store).refuse_early(training=True)
    # Imports torch: only once nothing that is quickly seen can be refused any more.
    from tasks.transfer.questions import Transfer

    Transfer(given, chosen, config, seeds, opened, partial).pinned()
    if recipes:
        from tasks.transfer.budget import Budget

        typer.echo(Budget.of(recipes, opened, seeds, config.iterations or 0).told())
    from flows.local_runs import local_run

    with local_run(workers):
        from flows import transfer as flow

        place = opened.address
        answer = flow.transfer(
            words, chosen, training, seeds, place, partial, recipe, varied, overrides
        )
    typer.echo(answer.text)
    typer.echo(f"Table: {answer.table}")
