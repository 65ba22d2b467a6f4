"""Commands that start, stop and examine what runs on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()
server_app = typer.Typer(help="The Prefect server of this machine.", no_args_is_help=True)
app.add_typer(server_app, name="server")


@app.command()
def up(
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="Render workers (default: GPUs, else cores)."),
    ] = None,
) -> None:
    """Start a farm on this machine: Prefect server, pools, deployments and workers."""
    from flows.farm_commands import run_up

    run_up(workers)


@app.command()
def down(
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds that running work may take to end.")
    ] = 600.0,
) -> None:
    """Drain and end the farm of this machine."""
    from flows.farm_commands import run_down

    run_down(drain)


@app.command()
def doctor() -> None:
    """Say what this machine lacks and how to get it."""
    from flows.commands import run_doctor

    run_doctor()


@server_app.command("start")
def server_start() -> None:
    """Start a Prefect server on this machine unless one answers."""
    from flows.local_server import find_or_start

    typer.echo(f"Prefect UI: {find_or_start().ui_url}")


@server_app.command("stop")
def server_stop() -> None:
    """Stop the Prefect server that this program started."""
    from flows.local_server import stop

    stopped = stop()
    typer.echo(f"Stopped {stopped.api_url}." if stopped else "No server of ours is running.")


@server_app.command("status")
def server_status() -> None:
    """Say which Prefect server answers."""
    from flows.local_server import find

    server = find()
    typer.echo(f"Prefect UI: {server.ui_url}" if server else "No Prefect server answers.")
