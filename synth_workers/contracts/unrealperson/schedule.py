"""Captures a level whose people walk by themselves: camera after camera, evenly spaced frames.

What people's boxes should be is estimated from where the engine says they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from manifests.errors import FrameRefused
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import Instant, PlannedFrame, expected_views
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.worker.frames import Shot
from synth_workers.worker.runs import RefusedFrame, Run


@dataclass(kw_only=True)
class ScheduleRun(Run):
    """The progress of one shard: ``frames_per_camera`` frames, ``interval`` seconds apart."""

    scene: SceneDescription
    cameras: Sequence[Camera]
    motions: Sequence[PersonMotion]
    frames_per_camera: int
    interval: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    _began: float | None = None
    _looking: tuple[int, int] | None = None

    @property
    def frames_planned(self) -> int:
        """How many frames the schedule has."""
        return self.frames_per_camera * len(self.cameras)

    def step(self, level: CrowdLevel) -> int:
        """Capture the next frame; 1."""
        number = self.next_frame
        which = number // self.frames_per_camera
        camera = self.cameras[which]
        # A new level has to be told again which camera is looked through.
        if self._looking != (which, id(level)):
            level.look_through(camera)
            self._looking = (which, id(level))
        self.sleep(self.interval)
        try:
            row = self.checked_row(number, level.actors, lambda: self._shot(level, camera))
            self.writer.add(row)
            self.crops_expected += len(row["people"])
        except FrameRefused as error:
            self.refused.append(RefusedFrame(number, camera.name, error.reason, str(error)))
        self.next_frame += 1
        return 1

    def _shot(self, level: CrowdLevel, camera: Camera) -> Shot:
        raw, poses = level.capture()
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        views = observe(
            camera,
            *self.size,
            np.array([[pose.position for pose in poses]]),
            np.array([[pose.yaw for pose in poses]]),
            Bodies.of(self.motions),
            self.scene.obstacles,
        )
        planned = PlannedFrame(camera, expected_views(views, 0, np.zeros(len(poses), bool)))
        since = round(now - self._began, 3)
        return Shot(raw, Instant(self.next_frame, since, tuple(poses), (planned,)), planned)
