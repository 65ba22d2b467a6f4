"""Plans a shard of the contract ``person`` and says how its levels are loaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from manifests.identity import child_seed
from manifests.shards import ShardSpec
from synth_workers.contracts.base import Preparation, ShardTask
from synth_workers.contracts.person.calibration import calibrate
from synth_workers.contracts.person.capture import CaptureRun
from synth_workers.contracts.person.level import PERSON_CLASS, PersonLevel
from synth_workers.planning.coverage import CapturePlan, plan_capture
from synth_workers.planning.recording import plan_recording
from synth_workers.scenes.cache import load_depth_maps
from synth_workers.worker.palette import palette
from synth_workers.worker.session import Session


def prepare(task: ShardTask) -> Preparation:
    """See ``SceneContract.prepare``."""
    shard, cameras, game, size = task.shard, task.cameras, task.scene.game, task.shard.image.size
    appearances, colours = _appearances(task), palette(len(shard.people))
    noise = int(_seed(shard, "noise").generate_state(1)[0] >> 1)
    plan = _plan(task)

    def new_level(session: Session) -> PersonLevel:
        return PersonLevel(
            session,
            *size,
            shard.image.jpeg_quality,
            seed=noise,
            classes=game.person_classes if game else (PERSON_CLASS,),
            blocked=game.blocked if game else (),
            ground_truth=shard.ground_truth,
        )

    def load(level: PersonLevel, leftovers: Sequence[str]) -> None:
        level.load(appearances, colours, cameras, shard.light, leftovers)
        calibrate(level, *size)
        # Later, for calibration compares pictures.
        if shard.capture.sensor != "scene":
            level.set_sensors(shard.capture.sensor)
        if shard.capture.exposure:
            level.set_exposures(shard.capture.exposure)

    return Preparation(
        plan=plan,
        new_level=new_level,
        load=load,
        new_run=lambda writer: CaptureRun(plan=plan, writer=writer, **task.run_values()),
    )


def _appearances(task: ShardTask) -> Sequence[int]:
    """The appearance each person of the shard wears.

    The embedded engine is started with the people of the shard alone. A game holds everybody of
    the recipe, in order: person 0 in every outfit, then person 1.
    """
    people, outfits = task.shard.people, task.people.outfits_per_person
    if task.scene.game is None:
        return range(len(people))
    return [person.index * outfits + person.outfit for person in people]


def _plan(task: ShardTask) -> CapturePlan:
    """The frames of a shard; depends on nothing but the task."""
    shard, cameras = task.shard, task.cameras
    size = {"width": shard.image.width, "height": shard.image.height}
    seed = _seed(shard, "walk")
    if shard.video is not None:
        rules = shard.capture, shard.video
        following = "flow" in shard.ground_truth
        return plan_recording(
            task.scene, cameras, task.motions, *rules, **size, seed=seed, following=following
        )
    indices = [person.index for person in shard.people]
    wanted = np.zeros((len(indices), len(cameras)), int)
    for wish in shard.wanted:
        wanted[indices.index(wish.person), shard.cameras.index(wish.camera)] += wish.images
    maps = None
    if shard.capture.max_others is not None and task.scene.game is None:
        maps = load_depth_maps(shard.scene, cameras, *shard.image.size)
    return plan_capture(
        task.scene,
        cameras,
        task.motions,
        wanted,
        shard.capture,
        **size,
        max_frames=shard.max_frames,
        seed=seed,
        maps=maps,
        crops_per_frame=shard.crops_per_frame,
    )


def _seed(shard: ShardSpec, purpose: str) -> np.random.SeedSequence:
    indices = [person.index for person in shard.people]
    # Windows of a recording are of one walk.
    window = shard.window if shard.video is None else 0
    where = (shard.scene, shard.light, window, shard.round)
    return child_seed(shard.dataset_seed, purpose, *where, *indices)
