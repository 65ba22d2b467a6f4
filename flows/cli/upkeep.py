"""Commands that put a data set in order: what is left over, damaged, withdrawn or old."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import (
    DatasetArgument,
    StoreOption,
    WorkersOption,
    chosen,
    stored,
)
from manifests.errors import BadRecipe

app = typer.Typer()


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
    from flows.console import say

    say(f"Looking through {dataset} ...")
    where = stored(dataset, store)
    from flows.killed_commands import end_killed_runs
    from flows.local_server import find
    from tasks.publish.garbage import collect_garbage

    found = collect_garbage(where, lease_seconds=3600.0 * lease_hours, delete=delete)
    typer.echo(str(found))
    end_killed_runs(find)


@app.command()
def repair(
    dataset: DatasetArgument, store: StoreOption = None, workers: WorkersOption = None
) -> None:
    """Make anew what is damaged or gone of a data set, and nothing else."""
    from flows.console import say, shown_progress

    say(f"Repairing {dataset} ...")
    where = stored(dataset, store)
    from flows.repair import repaired

    with shown_progress():
        done = repaired(where, workers)
    typer.echo(str(done))
    done.raise_if_broken()


@app.command()
def withdraw(
    dataset: DatasetArgument,
    number: Annotated[int, typer.Argument(min=1, help="A snapshot.")],
    reason: Annotated[str, typer.Option("--reason", help="Why nobody is to use it any more.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take its withdrawal back.")] = False,
    store: StoreOption = None,
) -> None:
    """Have nobody use a snapshot any more; it stays until `prune` removes it."""
    from manifests.snapshots import read_snapshot, readmit_snapshot
    from manifests.withdrawals import withdraw_snapshot

    where = chosen(dataset, store)
    if bool(reason.strip()) == undo:
        raise BadRecipe("withdraw: say why with --reason, or take it back with --undo")
    if undo:
        readmit_snapshot(where, number)
        typer.echo(f"{dataset}, snapshot {number}: not withdrawn")
        return
    snapshot = read_snapshot(where, number)
    found = withdraw_snapshot(where, number, reason.strip())
    typer.echo(f"{dataset}, snapshot {number}, content {snapshot.content_digest[:16]}: {found}")


@app.command()
def prune(
    dataset: DatasetArgument,
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest snapshots stay.")],
    delete: Annotated[bool, typer.Option(help="Remove it; without this, only list it.")] = False,
    store: StoreOption = None,
) -> None:
    """List old and withdrawn snapshots and what nothing else needs; remove them with --delete."""
    from flows.console import say

    say(f"Looking through {dataset} ...")
    where = stored(dataset, store)
    from tasks.publish.pruning import prune as pruned

    typer.echo(str(pruned(where, keep, delete=delete)))
