"""Commands that build data sets, alone or with a model."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli.options import (
    RecipeOption,
    SetOption,
    StoreOption,
    TrainingOption,
    VariantOption,
    WhereOption,
    WorkersOption,
)

app = typer.Typer()
recipe_app = typer.Typer(help="Look at recipes and check them.", no_args_is_help=True)
app.add_typer(recipe_app, name="recipe")


@app.command()
def demo(store: StoreOption = None, workers: WorkersOption = None) -> None:
    """Build the demo data set, train on it, measure the model and write a report."""
    from flows.commands import BuildRequest, run_factory

    run_factory(BuildRequest.parse("demo", store=store), workers, training="demo")


@app.command()
def factory(
    recipe: RecipeOption = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    training: TrainingOption = "demo",
    where: WhereOption = "local",
) -> None:
    """Build, train, evaluate and report: everything, for any recipe."""
    from flows.commands import BuildRequest, run_factory

    run_factory(BuildRequest.parse(recipe, variant, set_, store, where), workers, training)


@app.command()
def build(
    recipe: RecipeOption = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    where: WhereOption = "local",
) -> None:
    """Build and publish a data set; does nothing when the recipe is already published."""
    from flows.commands import BuildRequest, run_build

    run_build(BuildRequest.parse(recipe, variant, set_, store, where), workers)


@app.command()
def plan(
    recipe: RecipeOption = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
    cost: Annotated[bool, typer.Option("--cost", help="Size, bytes and CPU-hours.")] = False,
    people: Annotated[
        list[int] | None,
        typer.Option("--people", help="With --cost: for so many people; repeatable."),
    ] = None,
    cores: Annotated[int, typer.Option(min=1, help="With --cost: of the farm.")] = 64,
    gpu_images_per_second: Annotated[
        float | None,
        typer.Option(min=0.1, help="With --cost: what your GPU trains; adds GPU-hours."),
    ] = None,
) -> None:
    """Show the shards of a recipe, or with --cost what it will take, without starting anything."""
    from flows.commands import BuildRequest
    from flows.plan_commands import run_cost, run_plan

    request = BuildRequest.parse(recipe, variant, set_)
    if cost:
        run_cost(request, people or [], cores, gpu_images_per_second)
    else:
        run_plan(request)


@recipe_app.command("show")
def recipe_show(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name or a YAML file.")] = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
) -> None:
    """Print a recipe in full, with every default and overlay applied."""
    from flows.commands import BuildRequest
    from manifests.recipes_io import dump_recipe
    from synth_workers.people.looks.vocabulary import check_names

    asked = BuildRequest.parse(recipe, variant, set_).recipe
    check_names(asked.people)
    typer.echo(dump_recipe(asked, complete=True), nl=False)


@recipe_app.command("list")
def recipe_list() -> None:
    """Name the shipped recipes."""
    from manifests.recipes_io import load_recipe, shipped_recipes

    for name in shipped_recipes():
        typer.echo(f"{name:12s} {load_recipe(name).description}")
