"""Commands about tracks through recordings."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import ModelOption, path_option
from flows.cli.saved_models import ModelCommand, saved_model

if TYPE_CHECKING:
    from tasks.tracking.measure import TrackScores

app = typer.Typer()

TruthArgument = Annotated[
    Path, typer.Argument(help="Sequences in MOTChallenge's layout, e.g. an export.")
]


@app.command("evaluate-tracks")
def evaluate_tracks(
    truth: TruthArgument,
    results: Annotated[Path, typer.Argument(help="A folder with a file of each sequence.")],
    output: Annotated[
        Path | None, path_option("--output", "-o", help="A JSON file for all figures.")
    ] = None,
) -> None:
    """IDF1, HOTA and MOTA of tracks, per camera and across cameras, by TrackEval's own code."""
    from flows.console import say

    say(f"Measuring {results} ...")
    from manifests.whole_files import write_whole
    from tasks.tracking.measure import measure_tracks

    report = measure_tracks(truth, results)
    rows = list(report.per_camera.items())
    rows += [(f"across {name[:8]}", scores) for name, scores in report.across.items()]
    rows.append(("across all", report.together))
    width = max(len(name) for name, _ in rows)
    typer.echo(f"{'':{width}}   IDF1   HOTA   MOTA  switches  people  tracks")
    for name, scores in rows:
        typer.echo(f"{name:{width}}{_shares(scores)}  {_counts(scores)}")
    if output is not None:
        write_whole(output, json.dumps(asdict(report), indent=1) + "\n")


@app.command("track", cls=ModelCommand)
def track(
    sequences: TruthArgument,
    output: Annotated[Path, path_option("--output", "-o", help="A new or empty folder.")],
    model: ModelOption = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Each camera by itself; no model is asked.")
    ] = False,
) -> None:
    """A plain tracker to compare with: overlap within a camera, features of a model across them."""
    from flows.console import say

    say(f"Tracking through {sequences} ...")
    from tasks.tracking.sequences import find_sequences

    path = None if alone else saved_model(model, "--model")
    find_sequences(sequences)  # refuses what are none before pandas and scipy are loaded
    from tasks.tracking.baseline import track_sequences

    embed = None
    if path is not None:
        from training.saved_model import Model

        embed = Model(path).embed
    done = track_sequences(sequences, output, embed)
    typer.echo(f"{done.tracks} tracks of {done.people} people in {output}")


def _shares(scores: TrackScores) -> str:
    return "".join(f" {100 * share:6.1f}" for share in (scores.idf1, scores.hota, scores.mota))


def _counts(scores: TrackScores) -> str:
    return f"{scores.switches:8d}  {scores.people:6d}  {scores.tracks:6d}"
