"""The command that makes of a model a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import (
    PartialOption,
    RootOption,
    StoreOption,
    TargetOption,
    choice,
    path_argument,
    path_option,
    pinned,
)
from flows.cli.saved_models import ModelCommand, saved_model

if TYPE_CHECKING:
    from tasks.evaluate.evaluation_sets import EvaluationSet

app = typer.Typer()


@app.command("export-model", cls=ModelCommand)
def export_model(
    model: Annotated[
        Path | None, path_argument(help="A trained model: its folder, model.pt, or latest.")
    ] = None,
    output: Annotated[
        Path, path_option("--output", "-o", help="The file; it ends in .onnx.")
    ] = Path("reid.onnx"),
    pictures: Annotated[
        str,
        typer.Option(help="What it takes: uint8 (N, H, W, 3), or float (N, 3, H, W) from 0 to 1."),
    ] = "uint8",
    resize: Annotated[
        bool, typer.Option("--resize", help="Pictures of any size; it resizes them itself.")
    ] = False,
    normalise: Annotated[
        bool,
        typer.Option(
            "--normalise/--no-normalise", help="Normalises colours itself, or is given them so."
        ),
    ] = True,
    camera: Annotated[
        str | None, typer.Option(help="Fold in the statistics of this training camera.")
    ] = None,
    crops: Annotated[
        Path | None, path_option(help="Fold in statistics estimated from this folder's pictures.")
    ] = None,
    int8: Annotated[
        Path | None, path_option(help="In 8 bits; this folder's pictures give the ranges.")
    ] = None,
    opset: Annotated[int, typer.Option(help="Of ONNX, 18 to 23.")] = 18,
    dataset: Annotated[
        str | None, typer.Option(help="Measure the loss on this published data set.")
    ] = None,
    store: StoreOption = None,
    target: TargetOption = None,
    root: RootOption = None,
    partial: PartialOption = False,
) -> None:
    """Write a model as one ONNX file, compared with torch; with a test set, what it loses there."""
    from flows.console import say

    say(f"Exporting to {output} ...")
    from training.exported.form import PicturesAs, asked_form

    form = asked_form(
        pictures=PicturesAs(choice("--pictures", pictures, PicturesAs)),
        resize=resize,
        normalise=normalise,
        opset=opset,
    )
    file = saved_model(model, "MODEL")
    from tasks.exported.asked import Asked, require_askable

    asked = Asked(form, camera, crops, int8)
    require_askable(output, asked)
    tests = _tests(dataset, store, target, root, partial)
    # Imports torch: only once nothing can be refused any more.
    from tasks.exported.run import export_model as run

    for line in run(file, output, asked, tests).lines():
        typer.echo(line)


def _tests(
    dataset: str | None, store: str | None, target: str | None, root: Path | None, partial: bool
) -> list[EvaluationSet]:
    from tasks.evaluate.evaluation_sets import snapshot_set, target_set

    found: list[EvaluationSet] = []
    if dataset is not None:
        found.append(snapshot_set(pinned(dataset, None, store)))
    if target is not None:
        from training.targets.registry import open_target, placed

        found += map(target_set, open_target(*placed(target, root), partial))
    return found
