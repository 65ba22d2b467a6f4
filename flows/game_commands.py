"""Commands about games of one's own: probe a running engine, check and record a level."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from manifests.errors import BadRecipe, BadScene
from synth_workers.probe.report import Mark, ProbeReport

_STYLES = {
    Mark.ok: "green",
    Mark.optional: "yellow",
    Mark.missing: "red",
    Mark.skipped: "dim",
}


def run_probe(
    endpoint: str, contract: str, level: Path | None, picture: Path | None, as_json: bool
) -> None:
    """Print what an engine can do; ends with the report's exit code."""
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
        picture.write_bytes(report.picture)
    if as_json:
        shown = str(picture) if report.picture and picture else None
        typer.echo(json.dumps({**report.as_json(), "picture": shown}, indent=2))
    else:
        _print_report(report, picture if report.picture else None)
    raise typer.Exit(report.exit_code)


def _print_report(report: ProbeReport, picture: Path | None) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(title=f"{report.endpoint}, contract {report.contract}", show_lines=False)
    for heading in ("", "what", "found", "to get it"):
        table.add_column(heading, overflow="fold")
    area = ""
    for finding in report.findings:
        if finding.area != area:
            area = finding.area
            table.add_section()
        style = _STYLES[finding.mark]
        # Words that came from the other side are text, whatever brackets they hold.
        cells = (finding.mark.value, finding.what, finding.found, finding.remedy)
        table.add_row(*(_plain(cell) for cell in cells), style=style)
    console.print(table)
    for what, milliseconds in report.speed.items():
        console.print(f"{what}: {milliseconds:g} ms", highlight=False)
    if picture is not None:
        console.print(f"picture (lit and mask): {picture}", highlight=False, soft_wrap=True)
    verdict = "The factory can drive it." if report.usable else "The factory cannot drive it yet."
    if not report.answered:
        verdict = "No UnrealCV server answers there."
    console.print(verdict, style="green" if report.usable else "red")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape("".join(c if c.isprintable() else "?" for c in text))


def run_level_validate(path: Path) -> None:
    """Say what is wrong with a manifest, or what it holds."""
    from synth_workers.scenes.level_manifest import read_level_manifest
    from synth_workers.scenes.levels import describe_level, inspect_level

    manifest = read_level_manifest(path)
    findings, scene = inspect_level(manifest), describe_level(manifest)
    for warning in findings.warnings:
        typer.secho(f"warning: {warning}", fg="yellow")
    if findings.faults:
        raise BadScene(f"{path}: " + "; ".join(findings.faults))
    metres = sum(
        float(((scene.walk.nodes[a] - scene.walk.nodes[b]) ** 2).sum() ** 0.5) / 100
        for a, b in scene.walk.edges
    )
    typer.echo(
        f"{path}: level {manifest.name} (map {manifest.map}, contract {manifest.contract}): "
        f"{len(scene.cameras)} cameras, {metres:.0f} m to walk, lights {', '.join(scene.lights)}"
    )
    if path.stem != manifest.name:
        typer.secho(
            f"warning: recipes find it as {manifest.name}.json; this file is {path.name}",
            fg="yellow",
        )


def run_level_schema() -> None:
    """Print the JSON schema of manifests."""
    from synth_workers.scenes.level_manifest import level_schema

    typer.echo(json.dumps(level_schema(), indent=2))


def run_level_record(
    endpoint: str,
    into: Path,
    name: str | None,
    once: bool,
    points: str | None,
    width: float,
    pictures: Path | None,
) -> None:
    """Take cameras, or with ``points`` places to walk, out of a running game."""
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
                (pictures / f"{camera}.png").write_bytes(pawn_picture(session))
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


def _record_by_hand(record: Callable[[], None], draft) -> None:
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
