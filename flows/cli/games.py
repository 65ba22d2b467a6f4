"""Commands for games of one's own, and the embedded engine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import EndpointArgument, path_argument, path_option
from manifests.errors import BadRecipe, BadScene
from manifests.whole_files import write_whole

if TYPE_CHECKING:
    from synth_workers.probe.report import ProbeReport
    from synth_workers.unreal.record import ManifestDraft

app = typer.Typer()
level_app = typer.Typer(help="Levels of your own games.", no_args_is_help=True)
app.add_typer(level_app, name="level")

_STYLES = {"ok": "green", "optional": "yellow", "missing": "red", "skipped": "dim"}


@app.command()
def probe(
    endpoint: EndpointArgument,
    contract: Annotated[
        str, typer.Option(help="person or unrealperson (default: the level's, else person).")
    ] = "",
    level: Annotated[
        Path | None, path_option("--level", "-l", help="The level's manifest.json.")
    ] = None,
    picture: Annotated[
        Path | None, path_option("--picture", "-p", help="Where lit and mask are put.")
    ] = Path("probe.png"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Check a running game or engine against a contract (exit code 0: usable, 11: not yet,
    20: no UnrealCV server answers)."""
    from flows.console import say

    say(f"Asking {endpoint} ...")
    from synth_workers.contracts.registry import CONTRACTS
    from synth_workers.probe.run import probe_engine
    from synth_workers.scenes.level_manifest import read_level_manifest
    from synth_workers.scenes.levels import describe_level
    from synth_workers.unreal.games import parse_endpoint

    where = parse_endpoint(endpoint)
    scene = describe_level(read_level_manifest(level)) if level is not None else None
    if contract not in ("", *CONTRACTS):
        raise BadRecipe(f"--contract: must be {' or '.join(CONTRACTS)}; got {contract!r}")
    kept = scene.game.contract if scene and scene.game else "person"
    report = probe_engine(where, contract or kept, scene)
    if report.picture is not None and picture is not None:
        write_whole(picture, report.picture)
    if as_json:
        shown = str(picture) if report.picture and picture else None
        typer.echo(json.dumps({**report.as_json(), "picture": shown}, indent=2))
    else:
        _print_report(report, picture if report.picture else None)
    raise typer.Exit(report.exit_code)


def _print_report(report: ProbeReport, picture: Path | None) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(title=f"{report.endpoint}, contract {report.contract}", show_lines=False)
    for heading in ("", "what", "found", "to get it"):
        table.add_column(heading, overflow="fold")
    area = ""
    for finding in report.findings:
        if finding.area != area:
            area = finding.area
            table.add_section()
        cells = (finding.mark.value, finding.what, finding.found, finding.remedy)
        # Words that came from the other side are text, whatever brackets they hold.
        shown = ("".join(c if c.isprintable() else "?" for c in cell) for cell in cells)
        table.add_row(*map(escape, shown), style=_STYLES[finding.mark])
    console.print(table)
    for what, milliseconds in report.speed.items():
        console.print(f"{what}: {milliseconds:g} ms", highlight=False)
    if picture is not None:
        console.print(f"picture (lit and mask): {picture}", highlight=False, soft_wrap=True)
    verdict = "The factory can drive it." if report.usable else "The factory cannot drive it yet."
    if not report.answered:
        verdict = "No UnrealCV server answers there."
    console.print(verdict, style="green" if report.usable else "red")


@level_app.command("validate")
def level_validate(
    manifest: Annotated[Path, path_argument(help="A level's manifest.json.")],
) -> None:
    """Check a level's manifest: its form, its walks, what its cameras see."""
    from synth_workers.scenes.level_manifest import read_level_manifest
    from synth_workers.scenes.levels import describe_level, inspect_level

    level = read_level_manifest(manifest)
    findings, scene = inspect_level(level), describe_level(level)
    for warning in findings.warnings:
        typer.secho(f"warning: {warning}", fg="yellow")
    if findings.faults:
        raise BadScene(f"{manifest}: " + "; ".join(findings.faults))
    metres = sum(
        float(((scene.walk.nodes[a] - scene.walk.nodes[b]) ** 2).sum() ** 0.5) / 100
        for a, b in scene.walk.edges
    )
    typer.echo(
        f"{manifest}: level {level.name} (map {level.map}, contract {level.contract}): "
        f"{len(scene.cameras)} cameras, {metres:.0f} m to walk, lights {', '.join(scene.lights)}"
    )
    if manifest.stem != level.name:
        typer.secho(
            f"warning: recipes find it as {level.name}.json; this file is {manifest.name}",
            fg="yellow",
        )


@level_app.command("schema")
def level_schema_command() -> None:
    """Print the JSON schema of level manifests."""
    from synth_workers.scenes.level_manifest import level_schema

    typer.echo(json.dumps(level_schema(), indent=2))


@level_app.command("import")
def level_import(
    settings: Annotated[
        Path, path_argument(help="Scene settings of gym-unrealcv or UnrealZoo, a JSON file.")
    ],
    into: Annotated[Path, path_option("--into", "-i", help="The manifest; must not exist yet.")],
) -> None:
    """Make a level's manifest from scene settings of gym-unrealcv or UnrealZoo."""
    from manifests.whole_files import write_whole
    from synth_workers.scenes.gym_settings import level_of, read_settings
    from synth_workers.scenes.level_manifest import parse_level_manifest

    if into.exists():
        raise BadScene(f"{into} exists; name another file, or add to it with `level record`")
    level = level_of(read_settings(settings), into.stem)
    text = json.dumps(level.content, indent=2) + "\n"
    parse_level_manifest(text, str(settings))
    write_whole(into, text)
    for note in level.notes:
        typer.secho(f"note: {note}", fg="yellow")
    typer.echo(f"{into}: {len(level.content['cameras'])} cameras, map {level.content['map']}")
    typer.echo("The game, for games.yaml:")
    engine = level.engine or "4.27"
    typer.echo(f'  {into.stem}:\n    build: b1\n    engine: "{engine}"')
    typer.echo(f"    program: {{executable: /srv/{level.executable or 'GAME'}}}")


@level_app.command("record")
def level_record(
    endpoint: EndpointArgument,
    into: Annotated[Path, path_option("--into", "-i", help="Manifest to add to, or begin.")],
    name: Annotated[
        str | None, typer.Option(help="The level's name in recipes (default: the file's).")
    ] = None,
    once: Annotated[bool, typer.Option(help="Record the present view and end.")] = False,
    points: Annotated[
        str | None,
        typer.Option(help="Record places of actors with this prefix instead, e.g. TargetPoint."),
    ] = None,
    width: Annotated[float, typer.Option(min=60, help="Width of walks between points, cm.")] = 200,
    pictures: Annotated[Path | None, path_option(help="Folder for a picture of each view.")] = None,
) -> None:
    """Record camera poses of a running game: fly there, press Enter."""
    from synth_workers.unreal.games import parse_endpoint
    from synth_workers.unreal.record import (
        ManifestDraft,
        actor_places,
        map_name,
        pawn_picture,
        pawn_view,
    )
    from synth_workers.worker.session import Session

    draft = ManifestDraft(into, name)
    with Session.connect(parse_endpoint(endpoint)) as session:
        if "map" not in draft.content and (found := map_name(session)):
            draft.content["map"] = found

        def record() -> None:
            view = pawn_view(session)
            camera = draft.add_camera(view)
            if pictures is not None:
                pictures.mkdir(parents=True, exist_ok=True)
                write_whole(pictures / f"{camera}.png", pawn_picture(session))
            draft.save()
            at = ", ".join(f"{value:.0f}" for value in view.location)
            typer.echo(f"{camera}: at {at} cm, fov {view.fov:g}")

        if points is not None:
            places = actor_places(session, points)
            draft.add_points(places, width)
            draft.save()
            typer.echo(f"{len(places)} places to walk: {', '.join(places)}")
        elif once:
            record()
        else:
            _record_by_hand(record, draft)
    typer.echo(f"{into}: {len(draft.cameras)} cameras")


def _record_by_hand(record: Callable[[], None], draft: ManifestDraft) -> None:
    typer.echo("Fly to a view. Enter: keep it; u, Enter: forget the last one; q, Enter: end.")
    for line in sys.stdin:
        word = line.strip().lower()
        if word == "q":
            return
        if word == "u":
            removed = draft.remove_last_camera()
            draft.save()
            typer.echo(f"forgot {removed}" if removed else "there is none")
        elif not word:
            record()
        else:
            typer.echo("Enter, u or q")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def engine(context: typer.Context) -> None:
    """Start the embedded engine, an UnrealCV server (all options: `unrealperson engine --help`)."""
    from flows.console import say

    say("Starting the embedded engine ...")
    arguments = [sys.executable, "-P", "-m", "synth_workers.engine", *context.args]
    os.execv(sys.executable, arguments)  # the engine takes over this process, signals and all
