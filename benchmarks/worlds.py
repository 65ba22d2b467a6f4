"""Worlds without end: what they cost, and how different they look.

``python -m benchmarks.worlds`` prints as its last line one JSON object. ``families``: how many.
``world_cpu_s``: CPU-seconds of a world from nothing but painted textures: drawn, described, built,
its sky baked (``world_cpu_s_worst``: of the dearest; ``first_world_cpu_s``: of the first, nothing
cached; ``world_mb``: what is kept of the largest). ``frame_ratio``: CPU of a frame with 20 people
in worlds / in the street. ``rss_growth_mb``: of an engine between two visits of one world with
``--loads`` others between them. ``set_cost_ratio``: CPU per crop of `unreal` whose groups meet some
of the worlds (``--worlds-per-group`` of ``--set-worlds``) / the four scenes, worlds and textures
included. ``vendi_…``: effective number of different cameras (Vendi score: exponential of the
entropy of the eigenvalues of the cosine kernel, of ImageNet features of 64x64 patches of what a
camera sees without people). Features are counted from the middle between the means of scenes and of
worlds: from zero, where any two pictures point almost the same way (``mean_cosine``), a score says
little; it is told as ``uncentred_vendi_…``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.environment import variable

TAKES = "two hours; ten minutes with `--people 60 --most-worlds 34`"
SMOKE = (
    *("--parts", "worlds", "frames", "memory", "variety", "--sampled", "1", "--frames", "1"),
    *("--loads", "1", "--most-worlds", "2", "--few-worlds", "1"),
)

PARTS = ("worlds", "frames", "memory", "set", "variety")
_CACHE = variable("cache")
_SIZE = (1280, 720)
_PATCHES, _PATCH = 24, 64


def family_names() -> tuple[str, ...]:
    from synth_workers.scenes.families.registry import FAMILIES

    return FAMILIES.names


def spread(count: int) -> list[str]:
    """Names of ``count`` worlds, families in turn."""
    families = family_names()
    return [f"{families[k % len(families)]}-{k // len(families)}" for k in range(count)]


def world_costs(sampled: int) -> dict[str, float]:
    """Cost of ``sampled`` worlds of each family."""
    from synth_workers.engine.renderer import Renderer
    from synth_workers.scenes.cache import load_geometry
    from synth_workers.scenes.kept import scene_folder
    from synth_workers.scenes.library import load_scene

    renderer = Renderer("cpu")

    def made(name: str) -> float:
        began = time.process_time()
        load_scene(name)
        renderer.set_scene(load_geometry(name))
        return time.process_time() - began

    names = spread(sampled * len(family_names()))
    first = made("plaza-900")
    for name in names:  # textures are painted once and shared
        load_geometry(f"{name.partition('-')[0]}-{900 + int(name.partition('-')[2])}")
    seconds = {}
    for name in names:
        seconds[name] = made(name)
        print(f"{name}: {seconds[name]:.2f} CPU-s", flush=True)
    renderer.close()
    kinds = [scene_folder() / kind for kind in ("geometry", "sky", "worlds")]
    sizes = [[path.stat().st_size for path in kind.iterdir()] for kind in kinds]
    return {
        "world_cpu_s": round(statistics.mean(seconds.values()), 3),
        "world_cpu_s_worst": round(max(seconds.values()), 3),
        "first_world_cpu_s": round(first, 3),
        "world_mb": round(sum(max(of) for of in sizes) / 1e6, 2),
    }


def frame_ratio(folder: Path, sampled: int, frames: int) -> float:
    """Worlds and the street take turns in one engine, each seen by two of its cameras."""
    from benchmarks.engine import BenchEngine, arrange, crowd_file, measure
    from synth_workers.scenes.library import load_scene

    engine = BenchEngine("street", crowd_file(folder, 20), _SIZE)

    def cost(name: str) -> float:
        scene = load_scene(name)
        engine.ask([f"vset /action/game/level {name}"])
        engine.spawn(20)
        seconds = []
        for camera in scene.cameras[:2]:
            engine.aim(camera)
            places, _ = arrange(engine, scene, camera, 20)
            seconds.append(measure(engine, places, frames))
        print(f"frames in {name}: {statistics.mean(seconds) * 1e3:.0f} ms", flush=True)
        return statistics.mean(seconds)

    worlds, street = [], []
    for name in spread(sampled * len(family_names())):
        street.append(cost("street"))
        worlds.append(cost(name))
    engine.stop()
    return round(statistics.mean(worlds) / statistics.mean(street), 3)


def rss_growth_mb(folder: Path, loads: int) -> float:
    """What an engine has gained when it comes back to a world after ``loads`` others."""
    from benchmarks.engine import BenchEngine, crowd_file

    engine = BenchEngine("plaza-0", crowd_file(folder, 1), _SIZE)

    def visit(names: Iterable[str]) -> float:
        for name in names:
            engine.ask([f"vset /action/game/level {name}", "vget /camera/0/lit jpg"])
        return engine.rss_mb()

    warm = visit([*spread(len(family_names())), "plaza-0"])
    after = visit([*spread(loads), "plaza-0"])
    engine.stop()
    return round(after - warm, 1)


def set_cost_ratio(folder: Path, people: int, worlds: int, per_group: int) -> float:
    """CPU per published crop in worlds / in scenes, each built from an empty cache, its processes
    and theirs counted."""
    drawn = {
        "of": list(family_names()),
        "worlds": worlds,
        "worlds_per_group": per_group,
        "cameras_per_world": 4,
        "cameras_per_group": 2,
    }
    # Both at once, so that whatever else the machine does weighs on both alike.
    builds = {
        kind: _begin_build(folder / f"set-{kind}", changes | {"people.count": people})
        for kind, changes in (("scenes", {}), ("worlds", {"scenes": [drawn]}))
    }
    spent = {}
    for kind, begun in builds.items():
        assert begun.stdout is not None
        said = begun.stdout.read()
        _, status, usage = os.wait4(begun.pid, 0)
        begun.returncode = os.waitstatus_to_exitcode(status)
        if begun.returncode:
            raise subprocess.CalledProcessError(begun.returncode, begun.args)
        made = json.loads(said.strip().splitlines()[-1])
        spent[kind] = (usage.ru_utime + usage.ru_stime) / made["crops"]
        parts = ", ".join(f"{count} {what}" for what, count in made.items())
        print(f"{kind}: {spent[kind] * 1e3:.1f} CPU-ms a crop; {parts}", flush=True)
        shutil.rmtree(folder / f"set-{kind}")
    return round(spent["worlds"] / spent["scenes"], 3)


def _begin_build(place: Path, changes: dict[str, Any]) -> subprocess.Popen[str]:
    """A process that builds `unreal`, changed, from an empty cache; its last line is JSON."""
    cache = place / "cache"
    cache.mkdir(parents=True)
    _share_body(cache)
    begun = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worlds", "--build", str(place)],
        env=os.environ | {_CACHE: str(cache)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert begun.stdin is not None
    begun.stdin.write(json.dumps(changes))
    begun.stdin.close()
    return begun


def _share_body(cache: Path) -> None:
    from synth_workers.people.body.assets import require_assets

    assets = require_assets()
    shutil.copy(assets, cache / assets.name)


def build(place: Path, changes: dict[str, Any]) -> dict[str, int]:
    """Build `unreal`, changed: all its rounds, without Prefect. Returns how many crops are
    published, and what that took."""
    from flows.executors.processes import LocalProcesses
    from manifests.dataset import Dataset
    from manifests.recipes_io import load_recipe
    from manifests.stores import open_store
    from tasks.plan.planner import plan_build, plan_top_up
    from tasks.publish.candidates import ReadCrops, read_candidates
    from tasks.publish.publish import publish_dataset
    from tasks.publish.selection import missing_crops, seen_by
    from tasks.render.jobs import BuildPlace, run_people, run_shard

    recipe = load_recipe("unreal", changes | {"on_shortfall": "drop_person"})
    dataset = Dataset(recipe.name, open_store(place / "store"))
    where, known = BuildPlace(dataset, place / "work"), ReadCrops()
    plans, claims = [plan_build(recipe)], {}
    with LocalProcesses() as runner:
        run_people(list(range(recipe.people.count)), recipe, where, runner, lambda _: None)
        for number in range(1, recipe.max_rounds + 2):
            for shard in plans[-1].shards:
                claim = run_shard(shard, recipe, where, runner, lambda _: None)
                claims[claim.id] = claim
            found = read_candidates(dataset.store, claims, known)
            lacking = missing_crops(recipe, found)
            if not lacking or number > recipe.max_rounds:
                break
            plans.append(plan_top_up(recipe, plans[0], lacking, number, seen_by(found, lacking)))
    return {
        "crops": publish_dataset(recipe, dataset, plans, claims).crops,
        "frames": sum(claim.frames for claim in claims.values()),
        "shards": len(plans[0].shards),
        "shards of top-ups": sum(len(plan.shards) for plan in plans[1:]),
    }


def _unit(features: np.ndarray) -> np.ndarray:
    return features / np.linalg.norm(features, axis=1, keepdims=True)


def vendi(features: np.ndarray) -> float:
    """Effective number of different rows of (n, d) features."""
    unit = _unit(features)
    shares = np.linalg.eigvalsh(unit @ unit.T / len(unit))
    shares = shares[shares > 1e-12]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def variety(few: int, most: int) -> dict[str, float | None]:
    """Vendi scores of the cameras of the four scenes, and of worlds: one camera of each of ``few``
    of them, four of each of ``most``."""
    from synth_workers.scenes.library import load_scene, scene_names
    from synth_workers.stills import Scene
    from training.looks.network import network_at_hand

    network = network_at_hand()
    scenes = [(name, load_scene(name).camera_sets["all"]) for name in scene_names()]
    worlds = [(name, tuple(c.name for c in load_scene(name).cameras[:4])) for name in spread(most)]
    named = {"vendi_four_scenes": scenes, f"vendi_{most}_worlds": worlds}
    if network is None:
        return dict.fromkeys([*named, f"vendi_{few}_worlds"])
    rng = np.random.default_rng(7)
    with Scene("street", width=640, height=360) as scene:

        def seen(name: str, cameras: Sequence[str]) -> list[np.ndarray]:
            scene.enter(name)
            lights = scene.description.lights
            return [
                network.features(_patches(scene.render(camera, str(rng.choice(lights))).lit, rng))
                .mean(axis=0)
                for camera in cameras
            ]  # fmt: skip

        by_name = {
            kind: [seen(name, cameras) for name, cameras in places]
            for kind, places in named.items()
        }
    by_name[f"vendi_{few}_worlds"] = [of[:1] for of in by_name[f"vendi_{most}_worlds"][:few]]
    rows = {kind: np.array([f for of in found for f in of]) for kind, found in by_name.items()}
    origin = np.mean([rows[kind].mean(axis=0) for kind in named], axis=0)
    scores = {kind: vendi(features - origin) for kind, features in rows.items()}
    scores |= {f"uncentred_{kind}": vendi(features) for kind, features in rows.items()}
    alike = _unit(np.concatenate(list(rows.values())))
    scores["mean_cosine"] = float(np.linalg.norm(alike.mean(axis=0)) ** 2)
    return {kind: round(score, 2) for kind, score in scores.items()}


def _patches(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 64, 64, 3) uint8 cut out of a picture at random places of its lower three quarters."""
    height, width = picture.shape[:2]
    rows = rng.integers(height // 4, height - _PATCH, _PATCHES)
    columns = rng.integers(0, width - _PATCH, _PATCHES)
    return np.stack([picture[y : y + _PATCH, x : x + _PATCH] for y, x in zip(rows, columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--sampled", type=int, default=2, help="worlds of each family measured")
    parser.add_argument("--frames", type=int, default=3, help="measured per camera")
    parser.add_argument("--loads", type=int, default=50, help="of worlds, one after the other")
    parser.add_argument("--people", type=int, default=600, help="of the set whose cost is compared")
    parser.add_argument("--set-worlds", type=int, default=40, help="of that set")
    parser.add_argument("--worlds-per-group", type=int, default=4, help="that each group meets")
    parser.add_argument("--few-worlds", type=int, default=34)
    parser.add_argument("--most-worlds", type=int, default=200)
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        print(json.dumps(build(options.build, json.load(sys.stdin))))
        return
    if options.few_worlds >= options.most_worlds:
        parser.error("--few-worlds: the first of --most-worlds, so there must be fewer of them")
    calibration = calibration_cpu_s()
    result: dict[str, Any] = {"families": len(family_names())}
    with tempfile.TemporaryDirectory(prefix="unrealperson-worlds-") as name:
        folder = Path(name)
        measured: dict[str, Callable[[], dict[str, Any]]] = {
            "worlds": lambda: world_costs(options.sampled),
            "frames": lambda: {"frame_ratio": frame_ratio(folder, options.sampled, options.frames)},
            "memory": lambda: {"rss_growth_mb": rss_growth_mb(folder, options.loads)},
            "set": lambda: {
                "set_cost_ratio": set_cost_ratio(
                    folder, options.people, options.set_worlds, options.worlds_per_group
                )
            },
            "variety": lambda: variety(options.few_worlds, options.most_worlds),
        }
        _share_body_once(folder / "cache")
        for part in options.parts:
            result |= measured[part]()
    result["calibration_cpu_s"] = round((calibration + calibration_cpu_s()) / 2, 4)
    print(json.dumps(result))


def _share_body_once(cache: Path) -> None:
    """From here on an empty cache, but for the data of bodies, which are downloaded."""
    cache.mkdir()
    _share_body(cache)
    os.environ[_CACHE] = str(cache)


if __name__ == "__main__":
    main()
