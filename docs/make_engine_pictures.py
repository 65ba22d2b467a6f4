"""Draws the pictures of docs/engine.md: every scene in every light.

``python docs/make_engine_pictures.py`` writes ``docs/pictures/engine/<scene>_<light>.jpg``: what
the engine draws for a worker, with people of a shipped recipe on the scene's paths. Each light
is seen by another camera.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from manifests.recipes_io import load_recipe
from synth_workers.engine.commands import register_all
from synth_workers.engine.crowd import load_crowd
from synth_workers.engine.dialects import SUPERSET
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine, EngineSettings
from synth_workers.engine.levels import load_level
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import scene_names

FOLDER = Path(__file__).parent / "pictures" / "engine"
_SPACING = 90.0  # cm
_CLEARANCE = 300.0  # cm around every camera, or umbrellas fill pictures


def tell(engine: Engine, command: str) -> str | bytes:
    """Carry out a command that must not fail."""
    reply = engine.execute(command)
    if isinstance(reply, str) and reply.startswith("error"):
        raise CommandError(f"{command}: {reply}")
    return reply


def places(scene: SceneDescription, count: int, seed: int) -> list[tuple[np.ndarray, float]]:
    """Up to ``count`` places on the paths, a step apart, with the yaw along the path."""
    rng = np.random.default_rng([seed, count])
    graph = scene.walk
    cameras = np.array([camera.location for camera in scene.cameras])
    lengths = np.linalg.norm(
        graph.nodes[graph.edges[:, 1]] - graph.nodes[graph.edges[:, 0]], axis=1
    )
    found: list[tuple[np.ndarray, float]] = []
    for edge in rng.choice(len(graph.edges), 40 * count, p=lengths / lengths.sum()):
        start, end = graph.nodes[graph.edges[edge]]
        if rng.random() < 0.5:
            start, end = end, start
        way = (end - start)[:2] / max(float(np.linalg.norm((end - start)[:2])), 1e-6)
        aside = np.array([-way[1], way[0], 0.0]) * (rng.random() - 0.5) * graph.widths[edge]
        place = start + (end - start) * rng.random() + aside
        apart = all(np.linalg.norm((place - other)[:2]) > _SPACING for other, _ in found)
        if apart and (np.linalg.norm((cameras - place)[:, :2], axis=1) > _CLEARANCE).all():
            found.append((place, float(np.degrees(np.arctan2(way[1], way[0])))))
        if len(found) == count:
            break
    return found


def populate(engine: Engine, count: int, seed: int) -> None:
    """Put people of the engine's crowd onto the scene's paths, walking."""
    rng = np.random.default_rng([seed, 1])
    for i, (place, yaw) in enumerate(places(engine.level.description, count, seed)):
        x, y, z = place
        tell(engine, f"vset /objects/spawn BP_Person_C p{i}")
        tell(engine, f"vbp p{i} set_app {i % len(engine.crowd)}")
        tell(engine, f"vset /object/p{i}/location {x:.4f} {y:.4f} {z:.4f}")
        tell(engine, f"vset /object/p{i}/rotation 0 {yaw + rng.normal(0, 8):.4f} 0")
        tell(engine, f"vbp p{i} set_anim walk {rng.random():.4f}")


def aim(engine: Engine, camera: Camera) -> None:
    """Point camera 0 as a scene's camera points, with its look."""
    look = camera.look
    red, blue = look.white_balance
    tell(engine, "vset /camera/0/location {:.4f} {:.4f} {:.4f}".format(*camera.location))
    tell(engine, "vset /camera/0/rotation {:.4f} {:.4f} {:.4f}".format(*camera.rotation))
    tell(engine, f"vset /camera/0/fov {camera.fov:.4f}")
    tell(
        engine,
        f"vbp CameraPawn_0 set_look {look.exposure:.4f} {red:.4f} {blue:.4f} "
        f"{look.vignette:.4f} {look.noise:.4f} {look.blur:.4f} 85 1 1",
    )
    tell(engine, "vbp CameraPawn_0 set_lens {:.9f} {:.9f}".format(*camera.distortion))


def main() -> None:
    """Write ``<scene>_<light>.jpg`` for every scene and light into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--people", type=int, default=45)
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    recipe = load_recipe("demo")
    specs = sample_people(recipe.people, recipe.seed, range(options.people))
    cache = PeopleCache()
    cache.ensure(specs)
    settings = EngineSettings(options.width, options.height, supersampling=1.5)
    with tempfile.TemporaryDirectory() as folder:
        crowd_file = Path(folder) / "crowd.json"
        cache.write_crowd(specs, crowd_file)
        first, *_ = scene_names()
        engine = Engine(load_level, first, load_crowd(crowd_file), settings, SUPERSET)
        register_all(engine)
        for name in scene_names():
            engine.enter(name)
            populate(engine, options.people, seed=5)
            scene = engine.level.description
            for i, light in enumerate(scene.lights):
                tell(engine, f"vrun ce Light {light}")
                aim(engine, scene.cameras[i % len(scene.cameras)])
                path = options.folder / f"{name}_{light}.jpg"
                path.write_bytes(bytes(engine.execute("vget /camera/0/lit jpg")))  # type: ignore[arg-type]
                print(path, flush=True)
        engine.close()


if __name__ == "__main__":
    main()
