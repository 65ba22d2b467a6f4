"""Commands that draw and write people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import (
    RecipeArgument,
    RecipeOption,
    SetOption,
    VariantOption,
    asked_recipe,
    choice,
    path_option,
)
from synth_workers.people.export.formats import FORMATS

app = typer.Typer()
people_app = typer.Typer(help="Look at the people of a recipe.", no_args_is_help=True)
app.add_typer(people_app, name="people")
assets_app = typer.Typer(help="Body data that people are made from.", no_args_is_help=True)
app.add_typer(assets_app, name="assets")


@people_app.command("gallery")
def people_gallery(
    which: RecipeArgument = None,
    recipe: RecipeOption = None,
    variant: VariantOption = None,
    set_: SetOption = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="People to draw.")] = 40,
    output: Annotated[Path, path_option("--output", "-o", help="Folder.")] = Path("people"),
) -> None:
    """Draw people front and back, the garment catalogue and look-alike groups."""
    from flows.console import say, shown_progress

    say(f"Drawing {count} people ...")
    from flows.commands import BuildRequest

    asked = BuildRequest.parse(asked_recipe(which, recipe), variant, set_).recipe
    from synth_workers.people_gallery import write_gallery

    with shown_progress():
        written = write_gallery(output, asked.people, asked.seed, count, progress=_tell)
    for path in written:
        typer.echo(path)


@people_app.command("export")
def people_export(
    output: Annotated[Path, path_option("--output", "-o", help="A new or empty folder.")],
    form: Annotated[
        str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS.names)}.")
    ] = "glb",
    recipe: RecipeOption = None,
    variant: VariantOption = None,
    set_: SetOption = None,
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help="The first N (default: all).")
    ] = None,
    indices: Annotated[
        str | None, typer.Option("--indices", help="Which people instead, e.g. 0,4,10-12.")
    ] = None,
    outfit: Annotated[int, typer.Option(min=0, help="Which of their outfits.")] = 0,
    level: Annotated[int, typer.Option(help="Level of detail, 0 (finest) to 3.")] = 0,
    texture: Annotated[int, typer.Option(help="Texels of the picture's side.")] = 1024,
    root_motion: Annotated[
        bool, typer.Option("--root-motion", help="Walks move the root bone.")
    ] = False,
    blender: Annotated[
        str | None,
        typer.Option(help="For fbx: Blender, or a Python with bpy (UNREALPERSON_BPY_PYTHON)."),
    ] = None,
) -> None:
    """Write people for other programs: rigged, textured and animated (glb, fbx), or MakeHuman's."""
    from flows.console import say, shown_progress

    say(f"Writing people as {form} ...")
    from flows.commands import BuildRequest
    from manifests.errors import BadRecipe

    asked = BuildRequest.parse(asked_recipe(None, recipe), variant, set_).recipe
    choice("--format", form, FORMATS.names)
    if count is not None and indices is not None:
        raise BadRecipe("--count and --indices both say which people; give one of them")
    from synth_workers.people.export.exporter import ExportOptions
    from synth_workers.people.export.people import export_people, parse_indices

    people = list(range(count or asked.people.count)) if indices is None else parse_indices(indices)
    options = ExportOptions(
        format=form,
        outfit=outfit,
        level=level,
        texture_size=texture,
        root_motion=root_motion,
        blender=blender,
    )
    with shown_progress():
        listed = export_people(asked.people, asked.seed, people, output, options, _tell)
    typer.echo(f"{len(people)} people as {form} in {output}, listed in {listed.name}")


def _tell(done: int, total: int) -> None:
    from tasks.progress import Progress, report_progress

    report_progress(Progress("people", done, total, "people"))


@assets_app.command("install")
def assets_install() -> None:
    """Fetch MakeHuman's CC0 body data and build our cache of it."""
    from synth_workers.people.body.assets import assets_installed, assets_path, install_assets

    if not assets_installed():
        install_assets()
    typer.echo(f"People data: {assets_path()}")
