"""The command that makes a folder which can be taken elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    ModelOption,
    SnapshotOption,
    StoreOption,
    WithdrawnOption,
    path_option,
    pinned,
)
from flows.cli.saved_models import ModelCommand, saved_model

app = typer.Typer()


@app.command("publish-folder", cls=ModelCommand)
def publish_folder(
    output: Annotated[Path, path_option("--output", "-o", help="A new or empty folder.")],
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --model.")
    ] = None,
    model: ModelOption = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    withdrawn: WithdrawnOption = False,
    licence: Annotated[
        str | None,
        typer.Option(
            help="Of the model, e.g. CC-BY-4.0; if not said, that of the data it learnt from."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the model's card calls it (default: the folder).")
    ] = None,
    results: Annotated[
        list[Path] | None,
        path_option(help="A folder that `evaluate --target` left for this model; repeatable."),
    ] = None,
) -> None:
    """Write a data set or a model as a folder in the Hugging Face hub's layout; uploads nothing."""
    from flows.console import say, shown_progress
    from manifests.errors import BadRecipe

    if (dataset is None) == (model is None):
        raise BadRecipe("publish-folder: name a published data set, or --model; one of both")
    if dataset is not None:
        if licence or name or results:
            raise BadRecipe("publish-folder: --licence, --name and --results are for a --model")
        say(f"Copying {dataset} ...")
        reader = pinned(dataset, snapshot, store, withdrawn)
        from tasks.hub.data_sets import publish_dataset
        from tasks.publish.leases import reading

        with reading(reader), shown_progress():
            files = publish_dataset(reader, output)
        typer.echo(f"{files} files in {output}")
        return
    say("Writing the model ...")
    file = saved_model(model, "--model")
    from flows.places import chosen_store
    from tasks.hub.models import data_licence, publish_model, saved_lineage

    terms = licence or data_licence(saved_lineage(file), chosen_store(store))
    publish_model(file, output, name or output.resolve().name, terms, results or [])
    typer.echo(f"Model: {output}, licence {terms}")
