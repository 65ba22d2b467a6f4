"""Carries out a capture plan on a loaded level: every instant, every camera, every check.

A frame that fails a check is captured again, then refused with its reason. Progress lives in
``CaptureRun``, so that a new engine goes on where a lost one stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.planning.coverage import CapturePlan, Instant
from synth_workers.worker.bundles import BundleWriter, frame_row, people_in_frame
from synth_workers.worker.frames import RawFrame, check_frame

ATTEMPTS_PER_FRAME = 3


@dataclass(frozen=True)
class RefusedFrame:
    """A frame that was refused, and why."""

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
    refused: list[RefusedFrame] = field(default_factory=list)
    _lit_seen: dict[bytes, int] = field(default_factory=dict, repr=False)

    @property
    def frames_planned(self) -> int:
        """How many frames the plan has."""
        return self.plan.frames

    @property
    def finished(self) -> bool:
        """Whether every planned instant was captured or refused."""
        return self.next_instant >= len(self.plan.instants)

    def step(self, level: PersonLevel) -> int:
        """Capture the next instant with all its cameras; returns how many frames that was.

        If the engine is lost half way, nothing of the instant has been written.
        """
        instant = self.plan.instants[self.next_instant]
        cameras = [planned.camera.name for planned in instant.frames]
        raw: list[RawFrame | None] = [None] * len(cameras)
        with contextlib.suppress(FrameRefused):
            raw = list(level.capture(instant.poses, cameras, self.next_frame))
        rows: list[dict[str, object]] = []
        refused: list[RefusedFrame] = []
        for position, captured in enumerate(raw):
            try:
                rows.append(self._checked_row(level, instant, position, captured))
            except FrameRefused as error:
                number = self.next_frame + position
                refused.append(RefusedFrame(number, cameras[position], error.reason, str(error)))
        for row in rows:
            self.writer.add(row)
        self.crops_expected += sum(
            expected is not None and expected.wanted
            for planned in instant.frames
            for expected in planned.expected
        )
        self.refused += refused
        self.joint_names = level.joint_names
        self.next_instant += 1
        self.next_frame += len(instant.frames)
        return len(instant.frames)

    def _checked_row(
        self, level: PersonLevel, instant: Instant, position: int, raw: RawFrame | None
    ) -> dict[str, object]:
        planned, number = instant.frames[position], self.next_frame + position
        missing_in = b""
        for attempt in range(1, ATTEMPTS_PER_FRAME + 1):
            try:
                if raw is None:
                    raw = level.capture(instant.poses, [planned.camera.name], number)[0]
                self._expect_new(raw, number)
                checked = check_frame(
                    raw, planned, level.actors, *self.size, seen_before=missing_in
                )
                break
            except FrameRefused as error:
                if attempt == ATTEMPTS_PER_FRAME:
                    raise
                missing_in = (
                    raw.mask if raw is not None and error.reason == Refusal.missing else b""
                )
                self.recaptures += 1
                raw = None
        assert raw is not None
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
        drawn = replace(planned, camera=level.cameras[planned.camera.name].camera)
        return frame_row(number, instant, drawn, self.light, self.size, checked, people)

    def _expect_new(self, raw: RawFrame, number: int) -> None:
        """No lit image is one of another frame over again."""
        digest = hashlib.blake2b(raw.lit, digest_size=16).digest()
        earlier = self._lit_seen.setdefault(digest, number)
        if earlier != number:
            raise FrameRefused(
                f"lit image is that of frame {earlier} once more", reason=Refusal.stale
            )


class Run(Protocol):
    """Frames to be captured one after the other, of whichever contract."""

    next_frame: int
    crops_expected: int

    @property
    def frames_planned(self) -> int:
        """How many frames there will be."""
        ...

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to capture."""
        ...

    def step(self, level: Any) -> int:
        """Capture a little more of it."""
        ...


def capture_all(
    run: Run,
    level: Any,
    go_on: Callable[[], bool],
    after_each: Callable[[Run], None],
) -> None:
    """Capture until the run is finished or ``go_on`` says that the engine is to be left."""
    while not run.finished and go_on():
        run.step(level)
        after_each(run)
