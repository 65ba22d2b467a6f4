"""The commands of a farm on one machine: up and down."""

from __future__ import annotations

import typer
from rich.console import Console


def run_up(workers: int | None) -> None:
    """Start the farm and print its state."""
    from flows.farm import up

    server, farm = up(workers)
    # Imported after the server is known: Prefect reads its address when it is imported.
    from flows.farm_status import schedule_lines, status_table, wait_until_online

    complete = wait_until_online(farm)
    typer.echo(f"Prefect UI: {server.ui_url}\n")
    Console().print(status_table(farm))
    typer.echo("\nScheduled (UTC):")
    for line in schedule_lines():
        typer.echo(f"  {line}")
    if not complete:
        typer.echo("\nNot every worker has reported yet; logs lie in the state folder's farm/.")


def run_down(drain_seconds: float) -> None:
    """Drain and end the farm."""
    from flows.farm import down

    ended = down(drain_seconds)
    for name in ended.to_be_resumed:
        typer.echo(f"goes on when the farm is up again: {name}")
    for name in ended.cut_off:
        typer.echo(f"cut off: {name}")
    typer.echo("The farm is down.")
