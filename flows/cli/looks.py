"""Commands that look at crops beside those of others: what differs, and a recipe that matches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    PartialOption,
    StoreOption,
    path_option,
)
from tasks.compare import CROPS

app = typer.Typer()


@app.command()
def compare(
    first: Annotated[
        str,
        typer.Argument(
            metavar="SET",
            help="A published data set; or a list, a data set in --root, a folder of pictures.",
        ),
    ],
    second: Annotated[
        str,
        typer.Option(
            "--with", metavar="SET", help="The same; differences are this one minus the first."
        ),
    ],
    root: Annotated[
        Path | None, path_option(help="Folder of data sets and lists that are not ours.")
    ] = None,
    store: StoreOption = None,
    output: Annotated[
        Path | None, path_option("--output", "-o", help="Folder of what is found.")
    ] = None,
    crops: Annotated[
        int, typer.Option(min=1, help="How many of either side are looked at, at most.")
    ] = CROPS,
    seed: Annotated[int, typer.Option(min=0, help="Of the samples.")] = 0,
    network: Annotated[
        str | None,
        typer.Option(help="Backbone of the distances (default: one whose weights are there)."),
    ] = None,
    partial: PartialOption = False,
    include_photographs: Annotated[
        bool,
        typer.Option(
            "--include-photographs",
            help="Show crops in the page although people who are not ours are among them.",
        ),
    ] = False,
) -> None:
    """Say what makes the crops of two sets look different, the largest difference first."""
    from flows.console import say, shown_progress

    say(f"Comparing {first} with {second} ...")
    from flows.places import chosen_store, comparison_folder
    from tasks.compare.sources import open_side

    opened = chosen_store(store)
    sides = [open_side(word, opened, root, partial) for word in (first, second)]
    # Imports the charts and torch: only once nothing can be refused any more.
    from tasks.compare.page import headline
    from tasks.compare.run import PAGE, compare_looks
    from tasks.publish.leases import reading

    folder = output or comparison_folder(sides[0].name, sides[1].name)
    published = [side.published for side in sides if side.published]
    with reading(*published), shown_progress():
        compared = compare_looks(
            sides[0], sides[1], folder, crops, seed, network, include_photographs
        )
    for line in headline(compared):
        typer.echo(line)
    typer.echo(f"Page: {folder / PAGE}")


@app.command()
def match(
    photographs: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="Crops of people, a sub-folder for each camera; or a list with the columns path "
            "and camera.",
        ),
    ],
    output: Annotated[Path, path_option("--output", "-o", help="The recipe's file.")],
    base: Annotated[str, typer.Option(help="A shipped recipe or a YAML file.")] = "unreal",
    root: Annotated[Path | None, path_option(help="Folder that a list's paths begin at.")] = None,
    not_test: Annotated[
        list[Path] | None,
        typer.Option(
            "--not-test",
            metavar="LIST",
            help="A list of a target or a targets.yaml, none of whose query and gallery may be "
            "among the crops; repeatable.",
        ),
    ] = None,
    report: Annotated[
        Path | None, path_option("--report", help="Folder of the report and of what is rendered.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of samples and grain.")] = 0,
    include_photographs: Annotated[
        bool,
        typer.Option(
            "--include-photographs",
            help="Show crops of the photographs in the pages, too, not in a local file alone.",
        ),
    ] = False,
) -> None:
    """Fit a recipe to unlabelled crops of your own cameras: what it makes looks like them."""
    from flows.console import say, shown_progress

    say(f"Matching {base} to {photographs} ...")
    from flows.places import match_folder
    from manifests.recipes_io import load_recipe
    from tasks.match.asked import Asked, name_for
    from tasks.match.bases import check_base
    from tasks.match.photographs import open_photographs
    from tasks.match.tested import refuse_tested

    recipe = load_recipe(base)
    check_base(recipe)
    folder = report or match_folder(name_for(output))
    seen = open_photographs(photographs, root, seed)
    refuse_tested(seen, not_test or [])
    asked = Asked(seen, recipe, output, folder, seed, include_photographs)
    if asked.is_done():
        typer.echo(f"Nothing to do: {output} was written for these pictures; see {folder}")
        return
    # Imports the charts and the engine: only once nothing can be refused any more.
    from tasks.match.page import headline
    from tasks.match.run import WEB_PAGE
    from tasks.match.run import match as carry_out

    with shown_progress():
        matched = carry_out(asked)
    for line in headline(matched):
        typer.echo(line)
    typer.echo(f"Recipe: {output}\nPage: {folder / WEB_PAGE}")
