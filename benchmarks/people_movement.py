"""What the profiles of movement do and cost: ``python -m benchmarks.people_movement``.

The last line is one JSON object: for each profile the ``speed`` at which adults walk, mean and
deviation in m/s, shares of people with ``things`` for both hands and telephones; and, measured
in turns, CPU-ms to build and store a person (``build_ms``), kB kept (``kilobytes``), and CPU-ms to
draw a frame of 1280x720 with these people (``frame_ms``).
``slide``: mean speed of sole points that bear weight, as a share of the clip's speed, of each clip
that moves. ``plans``: for nobody, people who sit and riders, asked for as ``ASKED`` has it, the
frames of a shard of the scene ``plaza`` with these people, three crops of each in each of four
cameras, the share of its planned crops that show them, and CPU-s to plan it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.calibration import calibration_cpu_s
from manifests.capture_rules import CaptureRules
from manifests.people import PeopleRecipe
from synth_workers.people.assembly import PersonBuilder
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.body.rig import Rig
from synth_workers.people.cache import PeopleCache
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.looks.movement import MOVEMENTS
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.motion.activities import build_clips
from synth_workers.people.motion.clips import walk_clip
from synth_workers.people.motion.posing import carried
from synth_workers.people.person import Clip
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import Place, accessories_at
from synth_workers.planning.coverage import plan_capture
from synth_workers.scenes.library import load_scene
from synth_workers.stills import Scene

TAKES = "five minutes"
SMOKE = ("--people", "4", "--counted", "10", "--frames", "1")

SEED = 7
ADULT = (18, 65)
ASKED: dict[str, dict[str, object]] = {
    "nobody": {},
    "sit": {"activities": {"sit": 0.3}},
    "ride": {"activities": {"ride": 0.7}, "accessories": {"bicycle": 0.3}},
}


def main() -> None:
    """Count, build, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=24, help="who are built and drawn")
    parser.add_argument("--counted", type=int, default=600, help="specs, for shares and speeds")
    parser.add_argument("--frames", type=int, default=8, help="of each profile")
    options = parser.parse_args()
    data = BodyData.load()
    builder = PersonBuilder(data, GarmentCatalogue(data))
    crowds = {name: _crowd(name, options.counted) for name in MOVEMENTS}
    few = {name: specs[: options.people] for name, specs in crowds.items()}
    figures: dict[str, object] = {name: _counted(specs, builder) for name, specs in crowds.items()}
    figures |= _built(few, builder) | _drawn(few, options.frames)
    figures["plans"] = {name: _planned(name, options.people) for name in ASKED}
    figures["slide"] = _slides(few["lively"], builder)
    print(json.dumps({**figures, "calibration_cpu_s": calibration_cpu_s()}))


def _crowd(movement: str, count: int) -> list[PersonSpec]:
    recipe = PeopleRecipe(count=count, movement=movement, dress="street", look_alikes=0)
    return sample_people(recipe, SEED, range(count))


def _counted(specs: Sequence[PersonSpec], builder: PersonBuilder) -> dict[str, object]:
    adults = [spec for spec in specs if ADULT[0] <= spec.body.age <= ADULT[1]][:60]
    clips = [walk_clip(spec.gait, Rig.from_body(builder.body(spec))) for spec in adults]
    speeds = [float(clip.travel[-1]) / clip.seconds for clip in clips]
    things = [row.name for row in accessories_at(Place.arms)] + ["phone"]
    worn = [{accessory.kind for accessory in spec.accessories} for spec in specs]
    has = {kind: np.mean([kind in kinds for kinds in worn]) for kind in things}
    return {
        "speed": [round(float(value), 2) for value in (np.mean(speeds), np.std(speeds))],
        "things": {kind: round(float(share), 4) for kind, share in has.items()},
    }


def _built(few: dict[str, list[PersonSpec]], builder: PersonBuilder) -> dict[str, object]:
    spent: dict[str, list[float]] = defaultdict(list)
    size: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        cache = PeopleCache(Path(folder))
        for turn in zip(*few.values()):
            for name, spec in zip(few, turn):
                builder.build(spec)  # makes the templates that it needs
                began = time.process_time()
                cache.store(spec.digest(), builder.build(spec))
                spent[name].append(1000 * (time.process_time() - began))
                size[name].append(cache.path(spec.digest()).stat().st_size / 1000)
    return {
        "build_ms": {name: round(float(np.mean(ms)), 1) for name, ms in spent.items()},
        "kilobytes": {name: round(float(np.mean(kb))) for name, kb in size.items()},
    }


def _drawn(few: dict[str, list[PersonSpec]], frames: int) -> dict[str, object]:
    spent: dict[str, list[float]] = defaultdict(list)
    for name in [*few] * 2:
        with Scene("street", few[name], seed=3) as scene:
            cameras = [camera.name for camera in scene.description.cameras]
            for number in range(frames + 1):
                began = time.process_time()
                scene.render(cameras[number % len(cameras)])
                if number:
                    spent[name].append(1000 * (time.process_time() - began))
    return {"frame_ms": {name: round(float(np.median(ms)), 1) for name, ms in spent.items()}}


def _planned(name: str, count: int) -> dict[str, float]:
    recipe = PeopleRecipe.model_validate(
        {"count": count, "movement": "street", "dress": "street", **ASKED[name]}
    )
    specs, cache, scene = (
        sample_people(recipe, SEED, range(count)),
        PeopleCache(),
        load_scene("plaza"),
    )
    cache.ensure(specs)
    motions = [cache.motion(spec.digest()) for spec in specs]
    began = time.process_time()
    plan = plan_capture(
        scene, scene.cameras[:4], motions, np.full((count, 4), 3), CaptureRules(),
        width=1280, height=720, max_frames=400, seed=np.random.SeedSequence(SEED),
    )  # fmt: skip
    spent = time.process_time() - began
    shown = [
        pose.animation == name
        for instant in plan.instants
        for frame in instant.frames
        for pose, expected in zip(instant.poses, frame.expected)
        if expected is not None and expected.wanted
    ]
    return {
        "frames": plan.frames,
        "share": round(float(np.mean(shown)), 3),
        "plan_s": round(spent, 2),
    }


def _slides(specs: Sequence[PersonSpec], builder: PersonBuilder) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for spec in specs:
        rig = Rig.from_body(builder.body(spec))
        for name, clip in build_clips(spec.gait, rig).items():
            if clip.travel[-1]:
                found[name].append(_slide(clip, rig))
    return {name: round(float(np.mean(shares)), 4) for name, shares in found.items()}


def _slide(clip: Clip, rig: Rig) -> float:
    bones = np.concatenate([clip.bones, clip.bones[:1]]).astype(float)
    soles = np.concatenate([carried(sole, bones) for sole in rig.soles], axis=1)
    soles[..., 2] += clip.travel[:, None]
    step = np.diff(soles, axis=0)
    down = (soles[:-1, :, 1] < 0.004) & (soles[1:, :, 1] < 0.004)
    moved = np.hypot(step[..., 0], step[..., 2])[down]
    return float(moved.mean() / (clip.travel[-1] / len(clip.bones)))


if __name__ == "__main__":
    main()
