"""Carries out a capture plan on a loaded level: every instant, every camera, every check.

A frame that fails a check is captured again, then left out with its reason. Progress lives in
``CaptureRun``, so that a new engine goes on where a lost one stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from manifests.errors import FrameRejected
from synth_workers.bundles import BundleWriter, frame_row, people_in_frame
from synth_workers.contract import PersonLevel
from synth_workers.coverage import CapturePlan, Instant
from synth_workers.frames import RawFrame, check_frame

ATTEMPTS_PER_FRAME = 3


@dataclass(frozen=True)
class RejectedFrame:
    """A frame that was left out, and why."""

    frame: int
    camera: str
    reason: str
    message: str


@dataclass
class CaptureRun:
    """The progress of one shard: ``next_instant`` is the first that is not captured yet."""

    plan: CapturePlan
    identities: Sequence[tuple[int, str]]
    light: str
    size: tuple[int, int]
    writer: BundleWriter
    next_instant: int = 0
    next_frame: int = 0
    recaptures: int = 0
    crops_expected: int = 0
    joint_names: tuple[str, ...] = ()
    rejected: list[RejectedFrame] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether every planned instant was captured or rejected."""
        return self.next_instant >= len(self.plan.instants)

    def step(self, level: PersonLevel) -> int:
        """Capture the next instant with all its cameras; returns how many frames that was.

        If the engine is lost half way, nothing of the instant has been written.
        """
        instant = self.plan.instants[self.next_instant]
        cameras = [planned.camera.name for planned in instant.frames]
        raw = level.capture(instant.poses, cameras, self.next_frame)
        rows: list[dict[str, object]] = []
        rejected: list[RejectedFrame] = []
        for position in range(len(instant.frames)):
            try:
                rows.append(self._checked_row(level, instant, position, raw[position]))
            except FrameRejected as error:
                rejected.append(
                    RejectedFrame(
                        self.next_frame + position, cameras[position], error.reason, str(error)
                    )
                )
        for row in rows:
            self.writer.add(row)
        self.crops_expected += sum(
            expected is not None and expected.wanted
            for planned in instant.frames
            for expected in planned.expected
        )
        self.rejected += rejected
        self.joint_names = level.joint_names
        self.next_instant += 1
        self.next_frame += len(instant.frames)
        return len(instant.frames)

    def _checked_row(
        self, level: PersonLevel, instant: Instant, position: int, raw: RawFrame
    ) -> dict[str, object]:
        planned, number = instant.frames[position], self.next_frame + position
        for attempt in range(1, ATTEMPTS_PER_FRAME + 1):
            try:
                checked = check_frame(raw, planned, level.colours, level.names, *self.size)
                break
            except FrameRejected:
                if attempt == ATTEMPTS_PER_FRAME:
                    raise
                self.recaptures += 1
                raw = level.capture(instant.poses, [planned.camera.name], number)[0]
        people = people_in_frame(
            instant,
            planned,
            self.identities,
            level.colours,
            level.names,
            raw.truth,
            checked.pixels,
            self.size,
        )
        return frame_row(number, instant, planned, self.light, self.size, checked, people)


def capture_all(
    run: CaptureRun,
    level: PersonLevel,
    before_each: Callable[[], None],
    after_each: Callable[[CaptureRun], None],
    until_frame: int,
) -> None:
    """Capture until the run is finished or has passed ``until_frame`` frames.

    ``before_each`` may raise to give up the engine.
    """
    while not run.finished and run.next_frame < until_frame:
        before_each()
        run.step(level)
        after_each(run)
