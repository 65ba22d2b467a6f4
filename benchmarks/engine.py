"""What one frame of the embedded engine costs: ``python -m benchmarks.engine``.

For every shipped camera and light, people are put where each covers at least 2,000 pixels;
then frames are asked for as a worker does: poses, camera look, lit JPEG, palette-PNG mask, over
the protocol. Figures are CPU seconds (user + system) of the engine process per frame. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import unrealcv

from benchmarks.calibration import calibration_cpu_s
from manifests.recipes_io import load_recipe
from synth_workers.coordinates import project
from synth_workers.people.cache import PeopleCache
from synth_workers.people.looks.sampling import sample_people
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import load_scene, scene_names

TAKES = "half an hour; two minutes with `--views 1 --frames 1`"
SMOKE = ("--views", "1", "--frames", "1", "--only-20")

CROWD = 40
PIXELS = 2000
_ROUNDS = 12
_SPACING = 75.0  # cm between people


@dataclass(frozen=True)
class Place:
    """Where somebody stands, cm and degrees."""

    location: tuple[float, float, float]
    yaw: float


class BenchEngine:
    """One engine process and its client."""

    def __init__(self, scene: str, crowd: Path, size: tuple[int, int]) -> None:
        self.size = size
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "synth_workers.engine", "--scene", scene),
                *("--crowd", str(crowd), "--port", "0"),
                *("--width", str(size[0]), "--height", str(size[1])),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        port = 0
        for line in self._process.stdout:
            if line.startswith("GL_RENDERER"):
                self.renderer = line.split(": ", 1)[1].strip()
            if line.startswith("Start listening on "):
                port = int(line.rsplit(" ", 1)[1])
                break
        if not port:
            raise RuntimeError(f"the engine of {scene} ended with code {self._process.wait()}")
        self._monitor = psutil.Process(self._process.pid)
        self.client = unrealcv.Client(("127.0.0.1", port))
        self.client._command_capabilities_checked = True  # pyright: ignore[reportPrivateUsage]
        if not self.client.connect():
            raise RuntimeError("the engine did not greet")

    def cpu(self) -> float:
        times = self._monitor.cpu_times()
        return times.user + times.system

    def rss_mb(self) -> float:
        return self._monitor.memory_info().rss / 1e6

    def ask(self, commands: list[str]) -> list[str | bytes]:
        replies = self.client.request(commands)
        for command, reply in zip(commands, replies):
            if isinstance(reply, str) and reply.startswith("error"):
                raise RuntimeError(f"{command}: {reply}")
        return replies

    def spawn(self, count: int) -> None:
        for i in range(count):
            self.ask([f"vset /objects/spawn BP_Person_C p{i}"])
            red, green, blue = 40 + i * 5, 250 - i * 5, (i * 37) % 200 + 40
            self.ask([f"vbp p{i} set_app {i}", f"vset /object/p{i}/color {red} {green} {blue}"])

    def aim(self, camera: Camera) -> None:
        look = " ".join(f"{value:.4f}" for value in camera.look.numbers())
        self.ask(
            [
                "vset /camera/0/location {:.4f} {:.4f} {:.4f}".format(*camera.location),
                "vset /camera/0/rotation {:.4f} {:.4f} {:.4f}".format(*camera.rotation),
                f"vset /camera/0/fov {camera.fov:.4f}",
                f"vbp CameraPawn_0 set_look {look} 95 1 1",
                "vbp CameraPawn_0 set_lens {:.9f} {:.9f}".format(*camera.distortion),
            ]
        )

    def frame(self, places: list[Place], phase: float, truth: bool = False) -> list[dict]:
        commands = []
        for i, place in enumerate(places):
            x, y, z = place.location
            step = (phase + i * 0.13) % 1.0
            commands += [
                f"vset /object/p{i}/location {x:.4f} {y:.4f} {z:.4f}",
                f"vset /object/p{i}/rotation 0 {place.yaw:.4f} 0",
                f"vbp p{i} set_anim walk {step:.4f}",
            ]
        commands += ["vget /camera/0/lit jpg", "vget /camera/0/object_mask png"]
        if truth:
            commands.append("vget /camera/0/people")
        replies = self.ask(commands)
        return json.loads(replies[-1])["people"] if truth else []

    def stop(self) -> None:
        self.client.disconnect()
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()


def crowd_file(folder: Path, count: int) -> Path:
    """A file with the first ``count`` people of the recipe `demo`, as engines are started with."""
    recipe = load_recipe("demo")
    specs = sample_people(recipe.people, recipe.seed, range(count))
    cache = PeopleCache()
    cache.ensure(specs)
    path = folder / "crowd.json"
    cache.write_crowd(specs, path)
    return path


def candidates(
    scene: SceneDescription, camera: Camera, size: tuple[int, int], rng: np.random.Generator
) -> list[Place]:
    """Random places on the walkable graph that the camera sees large enough."""
    graph = scene.walk
    found: list[Place] = []
    for _ in range(4000):
        edge = int(rng.integers(len(graph.edges)))
        start, end = graph.nodes[graph.edges[edge]]
        way = (end - start)[:2]
        across = np.array([-way[1], way[0], 0.0]) / max(float(np.linalg.norm(way)), 1e-6)
        place = start + (end - start) * rng.random()
        place = place + across * (rng.random() - 0.5) * graph.widths[edge]
        feet, head = project(
            [place, place + [0, 0, 170]],
            camera.location,
            camera.rotation,
            camera.fov,
            *size,
            camera.distortion,
        )
        inside = 30 < feet[0] < size[0] - 30 and head[1] > 5 and feet[1] < size[1] - 5
        if inside and feet[1] - head[1] > 105 * size[0] / 1280:
            x, y, z = (float(v) for v in place)
            found.append(Place((x, y, z), float(rng.uniform(0, 360))))
    return found


def arrange(
    engine: BenchEngine, scene: SceneDescription, camera: Camera, count: int
) -> tuple[list[Place], int]:
    """Places of ``count`` people, and how many of those cover enough pixels."""
    rng = np.random.default_rng([11, count, len(camera.name), engine.size[0]])
    pool = candidates(scene, camera, engine.size, rng)
    chosen: list[Place] = []
    best: tuple[list[Place], int] = ([], -1)
    for _ in range(_ROUNDS):
        for place in pool:
            if len(chosen) == count:
                break
            far = all(
                np.hypot(*np.subtract(place.location, other.location)[:2]) > _SPACING
                for other in chosen
            )
            if far:
                chosen.append(place)
        while len(chosen) < count:  # a place too small to keep everybody apart
            chosen.append(pool[int(rng.integers(len(pool)))] if pool else _nowhere(scene))
        visible = {p["name"]: p["visible"] for p in engine.frame(chosen, 0.0, truth=True)}
        enough = [visible.get(f"p{i}", 0) >= PIXELS for i in range(count)]
        if sum(enough) > best[1]:
            best = (list(chosen), sum(enough))
        if all(enough):
            break
        chosen = [place for place, good in zip(chosen, enough) if good]
        rng.shuffle(pool)  # type: ignore[arg-type]
    return best


def _nowhere(scene: SceneDescription) -> Place:
    x, y, z = (float(v) for v in scene.walk.nodes[0])
    return Place((x, y, z), 0.0)


def measure(engine: BenchEngine, places: list[Place], frames: int) -> float:
    """CPU seconds of the engine per frame."""
    engine.frame(places, 0.5)
    before = engine.cpu()
    for i in range(frames):
        engine.frame(places, i / 48)
    return (engine.cpu() - before) / frames


def sweep(
    crowd: Path, count: int, size: tuple[int, int], frames: int, views: int | None
) -> tuple[list[float], list[int], str]:
    """Seconds per frame and well-visible people for every camera x light of every scene.

    ``views``: only so many cameras of each scene, and its first and last light.
    """
    seconds: list[float] = []
    visible: list[int] = []
    renderer = ""
    for name in scene_names():
        scene = load_scene(name)
        engine = BenchEngine(name, crowd, size)
        renderer = engine.renderer
        engine.spawn(count)
        lights = scene.lights if views is None else (scene.lights[0], scene.lights[-1])
        for camera in scene.cameras[:views]:
            engine.ask([f"vrun ce Light {scene.lights[0]}"])
            engine.aim(camera)
            places, enough = arrange(engine, scene, camera, count)
            row = []
            for light in lights:
                engine.ask([f"vrun ce Light {light}"])
                row.append(measure(engine, places, frames))
            seconds += row
            visible.append(enough)
            print(
                f"{count} people {size[0]}x{size[1]} {camera.name}: {enough} well visible, "
                + ", ".join(f"{light} {cost * 1e3:.0f} ms" for light, cost in zip(lights, row)),
                flush=True,
            )
        engine.stop()
    return seconds, visible, renderer


def growth(crowd: Path, frames: int) -> tuple[float, float]:
    """Resident MB after warm-up and its growth over ``frames`` frames."""
    name = scene_names()[0]
    scene = load_scene(name)
    engine = BenchEngine(name, crowd, (1280, 720))
    engine.spawn(20)
    engine.aim(scene.cameras[0])
    places, _ = arrange(engine, scene, scene.cameras[0], 20)
    for i in range(2 * len(scene.cameras)):  # what is kept per camera has to be there first
        engine.aim(scene.cameras[i % len(scene.cameras)])
        engine.frame(places, i / 48)
    before = engine.rss_mb()
    for i in range(frames):
        engine.aim(scene.cameras[i % len(scene.cameras)])
        engine.frame(places, i / 48)
    after = engine.rss_mb()
    engine.stop()
    return before, after - before


def round_trip(crowd: Path) -> float:
    """Median microseconds of one text command with the official client."""
    engine = BenchEngine(scene_names()[0], crowd, (1280, 720))
    times = []
    for _ in range(2000):
        started = time.perf_counter()
        engine.client.request("vget /unrealcv/echo x")
        times.append(time.perf_counter() - started)
    engine.stop()
    return statistics.median(times) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=3, help="measured per camera and light")
    parser.add_argument("--growth-frames", type=int, default=2000)
    parser.add_argument("--views", type=int, help="cameras per scene, two lights each: a sample")
    parser.add_argument("--only-20", action="store_true", help="720p with 20 people, nothing else")
    options = parser.parse_args()
    calibration = calibration_cpu_s()
    with tempfile.TemporaryDirectory() as folder:
        crowd = crowd_file(Path(folder), CROWD)
        small, visible, renderer = sweep(crowd, 20, (1280, 720), options.frames, options.views)
        result: dict[str, object] = {
            "cpu_s_720p_20": round(statistics.mean(small), 4),
            "cpu_s_720p_20_worst": round(max(small), 4),
            "well_visible_of_20": round(statistics.mean(visible), 2),
        }
        if not options.only_20:
            many, visible, _ = sweep(crowd, 40, (1280, 720), options.frames, options.views)
            large, _, _ = sweep(crowd, 40, (1920, 1080), options.frames, options.views)
            result["cpu_s_720p_40"] = round(statistics.mean(many), 4)
            result["cpu_s_1080p_40"] = round(statistics.mean(large), 4)
            result["well_visible_of_40"] = round(statistics.mean(visible), 2)
            rss, grown = growth(crowd, options.growth_frames)
            result["rss_mb"] = round(rss, 1)
            result["rss_growth_mb_2000"] = round(grown * 2000 / options.growth_frames, 2)
        result["round_trip_us"] = round(round_trip(crowd), 1)
        result["renderer"] = renderer
        result["calibration_cpu_s"] = round((calibration + calibration_cpu_s()) / 2, 4)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
