"""The command line ``unrealperson``. Imports lazily, so that ``--help`` answers at once."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from manifests.errors import FactoryError

app = typer.Typer(
    name="unrealperson",
    help="A data factory for person re-identification: from a recipe to a measured model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
recipe_app = typer.Typer(help="Look at recipes and check them.", no_args_is_help=True)
assets_app = typer.Typer(help="Body data that people are made from.", no_args_is_help=True)
server_app = typer.Typer(help="The Prefect server of this machine.", no_args_is_help=True)
people_app = typer.Typer(help="Look at the people of a recipe.", no_args_is_help=True)
app.add_typer(recipe_app, name="recipe")
app.add_typer(assets_app, name="assets")
app.add_typer(server_app, name="server")
app.add_typer(people_app, name="people")
level_app = typer.Typer(help="Levels of your own games.", no_args_is_help=True)
app.add_typer(level_app, name="level")

RecipeOption = Annotated[
    str, typer.Option("--recipe", "-r", help="A shipped recipe's name or a YAML file.")
]
VariantOption = Annotated[
    list[str] | None,
    typer.Option(
        "--variant", "-v", help="Overlay: night, indoor, indoor-only, black-clothing; repeatable."
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Folder or s3://bucket/prefix (default: out/store)."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", "-w", min=1, help="Shards at a time (default: cores).")
]
WhereOption = Annotated[
    str,
    typer.Option("--where", help="local, or deployment: on the render work pool."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one recipe field, e.g. people.count=64; repeatable."),
]
DatasetArgument = Annotated[str, typer.Argument(help="Name of a published data set.")]
SnapshotOption = Annotated[
    int | None, typer.Option("--snapshot", min=1, help="Its snapshot (default: the newest).")
]
EndpointArgument = Annotated[
    str, typer.Argument(help="host:port, or the plugin's Unix socket (/tmp/unrealcv_PORT.socket).")
]
TargetOption = Annotated[
    str | None, typer.Option(help="Another data set: market1501, ..., or a CSV or Parquet file.")
]
RootOption = Annotated[Path | None, typer.Option(help="The target's unpacked folder.")]
PartialOption = Annotated[bool, typer.Option(help="Accept unofficial counts.")]
TrainingOption = Annotated[
    str, typer.Option("--training", "-t", help="A shipped training preset or a YAML file.")
]


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
def train(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    training: TrainingOption = "demo",
    initial: Annotated[
        Path | None, typer.Option(help="A model to fine-tune: its folder or model.pt.")
    ] = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the model, with --target.")
    ] = None,
    partial: PartialOption = False,
) -> None:
    """Train a model on a published data set, or on the training images of a target of yours."""
    from flows.model_commands import run_train, run_train_target

    if target is None:
        run_train(dataset, snapshot, store, training, initial)
    else:
        run_train_target(target, root, output, training, initial, partial)


@app.command()
def reproduce(
    tables: Annotated[list[str], typer.Argument(help="table2 to table5, fig4, fig5, or all.")],
    budget: Annotated[str, typer.Option(help="smoke, small or paper.")] = "smoke",
    target_folder: Annotated[
        list[str] | None,
        typer.Option(help="A real data set, e.g. market=~/data/market; repeatable."),
    ] = None,
    store: StoreOption = None,
    workers: WorkersOption = None,
    partial: PartialOption = False,
    pictures: Annotated[
        Path | None, typer.Option(help="Pictures that random clothes are cut from.")
    ] = None,
    worlds_only: Annotated[
        bool, typer.Option("--worlds-only", help="Build data; make no models.")
    ] = False,
) -> None:
    """Make the paper's tables again: on worlds held out from training, and on targets you have."""
    from flows.reproduce_commands import parse_request, run_reproduce

    request = parse_request(tables, budget, target_folder or [], store, partial)
    run_reproduce(request, workers, pictures, worlds_only)


@app.command()
def adapt(
    source: Annotated[str, typer.Argument(help="A published data set, with labels.")],
    target: Annotated[
        str, typer.Option("--to", help="A published data set, or with --root market1501, ….")
    ],
    root: Annotated[Path | None, typer.Option(help="The target's unpacked folder.")] = None,
    store: StoreOption = None,
    adaptation: Annotated[
        str, typer.Option("--adaptation", "-a", help="A shipped adaptation preset or a YAML file.")
    ] = "jvtc",
    initial: Annotated[
        Path | None, typer.Option(help="A model trained on the source, to start from.")
    ] = None,
    camstyle: Annotated[
        Path | None, typer.Option(help="Folder of the target's images in other cameras' styles.")
    ] = None,
    partial: Annotated[bool, typer.Option(help="Accept unofficial counts.")] = False,
) -> None:
    """Adapt a model to a data set without using its labels (JVTC, JVTC+)."""
    from flows.model_commands import run_adapt

    run_adapt(source, target, root, store, adaptation, initial, camstyle, partial)


@app.command()
def evaluate(
    dataset: Annotated[
        str | None, typer.Argument(help="A published data set; leave out with --target.")
    ] = None,
    model: Annotated[
        Path, typer.Option("--model", "-m", help="A trained model: its folder or model.pt.")
    ] = Path(),
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    target: TargetOption = None,
    root: RootOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the target's results.")
    ] = None,
    protocol: Annotated[str, typer.Option(help="standard or cloth-changing.")] = "standard",
    rerank: Annotated[bool, typer.Option(help="k-reciprocal re-ranking.")] = False,
    memory_mb: Annotated[
        float | None, typer.Option(min=0.001, help="Bound of the ranking's buffer.")
    ] = None,
    partial: PartialOption = False,
    embeddings: Annotated[bool, typer.Option(help="Also write all features.")] = False,
    statistics: Annotated[
        str, typer.Option(help="Test statistics: camera, or paper (as its code takes them).")
    ] = "camera",
) -> None:
    """Measure a model on its data set beside two baselines, or on a target of yours."""
    from flows.model_commands import MeasuringRequest, run_evaluate, run_evaluate_target

    asked = MeasuringRequest(protocol, rerank, memory_mb, embeddings, statistics)
    if target is None:
        run_evaluate(dataset, snapshot, store, model, asked)
    else:
        run_evaluate_target(model, target, root, output, asked, partial)


@app.command()
def verify(
    dataset: DatasetArgument, snapshot: SnapshotOption = None, store: StoreOption = None
) -> None:
    """Re-read a published data set: digests, images, counts, splits, duplicates."""
    from flows.commands import run_verify

    run_verify(dataset, snapshot, store)


@app.command()
def report(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", help="Also measure this model.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="HTML file.")] = None,
) -> None:
    """Write report.html: gallery, distributions and, with a model, how it ranks."""
    from flows.commands import run_report

    run_report(dataset, snapshot, store, model, output)


@app.command()
def inspect(
    dataset: DatasetArgument,
    store: StoreOption = None,
    shards: Annotated[
        bool, typer.Option("--shards", help="Also what each shard delivered and refused.")
    ] = False,
) -> None:
    """List the snapshots of a data set; the newest in full."""
    from flows.dataset_commands import run_inspect

    run_inspect(dataset, store, shards)


@app.command()
def trace(
    dataset: DatasetArgument,
    crop: Annotated[str, typer.Argument(help="A crop_key of its manifest.")],
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
) -> None:
    """Say where one crop came from: labels, shard, seeds, engine."""
    from flows.dataset_commands import run_trace

    run_trace(dataset, crop, snapshot, store)


@app.command()
def diff(
    dataset: DatasetArgument,
    old: Annotated[int, typer.Argument(min=1, help="A snapshot.")],
    new: Annotated[int, typer.Argument(min=1, help="Another.")],
    store: StoreOption = None,
) -> None:
    """Compare two snapshots of a data set."""
    from flows.dataset_commands import run_diff

    run_diff(dataset, old, new, store)


@app.command()
def cost(
    dataset: DatasetArgument,
    snapshot: SnapshotOption = None,
    store: StoreOption = None,
    people: Annotated[
        int, typer.Option(min=1, help="Also say what so many people would cost.")
    ] = 1_000_000,
    workers: Annotated[
        int, typer.Option(min=1, help="And how long a farm of so many workers would take.")
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Sum what a data set has cost: CPU-seconds by stage, bytes, memory; forecast a farm."""
    from flows.cost_commands import run_cost_of

    run_cost_of(dataset, snapshot, store, people, workers, as_json)


@app.command()
def gc(
    dataset: DatasetArgument,
    store: StoreOption = None,
    delete: Annotated[bool, typer.Option(help="Remove it; without this, only list it.")] = False,
    lease_hours: Annotated[
        float, typer.Option(min=0.0, help="Spare files younger than this.")
    ] = 24.0,
) -> None:
    """List what no claim and no snapshot names; remove it with --delete."""
    from flows.dataset_commands import run_gc

    run_gc(dataset, store, lease_hours, delete)


@app.command()
def export(
    dataset: DatasetArgument,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="market1501, msmt17, coco, imagefolder, tracklets, or coco-frames (whole frames "
            "of a build that kept them).",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="A new or empty folder.")],
    snapshot: SnapshotOption = None,
    camera: Annotated[
        list[str] | None, typer.Option("--camera", "-c", help="Only this one; repeatable.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write a data set in a layout that other programs read."""
    from flows.dataset_commands import run_export

    run_export(dataset, snapshot, store, form, output, camera)


@app.command()
def replay(
    render_id: Annotated[str, typer.Argument(help="A shard.")],
    frame: Annotated[int, typer.Argument(min=0, help="A frame of it.")],
    dataset: Annotated[str | None, typer.Option(help="Whose plan has the shard.")] = None,
    store: StoreOption = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("replay"),
) -> None:
    """Render one frame of a shard again, as a rejected frame's report asks for."""
    from flows.dataset_commands import run_replay

    run_replay(render_id, frame, dataset, store, output)


@app.command()
def probe(
    endpoint: EndpointArgument,
    contract: Annotated[
        str, typer.Option(help="person or unrealperson (default: the level's, else person).")
    ] = "",
    level: Annotated[
        Path | None, typer.Option("--level", "-l", help="The level's manifest.json.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", "-p", help="Where lit and mask are put.")
    ] = Path("probe.png"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Check a running game or engine against a contract (exit code 0: usable, 11: not yet,
    20: no UnrealCV server answers)."""
    from flows.game_commands import run_probe

    run_probe(endpoint, contract, level, picture, as_json)


@level_app.command("validate")
def level_validate(
    manifest: Annotated[Path, typer.Argument(help="A level's manifest.json.")],
) -> None:
    """Check a level's manifest: its form, its walks, what its cameras see."""
    from flows.game_commands import run_level_validate

    run_level_validate(manifest)


@level_app.command("schema")
def level_schema() -> None:
    """Print the JSON schema of level manifests."""
    from flows.game_commands import run_level_schema

    run_level_schema()


@level_app.command("record")
def level_record(
    endpoint: EndpointArgument,
    into: Annotated[Path, typer.Option("--into", "-i", help="Manifest to add to, or begin.")],
    name: Annotated[
        str | None, typer.Option(help="The level's name in recipes (default: the file's).")
    ] = None,
    once: Annotated[bool, typer.Option(help="Record the present view and end.")] = False,
    points: Annotated[
        str | None,
        typer.Option(help="Record places of actors with this prefix instead, e.g. TargetPoint."),
    ] = None,
    width: Annotated[float, typer.Option(min=60, help="Width of walks between points, cm.")] = 200,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder for a picture of each view.")
    ] = None,
) -> None:
    """Record camera poses of a running game: fly there, press Enter."""
    from flows.game_commands import run_level_record

    run_level_record(endpoint, into, name, once, points, width, pictures)


@people_app.command("gallery")
def people_gallery(
    recipe: RecipeOption = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="People to draw.")] = 40,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("people"),
) -> None:
    """Draw people front and back, the garment catalogue and look-alike groups."""
    from flows.commands import BuildRequest
    from flows.dataset_commands import run_people_gallery

    run_people_gallery(BuildRequest.parse(recipe, variant, set_).recipe, count, output)


@people_app.command("export")
def people_export(
    output: Annotated[Path, typer.Option("--output", "-o", help="A new or empty folder.")],
    form: Annotated[str, typer.Option("--format", "-f", help="glb, fbx or mhm.")] = "glb",
    recipe: RecipeOption = "demo",
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
    from flows.commands import BuildRequest
    from flows.people_commands import run_people_export

    run_people_export(
        BuildRequest.parse(recipe, variant, set_).recipe,
        output,
        form=form,
        count=count,
        indices=indices,
        outfit=outfit,
        level=level,
        texture_size=texture,
        root_motion=root_motion,
        blender=blender,
    )


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


@app.command()
def up(
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, help="Render workers (default: GPUs, else cores)."),
    ] = None,
) -> None:
    """Start a farm on this machine: Prefect server, pools, deployments and workers."""
    from flows.farm_commands import run_up

    run_up(workers)


@app.command()
def down(
    drain: Annotated[
        float, typer.Option(min=0, help="Seconds that running work may take to end.")
    ] = 600.0,
) -> None:
    """Drain and end the farm of this machine."""
    from flows.farm_commands import run_down

    run_down(drain)


@app.command()
def doctor() -> None:
    """Say what this machine lacks and how to get it."""
    from flows.commands import run_doctor

    run_doctor()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def engine(context: typer.Context) -> None:
    """Start the embedded engine, an UnrealCV server (all options: `unrealperson engine --help`)."""
    import os

    arguments = [sys.executable, "-m", "synth_workers.engine", *context.args]
    os.execv(sys.executable, arguments)  # the engine takes over this process, signals and all


@recipe_app.command("show")
def recipe_show(
    recipe: Annotated[str, typer.Argument(help="A shipped recipe's name or a YAML file.")] = "demo",
    variant: VariantOption = None,
    set_: SetOption = None,
) -> None:
    """Print a recipe in full, with every default and overlay applied."""
    from flows.commands import BuildRequest, show_recipe

    show_recipe(BuildRequest.parse(recipe, variant, set_))


@recipe_app.command("list")
def recipe_list() -> None:
    """Name the shipped recipes."""
    from manifests.recipes_io import load_recipe, shipped_recipes

    for name in shipped_recipes():
        typer.echo(f"{name:12s} {load_recipe(name).description}")


@assets_app.command("install")
def assets_install() -> None:
    """Fetch MakeHuman's CC0 body data and build our cache of it."""
    from synth_workers.people.assets import assets_installed, assets_path, install_assets

    if not assets_installed():
        install_assets()
    typer.echo(f"People data: {assets_path()}")


@server_app.command("start")
def server_start() -> None:
    """Start a Prefect server on this machine unless one answers."""
    from flows.local_server import find_or_start

    typer.echo(f"Prefect UI: {find_or_start().ui_url}")


@server_app.command("stop")
def server_stop() -> None:
    """Stop the Prefect server that this program started."""
    from flows.local_server import stop

    stopped = stop()
    typer.echo(f"Stopped {stopped.api_url}." if stopped else "No server of ours is running.")


@server_app.command("status")
def server_status() -> None:
    """Say which Prefect server answers."""
    from flows.local_server import find

    server = find()
    typer.echo(f"Prefect UI: {server.ui_url}" if server else "No Prefect server answers.")


def main() -> None:
    """Run the command line; errors of the factory become one message and their exit code."""
    # SIGTERM unwinds like Ctrl-C, so that workers and engines are ended in order.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        app()
    except FactoryError as error:
        typer.secho(f"{type(error).__name__}: {error}", fg="red", err=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
