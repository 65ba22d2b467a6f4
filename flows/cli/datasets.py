"""Commands that read what is published, or clean up after it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    DatasetArgument,
    SnapshotOption,
    StoreOption,
)
from tasks.export.formats import format_names

app = typer.Typer()


@app.command()
def verify(
    dataset: DatasetArgument, snapshot: SnapshotOption = None, store: StoreOption = None
) -> None:
    """Re-read a published data set: digests, images, counts, splits, duplicates."""
    from flows.commands import run_verify

    run_verify(dataset, snapshot, store)


@app.command()
def report(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help="Also measure this model.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="HTML file.")] = None,
) -> None:
    """Write report.html: gallery, distributions and, with a model, how it ranks."""
    from flows.commands import run_report

    run_report(dataset, snapshot, store, model, output)


@app.command()
def inspect(
    dataset: DatasetArgument,
    store: StoreOption = None,
    shards: Annotated[
        bool, typer.Option("--shards", help="Also what each shard delivered and refused.")
    ] = False,
) -> None:
    """List the snapshots of a data set; the newest in full."""
    from flows.dataset_commands import run_inspect

    run_inspect(dataset, store, shards)


@app.command()
def trace(
    dataset: DatasetArgument,
    crop: Annotated[str, typer.Argument(help="A crop_key of its manifest.")],
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
) -> None:
    """Say where one crop came from: labels, shard, seeds, engine."""
    from flows.dataset_commands import run_trace

    run_trace(dataset, crop, snapshot, store)


@app.command()
def diff(
    dataset: DatasetArgument,
    old: Annotated[int, typer.Argument(min=1, help="A snapshot.")],
    new: Annotated[int, typer.Argument(min=1, help="Another.")],
    store: StoreOption = None,
) -> None:
    """Compare two snapshots of a data set."""
    from flows.dataset_commands import run_diff

    run_diff(dataset, old, new, store)


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
    from flows.cost_commands import run_cost_of

    run_cost_of(dataset, snapshot, store, people, workers, as_json)


@app.command()
def gc(
    dataset: DatasetArgument,
    store: StoreOption = None,
    delete: Annotated[bool, typer.Option(help="Remove it; without this, only list it.")] = False,
    lease_hours: Annotated[
        float, typer.Option(min=0.0, help="Spare files younger than this.")
    ] = 24.0,
) -> None:
    """List what no claim and no snapshot names; remove it with --delete."""
    from flows.dataset_commands import run_gc

    run_gc(dataset, store, lease_hours, delete)


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
    output: Annotated[Path, typer.Option("--output", "-o", help="A new or empty folder.")],
    snapshot: SnapshotOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", "-c", help="Only this one; repeatable.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write a data set in a layout that other programs read."""
    from flows.dataset_commands import run_export

    run_export(dataset, snapshot, store, form, output, camera)


@app.command()
def replay(
    render_id: Annotated[str, typer.Argument(help="A shard.")],
    frame: Annotated[int, typer.Argument(min=0, help="A frame of it.")],
    dataset: Annotated[str | None, typer.Option(help="Whose plan has the shard.")] = None,
    store: StoreOption = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("replay"),
) -> None:
    """Render one frame of a shard again, as a refused frame's report asks for."""
    from flows.dataset_commands import run_replay

    run_replay(render_id, frame, dataset, store, output)
