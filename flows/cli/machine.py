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
    from rich.console import Console

    from flows.console import say

    say("Starting a farm on this machine ...")
    from flows import farm

    server, workplace = farm.up(workers)
    # Imported after the server is known: Prefect reads its address when it is imported.
    from flows.farm_status import schedule_lines, status_table, wait_until_online

    complete = wait_until_online(workplace)
    typer.echo(f"Prefect UI: {server.ui_url}\n")
    Console().print(status_table(workplace))
    typer.echo("\nScheduled (UTC):")
    for line in schedule_lines():
        typer.echo(f"  {line}")
    if not complete:
        typer.echo("\nNot every worker has reported yet; logs lie in the state folder's farm/.")


@app.command()
def down(
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds that running work may take to end.")
    ] = 600.0,
) -> None:
    """Drain and end the farm of this machine."""
    from flows.console import say

    say("Draining the farm of this machine ...")
    from flows import farm

    ended = farm.down(drain)
    for name in ended.to_be_resumed:
        typer.echo(f"goes on when the farm is up again: {name}")
    for name in ended.cut_off:
        typer.echo(f"cut off: {name}")
    typer.echo("The farm is down.")


@app.command()
def doctor() -> None:
    """Say what this machine lacks and how to get it."""
    from flows.doctor import run_checks

    checks = run_checks()
    for check in checks:
        mark = typer.style("missing", fg="red")
        if check.ok:
            mark = typer.style("ok     ", fg="green")
        elif check.for_training:
            mark = typer.style("absent ", fg="yellow")
        typer.echo(f"{mark}  {check.what}: {check.found}")
        if not check.ok:
            typer.echo(f"         to get it: {check.remedy}")
    if not all(check.ok or check.for_training for check in checks):
        raise typer.Exit(12)


@server_app.command("start")
def server_start() -> None:
    """Start a Prefect server on this machine unless one answers."""
    from flows.killed_commands import end_killed_runs
    from flows.local_server import find_or_start

    server = find_or_start()
    end_killed_runs(lambda: server)
    typer.echo(f"Prefect UI: {server.ui_url}")


@server_app.command("stop")
def server_stop() -> None:
    """Stop the Prefect server that this program started."""
    from flows.local_server import stop

    stopped = stop()
    typer.echo(f"Stopped {stopped.api_url}." if stopped else "No server of ours is running.")


@server_app.command("status")
def server_status() -> None:
    """Say which Prefect server answers, and which one was started here."""
    from flows.local_server import find, own_server, server_log

    server, own = find(), own_server()
    typer.echo(f"Prefect UI: {server.ui_url}" if server else "No Prefect server answers.")
    if own is not None and own != server:
        typer.echo(
            f"Started here: {own.ui_url}, process {own.pid}, log {server_log()}; "
            "`unrealperson server stop` ends it."
        )
