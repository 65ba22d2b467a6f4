"""Says how a level of the contract ``unrealperson`` is filled and captured for a shard."""

from __future__ import annotations

import numpy as np

from synth_workers.contracts.base import Preparation, ShardTask
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.contracts.unrealperson.schedule import ScheduleRun
from synth_workers.planning.coverage import CapturePlan
from synth_workers.scenes.description import GameLevel
from synth_workers.worker.palette import palette

SETTLE_SECONDS = 5.0
"""How long people of the embedded engine spread before the first frame."""


def prepare(task: ShardTask) -> Preparation:
    """See ``SceneContract.prepare``."""
    shard, scene, size = task.shard, task.scene, task.shard.image.size
    count, light = len(shard.people), scene.lights.index(shard.light)
    cameras = [camera.without_distortion() for camera in task.cameras]
    level, numbers = scene.game, None
    if level is None:
        level = GameLevel("", shard.engine.contract, (), settle_seconds=SETTLE_SECONDS)
    else:
        # In the published levels the number in a name is the person, LC after LCreset sets the
        # first light, and levels of a single light have nothing for LC to set.
        numbers = [person.index for person in shard.people]
        light = light + 1 if len(scene.lights) > 1 else 0
    return Preparation(
        plan=CapturePlan((), np.zeros((count, len(cameras)), int)),
        new_level=lambda session: CrowdLevel(
            session, *size, blocked=level.blocked, root_height=level.root_height
        ),
        load=lambda crowd, _: crowd.load(
            count, palette(count), light, level.settle_seconds, numbers
        ),
        new_run=lambda writer: ScheduleRun(
            scene=scene,
            cameras=cameras,
            motions=task.motions,
            writer=writer,
            frames_per_camera=max(1, shard.max_frames // len(cameras)),
            **task.run_values(),
        ),
    )
