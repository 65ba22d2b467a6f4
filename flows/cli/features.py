"""Commands that use a model on pictures of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import ModelOption, choice, path_argument, path_option
from flows.cli.saved_models import ModelCommand, usable_model

app = typer.Typer()

_NAMED = 10


@app.command("embed", cls=ModelCommand)
def embed(
    pictures: Annotated[
        Path,
        path_argument(
            help="A folder of pictures, Parquet with pictures, or sequences of a video with boxes."
        ),
    ],
    model: ModelOption = None,
    output: Annotated[
        Path, path_option("--output", "-o", help="The file of features, .parquet.")
    ] = Path("features.parquet"),
    cameras: Annotated[
        str,
        typer.Option(help="Who took them: folders, one, or a regular expression with one group."),
    ] = "folders",
    unreadable: Annotated[
        str, typer.Option(help="Pictures that cannot be read: skip (and list), or refuse.")
    ] = "skip",
) -> None:
    """Write the features of pictures of yours to a Parquet file, by a trained or exported model."""
    from flows.console import say

    say(f"Embedding {pictures} ...")
    from tasks.embed.opening import open_pictures
    from tasks.embed.skipped import Unreadable, skipped_file, write_skipped

    how = Unreadable(choice("--unreadable", unreadable, Unreadable))
    file = usable_model(model, "--model")
    found = open_pictures(pictures, cameras)
    # Imports torch: only once nothing can be refused any more.
    from flows.console import shown_progress
    from tasks.embed.run import embed as run
    from training.embedding.network import open_network

    with shown_progress():
        done = run(found, open_network(file), output, how)
    typer.echo(f"Features: {done.rows:,} of {done.cameras} cameras in {output}")
    listed = skipped_file(output)
    write_skipped(listed, done.skipped)
    for reason in list(done.skipped.values())[:_NAMED]:
        typer.echo(f"  skipped: {reason}", err=True)
    if done.skipped:
        typer.echo(f"Skipped: {len(done.skipped):,} pictures, listed in {listed}")


@app.command("search", cls=ModelCommand)
def search(
    query: Annotated[
        list[Path], path_option("--query", "-q", help="A picture to look for; repeatable.")
    ],
    features: Annotated[
        Path, path_option("--in", help="A file that `unrealperson embed` wrote.")
    ] = Path("features.parquet"),
    model: Annotated[
        Path | None, path_option("--model", "-m", help="The model of the features, if it moved.")
    ] = None,
    camera: Annotated[
        str | None, typer.Option(help="Who took the query: one of the cameras of the features.")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many are shown.")] = 20,
    page: Annotated[Path, path_option("--output", "-o", help="The page of results.")] = Path(
        "results.html"
    ),
) -> None:
    """Find who looks like the people in pictures; leaves a page with what was found."""
    from flows.console import say

    say(f"Searching {features} ...")
    from tasks.embed.table import open_features

    table = open_features(features)
    if model is not None:
        model = usable_model(model, "--model")
    # Imports torch, if the model is not an exported one.
    from manifests.whole_files import write_whole
    from tasks.embed.page import results_page
    from tasks.embed.queries import look_for, read_query

    pictures = [(str(path), read_query(path)) for path in query]
    found = look_for(table, [picture for _, picture in pictures], model, camera, most)
    write_whole(page, results_page(table, pictures, found))
    for (name, _), hits in zip(pictures, found, strict=True):
        typer.echo(name)
        for hit in hits[:_NAMED]:
            typer.echo(f"  {hit.similarity:.3f}  {hit.key}")
    typer.echo(f"Page: {page}")
