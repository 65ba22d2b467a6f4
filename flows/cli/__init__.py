"""The command line ``unrealperson``. Imports lazily, so that ``--help`` answers at once."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from flows.cli import (
    building,
    datasets,
    exporting,
    features,
    games,
    improving,
    looks,
    machine,
    models,
    people,
    publishing,
    scenes,
    tracks,
    training,
    upkeep,
)
from manifests.disks import disk_error
from manifests.errors import FactoryError, MissingRequirement

_EXTRAS = {
    "training": ("torch", "torchvision", "matplotlib"),
    "worker": ("moderngl", "unrealcv", "fast_simplification"),
    "tracking": ("trackeval",),
    "onnx": ("onnx", "onnxruntime", "onnxscript"),
}
"""Packages that hosts do without which do only a part of the work."""

app = typer.Typer(
    name="unrealperson",
    help="A data factory for person re-identification: from a recipe to a measured model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (
    *(building, datasets, looks, upkeep, training, models, improving),
    *(exporting, features, publishing, tracks),
    *(people, scenes, games, machine),
):
    app.add_typer(group.app)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"unrealperson {version('unrealperson')}")
        raise typer.Exit


@app.callback()
def _before_all(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version and stop."
        ),
    ] = False,
) -> None:
    """What every command shares."""


def _in_words(raised: FactoryError | OSError | ModuleNotFoundError) -> FactoryError | None:
    """What a person is told of an error; None for a fault of ours."""
    if isinstance(raised, FactoryError):
        return raised
    if isinstance(raised, OSError):
        return disk_error(raised)
    extra = next((extra for extra, names in _EXTRAS.items() if raised.name in names), None)
    if extra is None:
        return None
    return MissingRequirement(
        f"the Python package {raised.name} is needed for this and not installed here: "
        f'pip install -c constraints.txt -e ".[{extra}]"'
    )


def main() -> None:
    """Run the command line; errors of the factory become one message and their exit code."""
    # SIGTERM unwinds like Ctrl-C, so that workers and engines are ended in order.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        app()
    except (FactoryError, OSError, ModuleNotFoundError) as raised:
        error = _in_words(raised)
        if error is None:
            raise
        typer.secho(f"{type(error).__name__}: {error}", fg="red", err=True)
        sys.exit(error.exit_code)
