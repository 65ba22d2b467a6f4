"""Commands that show scenes and worlds, and write them out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import path_option

app = typer.Typer()
scene_app = typer.Typer(help="Look at scenes, and at worlds of families.", no_args_is_help=True)
app.add_typer(scene_app, name="scene")

SceneArgument = Annotated[str, typer.Argument(help="A scene, or a world such as campus-17.")]


@scene_app.command("families")
def scene_families() -> None:
    """Print the families of scenes that there are."""
    from rich.console import Console

    from flows.console import plain_table
    from synth_workers.scenes.families.registry import FAMILIES

    rows = [(each.name, "indoor" if each.indoor else "", each.summary) for each in FAMILIES]
    Console().print(plain_table(("family", "", "what it is"), rows, words=3))


@scene_app.command("sample")
def scene_sample(
    family: Annotated[
        str | None, typer.Option("--family", "-f", help="Whose worlds (default: all families).")
    ] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Worlds, a row each.")] = 12,
    first: Annotated[int, typer.Option(min=0, help="Number of the first.")] = 0,
    light: Annotated[str, typer.Option(help="A light that all have, or: any.")] = "day",
    people: Annotated[int, typer.Option(min=0, max=255, help="People on their paths.")] = 30,
    output: Annotated[Path, path_option("--output", "-o", help="A .png or .jpg.")] = Path(
        "worlds.png"
    ),
) -> None:
    """Draw a sheet of pictures: a row for each world, one picture from each of its cameras."""
    from flows.console import say, shown_progress

    say("Drawing worlds ...")
    from manifests.recipes_io import load_recipe
    from synth_workers.people.looks.sampling import people_of
    from synth_workers.scene_sheets import draw_sheet, expect_picture, write_sheet
    from synth_workers.scenes.families.registry import FAMILIES
    from synth_workers.scenes.families.worlds import world_name

    expect_picture(output)
    of = FAMILIES.names if family is None else (FAMILIES.find(family).name,)
    names = [world_name(of[k % len(of)], first + k // len(of)) for k in range(count)]
    crowd = people_of(load_recipe("demo"), range(people))
    with shown_progress():
        write_sheet(output, draw_sheet(names, crowd, light=light, progress=_tell))
    typer.echo(f"{', '.join(names)} in {output}")


def _tell(done: int, total: int) -> None:
    from tasks.progress import Progress, report_progress

    report_progress(Progress("worlds", done, total, "worlds"))


@scene_app.command("show")
def scene_show(name: SceneArgument) -> None:
    """Print what a scene has: its cameras, its paths, its lights."""
    import numpy as np
    from rich.console import Console

    from flows.console import plain_table
    from synth_workers.scenes.library import load_scene

    scene = load_scene(name)
    spans = scene.walk.nodes[scene.walk.edges[:, 0]] - scene.walk.nodes[scene.walk.edges[:, 1]]
    metres = float(np.linalg.norm(spans, axis=1).sum()) / 100
    rows = [
        (
            camera.name,
            f"{camera.location[2] / 100:.1f} m",
            f"{-camera.rotation[0]:.0f}° down",
            f"{camera.fov:.0f}° wide",
        )
        for camera in scene.cameras
    ]
    typer.echo(
        f"{scene.name}: {'indoors' if scene.indoor else 'outdoors'}, version {scene.version:08x}, "
        f"{metres:.0f} m to walk, lights {', '.join(scene.lights)}"
    )
    Console().print(plain_table(("camera", "height", "pitch", "view"), rows, words=1))


@scene_app.command("write")
def scene_write(
    name: SceneArgument,
    output: Annotated[Path, path_option("--output", "-o", help="A .yaml file.")],
    to_name: Annotated[
        str | None, typer.Option("--name", help="What it is called there (for editing it).")
    ] = None,
) -> None:
    """Write a scene or a world as a scene file, e.g. to look into it or to go on by hand."""
    from manifests.whole_files import write_whole
    from synth_workers.scenes.library import read_scene
    from synth_workers.scenes.scene_text import renamed, scene_text

    scene = read_scene(name)
    written = scene if to_name is None else renamed(scene, to_name)
    write_whole(output, scene_text(written))
    typer.echo(f"{written.name} (version {written.version:08x}) in {output}")
