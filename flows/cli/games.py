"""Commands for games of one's own, and the embedded engine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    EndpointArgument,
)

app = typer.Typer()
level_app = typer.Typer(help="Levels of your own games.", no_args_is_help=True)
app.add_typer(level_app, name="level")


@app.command()
def probe(
    endpoint: EndpointArgument,
    contract: Annotated[
        str, typer.Option(help="person or unrealperson (default: the level's, else person).")
    ] = "",
    level: Annotated[
        Path | None, typer.Option("--level", "-l", help="The level's manifest.json.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", "-p", help="Where lit and mask are put.")
    ] = Path("probe.png"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Check a running game or engine against a contract (exit code 0: usable, 11: not yet,
    20: no UnrealCV server answers)."""
    from flows.game_commands import run_probe

    run_probe(endpoint, contract, level, picture, as_json)


@level_app.command("validate")
def level_validate(
    manifest: Annotated[Path, typer.Argument(help="A level's manifest.json.")],
) -> None:
    """Check a level's manifest: its form, its walks, what its cameras see."""
    from flows.game_commands import run_level_validate

    run_level_validate(manifest)


@level_app.command("schema")
def level_schema() -> None:
    """Print the JSON schema of level manifests."""
    from flows.game_commands import run_level_schema

    run_level_schema()


@level_app.command("record")
def level_record(
    endpoint: EndpointArgument,
    into: Annotated[Path, typer.Option("--into", "-i", help="Manifest to add to, or begin.")],
    name: Annotated[
        str | None, typer.Option(help="The level's name in recipes (default: the file's).")
    ] = None,
    once: Annotated[bool, typer.Option(help="Record the present view and end.")] = False,
    points: Annotated[
        str | None,
        typer.Option(help="Record places of actors with this prefix instead, e.g. TargetPoint."),
    ] = None,
    width: Annotated[float, typer.Option(min=60, help="Width of walks between points, cm.")] = 200,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for a picture of each view.")
    ] = None,
) -> None:
    """Record camera poses of a running game: fly there, press Enter."""
    from flows.game_commands import run_level_record

    run_level_record(endpoint, into, name, once, points, width, pictures)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def engine(context: typer.Context) -> None:
    """Start the embedded engine, an UnrealCV server (all options: `unrealperson engine --help`)."""
    import os

    arguments = [sys.executable, "-P", "-m", "synth_workers.engine", *context.args]
    os.execv(sys.executable, arguments)  # the engine takes over this process, signals and all
