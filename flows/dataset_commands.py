"""Commands that look after data sets that exist: inspect, trace, diff, gc, export, replay."""

from __future__ import annotations

from pathlib import Path

import typer

from flows.places import chosen_dataset
from manifests.errors import FrameRefused
from manifests.reader import open_snapshot
from manifests.recipe import Recipe

_HOUR = 3600.0


def run_inspect(dataset: str, store: str | None, shards: bool) -> None:
    """Print the snapshots of a data set, and on request the shards of the newest."""
    from tasks.publish.inspection import inspect, shard_table

    opened = chosen_dataset(dataset, store)
    typer.echo(str(inspect(opened)))
    if shards:
        typer.echo(shard_table(open_snapshot(opened)))


def run_trace(dataset: str, crop: str, number: int | None, store: str | None) -> None:
    """Print where one crop came from."""
    from tasks.publish.inspection import trace

    typer.echo(str(trace(open_snapshot(chosen_dataset(dataset, store), number), crop)))


def run_diff(dataset: str, old: int, new: int, store: str | None) -> None:
    """Print what changed between two snapshots."""
    from tasks.publish.compare import diff_snapshots

    typer.echo(str(diff_snapshots(chosen_dataset(dataset, store), old, new)))


def run_gc(dataset: str, store: str | None, lease_hours: float, delete: bool) -> None:
    """List orphans; remove them if ``delete``."""
    from tasks.publish.garbage import collect_garbage

    opened = chosen_dataset(dataset, store)
    typer.echo(str(collect_garbage(opened, lease_seconds=lease_hours * _HOUR, delete=delete)))


def run_export(
    dataset: str,
    number: int | None,
    store: str | None,
    form: str,
    output: Path,
    cameras: list[str] | None,
) -> None:
    """Write a data set in another format; ``cameras``: only what they saw."""
    from flows.console import shown_progress
    from tasks.export.export import export_snapshot
    from tasks.export.formats import find_format

    find_format(form)  # refuses an unknown one before the store is asked
    reader = open_snapshot(chosen_dataset(dataset, store), number)
    with shown_progress():
        done = export_snapshot(reader, form, output, cameras)
    left_out = f" ({done.left_out} left out)" if done.left_out else ""
    typer.echo(f"{done.written} {done.unit}{left_out} in {done.folder}")


def run_replay(
    render_id: str, frame: int, dataset: str | None, store: str | None, output: Path
) -> None:
    """Render one frame again and say whether it passes every check."""
    from tasks.render.replay import find_record, replay_frame

    planned = chosen_dataset(dataset, store) if dataset else None
    replayed = replay_frame(find_record(render_id, planned), frame, output)
    typer.echo(f"{replayed.lit}\n{replayed.mask}\n{replayed.complaint or 'passes every check'}")
    if replayed.complaint:
        raise typer.Exit(FrameRefused.exit_code)


def run_people_gallery(recipe: Recipe, count: int, output: Path) -> None:
    """Draw the people of a recipe."""
    from flows.console import shown_progress
    from synth_workers.people_gallery import write_gallery
    from tasks.progress import Progress, report_progress

    def progress(done: int, total: int) -> None:
        report_progress(Progress("people", done, total, "people"))

    with shown_progress():
        written = write_gallery(output, recipe.people, recipe.seed, count, progress=progress)
    for path in written:
        typer.echo(path)
