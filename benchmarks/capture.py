"""Frames, crops and seconds of capture: ``python -m benchmarks.capture``.

Compares the frames that coverage asks for with a fixed schedule (every camera in turn takes
evenly spaced frames of people who wander about, as in UnrealPerson, CVPR 2021, section 3.4)
until everybody has as many acceptable crops as wanted. Acceptance is judged by the same
projected estimates for both. Then renders with the real engine: worker CPU per frame, accepted
crops per frame, and what two workers do in the time of one.

``--frames N`` renders N frames per worker, ``--quick`` leaves the second worker out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.recipe import Recipe
from manifests.recipes_io import load_recipe
from manifests.shards import ShardSpec
from synth_workers.contracts.person.capture import Run
from synth_workers.people.cache import PeopleCache
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import plan_capture
from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.visibility import Bodies, Views, observe
from synth_workers.planning.walk_net import walk_net
from synth_workers.planning.walkers import STEP_SECONDS
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.scenes.library import load_scene
from tasks.accounting import process_cpu_seconds
from tasks.annotate.shard import annotate_bundle
from tasks.plan.planner import plan_build
from tasks.render.shard import render_shard, shard_specs

TAKES = "five minutes"
SMOKE = ("--frames", "4", "--quick")

PEOPLE, IMAGES_PER_PERSON = 40, 18
FIXED_INTERVAL_SECONDS, FIXED_FRAMES_PER_CAMERA, MOST_FIXED_FRAMES = 2.0, 20, 6000
VIEWPOINTS = 8


def benchmark_recipe() -> Recipe:
    """A crowded street seen by all its cameras, otherwise as shipped."""
    return load_recipe(
        "demo",
        overrides={
            "people": {"count": PEOPLE},
            "scenes": [{"name": "street", "cameras": "all", "lights": ["day"]}],
            "images_per_person": IMAGES_PER_PERSON,
            "shards": {"people_per_shard": PEOPLE, "frames_per_shard": 1000},
        },
    )


@dataclass(frozen=True)
class Sighting:
    """One acceptable crop: whose, where, and how the body was seen."""

    person: int
    camera: int
    frame: int
    place: tuple[float, float]
    viewpoint: float


class Judge:
    """Finds the acceptable crops of a frame by projected estimates."""

    def __init__(self, recipe: Recipe, scene: SceneDescription, motions: list[PersonMotion]):
        self._recipe, self._scene, self._bodies = recipe, scene, Bodies.of(motions)

    def views(self, camera: Camera, positions: np.ndarray, yaw: np.ndarray) -> Views:
        """What the camera sees of everybody, (t, n)."""
        image, rules = self._recipe.image, self._recipe.annotation
        return observe(
            camera,
            image.width,
            image.height,
            positions,
            yaw,
            self._bodies,
            self._scene.obstacles,
            min_height=rules.min_height,
        )

    def sightings(
        self, camera: Camera, number: int, frame: int, positions: np.ndarray, yaw: np.ndarray
    ) -> list[Sighting]:
        """Acceptable crops of one frame; ``positions`` (n, 3), ``yaw`` (n,)."""
        rules = self._recipe.annotation
        seen = self.views(camera, positions[None], yaw[None])
        good = (
            (seen.height[0] >= rules.min_height)
            & (seen.visible[0] >= rules.min_visibility)
            & (seen.truncation[0] <= rules.max_truncation)
        )
        return [
            Sighting(
                int(person),
                number,
                frame,
                (float(positions[person, 0]), float(positions[person, 1])),
                float(seen.viewpoint[0, person]),
            )
            for person in np.nonzero(good)[0]
        ]


def fixed_schedule(
    judge: Judge, scene: SceneDescription, cameras: list[Camera], motions: list[PersonMotion]
) -> Iterator[list[Sighting]]:
    """Frame by frame what the fixed schedule sees: a camera's frames, then the next one's."""
    net = walk_net(scene.walk)
    everywhere = np.ones((len(motions), len(net.segments)))
    rng = np.random.default_rng([7, 7])
    stride = round(FIXED_INTERVAL_SECONDS / STEP_SECONDS)
    frame = 0
    while True:
        for number, camera in enumerate(cameras):
            seconds = FIXED_FRAMES_PER_CAMERA * FIXED_INTERVAL_SECONDS
            take: Take = walk(net, motions, everywhere, seconds, rng)
            for step in range(0, len(take.positions), stride):
                frame += 1
                yield judge.sightings(camera, number, frame, take.positions[step], take.yaw[step])


def frames_until_enough(frames: Iterator[list[Sighting]]) -> tuple[int, list[Sighting]]:
    """How many frames it takes until everybody has enough crops, and all crops until then."""
    counts, crops, rendered = np.zeros(PEOPLE, int), [], 0
    for sightings in frames:
        rendered += 1
        crops += sightings
        for sighting in sightings:
            counts[sighting.person] += 1
        if counts.min() >= IMAGES_PER_PERSON or rendered >= MOST_FIXED_FRAMES:
            break
    return rendered, crops


def quality(crops: list[Sighting]) -> dict[str, float]:
    """Cameras per person, entropy of viewpoints (bits) and share of near-duplicates of
    ``IMAGES_PER_PERSON`` crops per person, drawn evenly over cameras."""
    rng = np.random.default_rng([3, 3])
    by_person: dict[int, dict[int, list[Sighting]]] = defaultdict(lambda: defaultdict(list))
    for crop in crops:
        by_person[crop.person][crop.camera].append(crop)
    cameras, entropies, duplicates, total = [], [], 0, 0
    for of_camera in by_person.values():
        for series in of_camera.values():
            rng.shuffle(series)  # type: ignore[arg-type]
        chosen: list[Sighting] = []
        for turn in range(IMAGES_PER_PERSON):
            chosen += [series[turn] for series in of_camera.values() if turn < len(series)]
        chosen = chosen[:IMAGES_PER_PERSON]
        cameras.append(len({crop.camera for crop in chosen}))
        bins = [int(crop.viewpoint // (360 / VIEWPOINTS)) for crop in chosen]
        share = np.bincount(bins, minlength=VIEWPOINTS) / len(bins)
        entropies.append(float(-(share[share > 0] * np.log2(share[share > 0])).sum()))
        for position, crop in enumerate(chosen):
            total += 1
            duplicates += any(_near(crop, other) for other in chosen[:position])
    return {
        "cameras_per_person": round(float(np.mean(cameras)), 2),
        "viewpoint_entropy": round(float(np.mean(entropies)), 3),
        "near_duplicates": round(duplicates / total, 4),
    }


def _near(a: Sighting, b: Sighting) -> bool:
    apart = float(np.hypot(a.place[0] - b.place[0], a.place[1] - b.place[1]))
    turned = abs((a.viewpoint - b.viewpoint + 180) % 360 - 180)
    return a.camera == b.camera and apart < 75 and turned < 15


def compare_schedules(recipe: Recipe) -> dict[str, float]:
    """Both schedules on the same scene, cameras and people."""
    shard = plan_build(recipe).shards[0]
    scene = load_scene(shard.scene)
    cameras = [scene.camera(name) for name in shard.cameras]
    cache = PeopleCache()
    specs = shard_specs(shard, recipe.people)
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    judge = Judge(recipe, scene, motions)
    before = process_cpu_seconds()
    wanted = np.zeros((PEOPLE, len(cameras)), int)
    for wish in shard.wanted:
        wanted[wish.person, shard.cameras.index(wish.camera)] = wish.images
    plan = plan_capture(
        scene,
        cameras,
        motions,
        wanted,
        recipe.capture,
        width=recipe.image.width,
        height=recipe.image.height,
        max_frames=1000,
        seed=np.random.SeedSequence([5, 5]),
    )
    planning = process_cpu_seconds() - before
    planned = (
        judge.sightings(
            frame.camera,
            cameras.index(frame.camera),
            instant.number,
            np.array([pose.position for pose in instant.poses]),
            np.array([pose.yaw for pose in instant.poses]),
        )
        for instant in plan.instants
        for frame in instant.frames
    )
    frames_coverage, crops_coverage = frames_until_enough(planned)
    frames_fixed, crops_fixed = frames_until_enough(fixed_schedule(judge, scene, cameras, motions))
    return {
        "frames_fixed": frames_fixed,
        "frames_coverage": frames_coverage,
        "plan_cpu_ms_per_frame": round(1000 * planning / max(plan.frames, 1), 2),
        **{f"{name}_fixed": value for name, value in quality(crops_fixed).items()},
        **{f"{name}_coverage": value for name, value in quality(crops_coverage).items()},
    }


def render(recipe: Recipe, frames: int) -> dict[str, float]:
    """Render about ``frames`` frames with the real engine; figures of the capture phase."""
    shard: ShardSpec = plan_build(recipe).shards[0].model_copy(update={"max_frames": frames})
    first: list[tuple[float, float, int]] = []
    last: list[tuple[float, float, int]] = []

    def on_progress(run: Run) -> None:
        now = (time.monotonic(), time.process_time(), run.next_frame)
        first.append(now) if not first else None
        last[:] = [now]

    with tempfile.TemporaryDirectory() as folder:
        bundle = render_shard(shard, recipe.people, Path(folder), on_progress)
        specs = shard_specs(shard, recipe.people)
        crops = annotate_bundle(bundle.path, recipe.annotation, shard, specs).crops
    (began, cpu_began, frames_began), (ended, cpu_ended, frames_ended) = first[0], last[0]
    captured = max(frames_ended - frames_began, 1)
    heights = np.asarray(crops["box_y1"]) - np.asarray(crops["box_y0"])
    return {
        "began": began,
        "ended": ended,
        "frames": captured,
        "worker_cpu_ms_per_frame": 1000 * (cpu_ended - cpu_began) / captured,
        "engine_cpu_ms_per_frame": 1000 * bundle.cpu_seconds["engine"] / bundle.frames,
        "crops_per_frame": crops.num_rows / bundle.frames,
        "median_crop_height": float(np.median(heights)),
    }


def in_parallel(workers: int, frames: int) -> list[dict[str, float]]:
    """Figures of several workers that render at the same time, each a process of its own."""
    command = [sys.executable, "-m", "benchmarks.capture", "--worker", f"--frames={frames}"]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)
    ]
    outputs = [process.communicate()[0] for process in processes]
    return [json.loads(output.splitlines()[-1]) for output in outputs]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    recipe = benchmark_recipe()
    if options.worker:
        print(json.dumps(render(recipe, options.frames)))
        return
    result: dict[str, float] = compare_schedules(recipe)
    alone = in_parallel(1, options.frames)[0]
    names = ("crops_per_frame", "median_crop_height", "worker_cpu_ms_per_frame")
    result |= {name: round(alone[name], 2) for name in (*names, "engine_cpu_ms_per_frame")}
    if not options.quick:
        pair = in_parallel(2, options.frames)
        single = alone["frames"] / (alone["ended"] - alone["began"])
        both = sum(one["frames"] / (one["ended"] - one["began"]) for one in pair)
        result["parallel_efficiency_2"] = round(both / single, 3)
    print(json.dumps(result | {"calibration_cpu_s": round(calibration_cpu_s(), 3)}))


if __name__ == "__main__":
    main()
