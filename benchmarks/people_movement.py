"""What the profiles of movement do and cost: ``python -m benchmarks.people_movement``.

The last line is one JSON object: for each profile the ``speed`` at which adults walk, mean and
deviation in m/s, shares of people with ``things`` for both hands and telephones; and, measured
in turns, CPU-ms to build and store a person (``build_ms``), kB kept (``kilobytes``), and CPU-ms to
draw a frame of 1280x720 with these people (``frame_ms``).
``slide``: mean speed of sole points that bear weight, as a share of the clip's speed, of each clip
that moves. ``plans``: for nobody, people who sit, riders and people who get up, asked for as
``ASKED`` has it, the frames of a shard of the scene ``plaza`` with these people, three crops of
each in each of four cameras, the share of its planned crops that show them, and CPU-s to plan it.
``pushed``:
``PUSHERS`` people with prams and bicycles among ``CROWD`` in ``plaza``, once with planning that
knows how long those are and once with one that does not: the share of the moments of those who push
in which somebody else is ``inside``, i.e. nearer than 16 cm, and CPU-s to walk a minute.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
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
from synth_workers.people.person import NOTHING_PUSHED, Clip
from synth_workers.people.spec import PersonSpec
from synth_workers.people.worn.accessories.registry import ACCESSORIES, Place, accessories_at
from synth_workers.planning.coverage import plan_capture
from synth_workers.planning.trajectories import Take, walk
from synth_workers.planning.walk_net import walk_net
from synth_workers.scenes.library import load_scene
from synth_workers.stills import Scene

TAKES = "five minutes"
SMOKE = ("--people", "4", "--counted", "10", "--frames", "1")

SEED = 7
CROWD, PUSHERS, INSIDE_CM, TAKES_WALKED = 40, 6, 16.0, 3
ADULT = (18, 65)
ASKED: dict[str, dict[str, object]] = {
    "nobody": {},
    "sit": {"activities": {"sit": 0.3}},
    "ride": {"activities": {"ride": 0.7}, "accessories": {"bicycle": 0.3}},
    "get_up": {"activities": {"get_up": 0.2, "sit_down": 0.2}},
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
    figures["pushed"] = {name: _pushed(name == "known") for name in ("unknown", "known")}
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


def _pushed(known: bool) -> dict[str, float]:
    nothing = dict.fromkeys(ACCESSORIES.names, 0.0)
    having = [{**nothing, "pram": 0.5, "bicycle": 0.5}] * PUSHERS + [nothing] * (CROWD - PUSHERS)
    specs = [
        sample_people(PeopleRecipe(count=1, accessories=worn, look_alikes=0), SEED, [index])[0]
        for index, worn in enumerate(having)
    ]
    cache, net = PeopleCache(), walk_net(load_scene("plaza").walk)
    cache.ensure(specs)
    real = [cache.motion(spec.digest()) for spec in specs]
    told = real if known else [replace(each, pushed_cm=NOTHING_PUSHED) for each in real]
    inside: list[float] = []
    began = time.process_time()
    for seed in range(TAKES_WALKED):
        everywhere = np.ones((CROWD, len(net.segments)))
        take = walk(net, told, everywhere, 60.0, np.random.default_rng(seed))
        inside += [_caught(take, k, each.pushed_cm) for k, each in enumerate(real[:PUSHERS])]
    spent = time.process_time() - began
    return {"inside": round(float(np.mean(inside)), 4), "walk_s": round(spent / TAKES_WALKED, 2)}


def _caught(take: Take, person: int, pushed: np.ndarray) -> float:
    """Share of the moments in which somebody is nearer than ``INSIDE_CM`` to what one pushes."""
    (low, behind), (high, front) = pushed
    angle = np.radians(take.yaw[:, person, None])
    way = take.positions[..., :2] - take.positions[:, person, None, :2]
    ahead = way[..., 0] * np.cos(angle) + way[..., 1] * np.sin(angle)
    left = way[..., 0] * np.sin(angle) - way[..., 1] * np.cos(angle)
    beside = np.maximum(low - left, left - high).clip(0.0)
    before = np.maximum(behind - ahead, ahead - front).clip(0.0)
    near = np.hypot(beside, before) < INSIDE_CM
    near[:, person] = False
    return float(near.any(axis=1).mean())


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
