"""Carries out a capture plan on a level of the contract ``person``: instants times cameras."""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.contracts.person.level import PersonLevel
from synth_workers.planning.coverage import CapturePlan, Instant
from synth_workers.worker.frames import RawFrame, Shot
from synth_workers.worker.runs import RefusedFrame, Run


@dataclass(kw_only=True)
class CaptureRun(Run):
    """The progress of one shard: ``next_instant`` is the first that is not captured yet."""

    plan: CapturePlan
    next_instant: int = 0
    _lit_seen: dict[bytes, tuple[int, bytes]] = field(default_factory=dict, repr=False)

    @property
    def frames_planned(self) -> int:
        """How many frames the plan has."""
        return self.plan.frames

    def step(self, level: PersonLevel) -> int:
        """Capture the next instant with all its cameras.

        If the engine is lost half way, nothing of the instant has been written.
        """
        instant = self.plan.instants[self.next_instant]
        cameras = [planned.camera.name for planned in instant.frames]
        raw: list[RawFrame | None] = [None] * len(cameras)
        with contextlib.suppress(FrameRefused):
            raw = list(
                level.capture(instant.poses, cameras, self._number, following=instant.following)
            )
        rows: list[dict[str, Any]] = []
        refused: list[RefusedFrame] = []
        for position, captured in enumerate(raw):
            try:
                rows.append(self._row(level, instant, position, captured))
            except FrameRefused as error:
                number = self._number + position
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

    @property
    def _number(self) -> int:
        """Of the first frame of the next instant."""
        return self.plan.first_frame + self.next_frame

    def _row(
        self, level: PersonLevel, instant: Instant, position: int, raw: RawFrame | None
    ) -> dict[str, Any]:
        planned, number = instant.frames[position], self._number + position
        name = planned.camera.name
        at_hand = [raw] if raw is not None else []

        def again() -> RawFrame:
            told = (instant.poses, [name], number)
            return level.capture(*told, following=instant.following)[0]

        def capture() -> Shot:
            frame = at_hand.pop() if at_hand else again()
            self._expect_new(frame, number)
            return Shot(frame, instant, replace(planned, camera=level.cameras[name].camera))

        return self.checked_row(number, level.actors, capture)

    def _expect_new(self, raw: RawFrame, number: int) -> None:
        """No lit image is one of another frame over again, but where nobody moved from tick to
        tick: then the mask is the same, too."""
        lit, mask = (hashlib.blake2b(data, digest_size=16).digest() for data in (raw.lit, raw.mask))
        earlier, masked = self._lit_seen.setdefault(lit, (number, mask))
        if earlier != number and not (self.tracked and masked == mask):
            raise FrameRefused(
                f"lit image is that of frame {earlier} once more", reason=Refusal.stale
            )
