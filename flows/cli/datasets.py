"""Commands that read what is published."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DatasetArgument,
    ModelOption,
    SnapshotOption,
    StoreOption,
    WithdrawnOption,
    chosen,
    path_option,
    pinned,
)
from flows.cli.saved_models import ModelCommand, saved_model
from manifests.errors import BadRecipe
from tasks.export.formats import format_names

app = typer.Typer()

_HOUR = 3600.0


@app.command("verify")
def verify_command(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Only the published files, not what they are made from.")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="The content digest that it must have."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also the published files of all older snapshots.")
    ] = False,
) -> None:
    """Re-read a published data set and what it was made from: every byte, every derived figure."""
    from flows.console import say

    say(f"Reading all of {dataset} ...")
    from manifests.reader import open_snapshot
    from manifests.snapshots import snapshot_numbers

    where = chosen(dataset, store)
    if every and snapshot is not None:
        raise BadRecipe("--all reads every snapshot; leave out --snapshot")
    reader = None
    if not every or expect is not None or not snapshot_numbers(where):
        reader = open_snapshot(where, snapshot, expect, withdrawn=True)
    from tasks.publish.verify import verify, verify_all

    if every or reader is None:
        found = verify_all(where, quick=quick)
    else:
        found = [verify(reader, quick=quick)]
    for report in found:
        typer.echo(str(report))
    for report in found:
        report.raise_if_broken()


@app.command(cls=ModelCommand)
def report(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    model: ModelOption = None,
    output: Annotated[Path | None, path_option("--output", "-o", help="HTML file.")] = None,
) -> None:
    """Write report.html: gallery, distributions and, with a model, how it ranks."""
    from flows.console import say, shown_progress

    say(f"Reporting on {dataset} ...")
    from flows.places import report_file

    chosen(dataset, store)  # whether it is a name at all
    file = None if model is None else saved_model(model, "--model", dataset)
    reader, comparison = pinned(dataset, snapshot, store), None
    from tasks.accounting import CostSheet
    from tasks.publish.leases import reading
    from tasks.report.build import write_dataset_report

    with reading(reader), shown_progress():
        if file is not None:
            from tasks.evaluate.run import compare_methods

            comparison = compare_methods(reader, file)
        path = write_dataset_report(reader, comparison, CostSheet(), output or report_file(dataset))
    typer.echo(f"Report: {path}")


@app.command("inspect")
def inspect_command(
    dataset: DatasetArgument,
    store: StoreOption = None,
    shards: Annotated[
        bool, typer.Option("--shards", help="Also what each shard delivered and refused.")
    ] = False,
) -> None:
    """List the snapshots of a data set; the newest in full."""
    where = chosen(dataset, store)
    from tasks.publish.inspection import inspect, shard_table

    typer.echo(str(inspect(where)))
    if shards:
        typer.echo(shard_table(pinned(dataset, None, store)))


@app.command("trace")
def trace_command(
    dataset: DatasetArgument,
    crop: Annotated[str, typer.Argument(help="A crop_key of its manifest.")],
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
) -> None:
    """Say where one crop came from: labels, shard, seeds, engine."""
    from tasks.publish.inspection import trace

    typer.echo(str(trace(pinned(dataset, snapshot, store), crop)))


@app.command()
def diff(
    dataset: DatasetArgument,
    old: Annotated[int, typer.Argument(min=1, help="A snapshot.")],
    new: Annotated[int, typer.Argument(min=1, help="Another.")],
    store: StoreOption = None,
) -> None:
    """Compare two snapshots of a data set."""
    from flows.console import say

    say(f"Comparing snapshots {old} and {new} of {dataset} ...")
    from tasks.publish.compare import diff_snapshots

    typer.echo(str(diff_snapshots(chosen(dataset, store), old, new)))


@app.command()
def cost(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    people: Annotated[
        int, typer.Option(min=1, help="Also say what so many people would cost.")
    ] = 1_000_000,
    workers: Annotated[
        int, typer.Option(min=1, help="And how long a farm of so many workers would take.")
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Sum what a data set has cost: CPU-seconds by stage, bytes, memory; forecast a farm."""
    from flows.console import say

    say(f"Summing what {dataset} has cost ...")
    reader = pinned(dataset, snapshot, store)
    from rich.console import Console

    from flows.console import plain_table
    from tasks.plan.unit_costs import shipped_unit_costs
    from tasks.report.cost import dataset_cost, farm_forecast

    cost = dataset_cost(reader)
    orchestration = shipped_unit_costs().orchestration_cpu_s_per_shard
    farm = farm_forecast(cost, people, workers, orchestration_seconds=orchestration)
    more = cost.for_people(people)
    if as_json:
        forecast = {
            "for_people": people,
            "for_people_cpu_hours": round(sum(more.values()), 1),
            "farm": {
                "workers": farm.workers,
                "shards": farm.shards,
                "makespan_hours": round(farm.makespan / _HOUR, 2),
                "utilisation": round(farm.utilisation, 3),
                "people_hours": round(farm.people / _HOUR, 1),
                "waited_hours": round(farm.waited / _HOUR, 3),
            },
        }
        typer.echo(json.dumps(cost.as_json() | forecast))
        return
    spent = {stage: (seconds, more[stage]) for stage, seconds in cost.cpu_seconds.items()}
    spent["all"] = (cost.total_cpu_seconds, sum(more.values()))
    rows = [
        (stage, f"{seconds:,.1f}", f"{1000 * seconds / cost.crops:.2f}", f"{hours:,.1f}")
        for stage, (seconds, hours) in spent.items()
    ]
    headings = ("stage", "CPU-s", "CPU-ms per crop", f"CPU-h for {people:,} people")
    Console().print(plain_table(headings, rows))
    typer.echo(
        f"\n{cost.dataset}, snapshot {cost.snapshot}: {cost.people:,} people, {cost.crops:,} crops "
        f"published of {cost.accepted:,} accepted in {cost.frames:,} frames and "
        f"{len(cost.shard_seconds):,} shards.\n"
        f"Stored {cost.stored_bytes / 1e9:,.2f} GB, published {cost.published_bytes / 1e9:,.2f} "
        f"GB; a shard held up to {cost.peak_bytes / 1e9:,.2f} GB of memory.\n"
        f"A farm of {workers:,} workers, played through: {people:,} people in "
        f"{farm.makespan / _HOUR:,.1f} hours, {farm.utilisation:.0%} of the workers' time at work, "
        f"{farm.people / _HOUR:,.1f} hours of it building people."
    )


@app.command()
def export(
    dataset: DatasetArgument,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help=f"One of {', '.join(format_names())}.",
        ),
    ],
    output: Annotated[Path, path_option("--output", "-o", help="A new or empty folder.")],
    snapshot: SnapshotOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", "-c", help="Only this one; repeatable.")
    ] = None,
    store: StoreOption = None,
    withdrawn: WithdrawnOption = False,
) -> None:
    """Write a data set in a layout that other programs read."""
    from flows.console import say, shown_progress

    say(f"Exporting {dataset} ...")
    from tasks.export.formats import find_format

    find_format(form)  # refuses an unknown one before the store is asked
    reader = pinned(dataset, snapshot, store, withdrawn)
    from tasks.export.export import export_snapshot
    from tasks.publish.leases import reading

    with reading(reader), shown_progress():
        done = export_snapshot(reader, form, output, camera)
    left_out = f" ({done.left_out} left out)" if done.left_out else ""
    typer.echo(f"{done.written} {done.unit}{left_out} in {done.folder}")


@app.command()
def replay(
    render_id: Annotated[str, typer.Argument(help="A shard.")],
    frame: Annotated[int, typer.Argument(min=0, help="A frame of it.")],
    dataset: Annotated[str | None, typer.Option(help="Whose plan has the shard.")] = None,
    store: StoreOption = None,
    output: Annotated[Path, path_option("--output", "-o", help="Folder.")] = Path("replay"),
) -> None:
    """Render one frame of a shard again, as a refused frame's report asks for."""
    from flows.console import say

    say(f"Rendering frame {frame} of {render_id} again ...")
    from manifests.errors import FrameRefused
    from tasks.render.replay import find_record, replay_frame

    record = find_record(render_id, chosen(dataset, store) if dataset else None)
    replayed = replay_frame(record, frame, output)
    typer.echo(f"{replayed.lit}\n{replayed.mask}\n{replayed.complaint or 'passes every check'}")
    if replayed.complaint:
        raise typer.Exit(FrameRefused.exit_code)
