"""Captures a level whose people walk by themselves: camera after camera, evenly spaced frames.

What people's boxes should be is estimated from where the engine says they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.contracts.person.capture import ATTEMPTS_PER_FRAME, RefusedFrame
from synth_workers.contracts.unrealperson.level import CrowdLevel
from synth_workers.people.person import PersonMotion
from synth_workers.planning.coverage import Instant, PlannedFrame, Pose, expected_views
from synth_workers.planning.visibility import Bodies, observe
from synth_workers.scenes.description import Camera, SceneDescription
from synth_workers.worker.bundles import BundleWriter, frame_row, people_in_frame
from synth_workers.worker.frames import check_frame


@dataclass
class ScheduleRun:
    """The progress of one shard: ``frames_per_camera`` frames, ``interval`` seconds apart."""

    scene: SceneDescription
    cameras: Sequence[Camera]
    motions: Sequence[PersonMotion]
    identities: Sequence[tuple[int, str]]
    light: str
    size: tuple[int, int]
    writer: BundleWriter
    frames_per_camera: int
    interval: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    next_frame: int = 0
    recaptures: int = 0
    crops_expected: int = 0
    joint_names: tuple[str, ...] = ()
    refused: list[RefusedFrame] = field(default_factory=list)
    _began: float | None = None
    _looking: tuple[int, int] | None = None

    @property
    def frames_planned(self) -> int:
        """How many frames the schedule has."""
        return self.frames_per_camera * len(self.cameras)

    @property
    def finished(self) -> bool:
        """Whether every frame was captured or refused."""
        return self.next_frame >= self.frames_planned

    def step(self, level: CrowdLevel) -> int:
        """Capture the next frame; 1."""
        number = self.next_frame
        which = number // self.frames_per_camera
        # A new level has to be told again which camera is looked through.
        if self._looking != (which, id(level)):
            level.look_through(self.cameras[which])
            self._looking = (which, id(level))
        self.sleep(self.interval)
        try:
            self.writer.add(self._checked_row(level, self.cameras[which]))
        except FrameRefused as error:
            name = self.cameras[which].name
            self.refused.append(RefusedFrame(number, name, error.reason, str(error)))
        self.next_frame += 1
        return 1

    def _checked_row(self, level: CrowdLevel, camera: Camera) -> dict[str, object]:
        missing_in, mask = b"", b""
        for attempt in range(1, ATTEMPTS_PER_FRAME + 1):
            try:
                raw, poses = level.capture()
                mask = raw.mask
                planned = PlannedFrame(camera, self._expected(camera, poses))
                checked = check_frame(
                    raw, planned, level.actors, *self.size, seen_before=missing_in
                )
                break
            except FrameRefused as error:
                if attempt == ATTEMPTS_PER_FRAME:
                    raise
                self.recaptures += 1
                missing_in = mask if error.reason == Refusal.missing else b""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        instant = Instant(self.next_frame, round(now - self._began, 3), tuple(poses), (planned,))
        people = people_in_frame(
            instant,
            planned,
            self.identities,
            level.actors.colours,
            level.actors.names,
            None,
            checked.pixels,
            self.size,
        )
        self.crops_expected += len(people)
        return frame_row(self.next_frame, instant, planned, self.light, self.size, checked, people)

    def _expected(self, camera: Camera, poses: Sequence[Pose]):
        views = observe(
            camera,
            *self.size,
            np.array([[pose.position for pose in poses]]),
            np.array([[pose.yaw for pose in poses]]),
            Bodies.of(self.motions),
            self.scene.obstacles,
        )
        return expected_views(views, 0, np.zeros(len(poses), bool))
