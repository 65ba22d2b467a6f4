"""Commands that build data sets, alone or with a model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import (
    RecipeArgument,
    RecipeOption,
    SetOption,
    StoreOption,
    TrainingOption,
    VariantOption,
    WhereOption,
    WorkersOption,
    asked_recipe,
)
from manifests.errors import BadRecipe

if TYPE_CHECKING:
    from rich.table import Table

    from manifests.recipe import Recipe
    from tasks.plan.unit_costs import UnitCosts

app = typer.Typer()
recipe_app = typer.Typer(help="Look at recipes and check them.", no_args_is_help=True)
app.add_typer(recipe_app, name="recipe")


@app.command()
def demo(store: StoreOption = None, workers: WorkersOption = None) -> None:
    """Build the demo data set, train on it, measure the model and write a report."""
    factory(None, "demo", store=store, workers=workers)


@app.command()
def factory(
    which: RecipeArgument = None,
    recipe: RecipeOption = None,
    variant: VariantOption = None,
    set_: SetOption = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    training: TrainingOption = "demo",
    where: WhereOption = "local",
) -> None:
    """Build, train, evaluate and report: everything, for any recipe."""
    from flows.commands import BuildRequest, factory_run

    request = BuildRequest.parse(asked_recipe(which, recipe), variant, set_, store, where)
    run = factory_run(request, workers, training)
    from flows.summary import print_summary

    print_summary(run.outcome, request.dataset, run.costs, run.server, run.seconds)


@app.command()
def build(
    which: RecipeArgument = None,
    recipe: RecipeOption = None,
    variant: VariantOption = None,
    set_: SetOption = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    where: WhereOption = "local",
    verify: Annotated[
        bool, typer.Option("--verify", help="Also read all that is published, to the last byte.")
    ] = False,
) -> None:
    """Build and publish a data set; does nothing when the recipe is already published."""
    from flows.commands import BuildRequest, built

    request = BuildRequest.parse(asked_recipe(which, recipe), variant, set_, store, where)
    snapshot = built(request, workers, verify)
    typer.echo(
        f"Data set {snapshot.dataset}, snapshot {snapshot.number}: {snapshot.people} people, "
        f"{snapshot.crops} crops, content digest {snapshot.content_digest}, in "
        f"{request.store.address}"
    )


@app.command()
def plan(
    which: RecipeArgument = None,
    recipe: RecipeOption = None,
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
    from flows.console import say

    say(f"Planning {asked_recipe(which, recipe)} ...")
    from rich.console import Console

    from flows.commands import BuildRequest
    from tasks.plan.unit_costs import shipped_unit_costs

    asked = BuildRequest.parse(asked_recipe(which, recipe), variant, set_).recipe
    if not cost:
        Console().print(_shard_table(asked))
        return
    costs, counts = shipped_unit_costs(), people or [asked.people.count]
    if min(counts) < 1:
        raise BadRecipe(f"--people: must be at least 1; got {min(counts)}")
    Console().print(_cost_table(asked, costs, counts, cores, gpu_images_per_second))
    typer.echo(f"\nUnit costs: {costs.measured_by}; {costs.machine}.")


def _shard_table(recipe: Recipe) -> Table:
    """How many shards a recipe has, by scene and light."""
    from flows.console import plain_table
    from tasks.plan.planner import plan_build

    plan = plan_build(recipe)
    shards = Counter((shard.scene, shard.light) for shard in plan.shards)
    wanted: Counter[tuple[str, str]] = Counter()
    for shard in plan.shards:
        wanted[shard.scene, shard.light] += sum(wish.images for wish in shard.wanted)
    rows = [(*key, f"{count:,}", f"{wanted[key]:,}") for key, count in shards.items()]
    rows.append(("all", "", f"{len(plan.shards):,}", f"{sum(wanted.values()):,}"))
    return plain_table(("scene", "light", "shards", "wanted crops"), rows, words=2)


def _cost_table(
    recipe: Recipe, costs: UnitCosts, counts: list[int], cores: int, gpu_rate: float | None
) -> Table:
    """Size and cost of a recipe, a column for each number of people."""
    from flows.console import plain_table
    from tasks.plan.cost import estimate

    made = [
        estimate(
            recipe.model_copy(update={"people": recipe.people.model_copy(update={"count": count})}),
            costs,
        )
        for count in counts
    ]
    rows = [
        ("people", *(f"{e.people:,}" for e in made)),
        ("crops", *(f"{e.crops:,}" for e in made)),
        ("shards", *(f"{e.shards:,}" for e in made)),
        ("frames", *(f"{e.frames:,}" for e in made)),
        ("stored", *(_bytes(e.stored_bytes) for e in made)),
        *(
            (f"CPU-hours, {stage}", *(f"{e.cpu_hours[stage]:,.2f}" for e in made))
            for stage in made[0].cpu_hours
        ),
        ("CPU-hours in all", *(f"{e.total_cpu_hours:,.1f}" for e in made)),
        (f"hours on {cores} cores", *(f"{e.wall_hours(cores):,.1f}" for e in made)),
    ]
    if gpu_rate:
        epochs = 15
        hours = (epochs * e.crops / gpu_rate / 3600 for e in made)
        rows.append((f"GPU-hours, {epochs} epochs", *(f"{value:,.1f}" for value in hours)))
    return plain_table((recipe.name, *("" for _ in made)), rows)


def _bytes(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.2f} TB"


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
