"""The frames of one shard on their way into its bundle, of whichever scene contract.

A frame that fails a check is captured again, and refused with its reason when that does not
help. A run outlives its engines: a new one goes on where a lost one stopped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from manifests.errors import FrameRefused
from manifests.reasons import Refusal
from synth_workers.worker.bundles import BundleWriter, frame_row, people_in_frame
from synth_workers.worker.frames import Actors, Shot, check_frame

ATTEMPTS_PER_FRAME = 3


@dataclass(frozen=True)
class RefusedFrame:
    """A frame that did not pass the checks, and why."""

    frame: int
    camera: str
    reason: str
    message: str


@dataclass(kw_only=True)
class Run(ABC):
    """The progress of one shard; ``next_frame`` is the first that is not captured yet.

    ``identities``: person index and id, in the order of the level's actors. ``size``: width and
    height, pixels. ``tracked``: whether what is visible of everybody is noted with each frame.
    """

    identities: Sequence[tuple[int, str]]
    light: str
    size: tuple[int, int]
    writer: BundleWriter
    tracked: bool = False
    next_frame: int = 0
    recaptures: int = 0
    crops_expected: int = 0
    joint_names: tuple[str, ...] = ()
    refused: list[RefusedFrame] = field(default_factory=list)

    @property
    @abstractmethod
    def frames_planned(self) -> int:
        """How many frames there will be."""

    @property
    def finished(self) -> bool:
        """Whether every frame was captured or refused."""
        return self.next_frame >= self.frames_planned

    @abstractmethod
    def step(self, level: Any) -> int:
        """Capture a little more; returns how many frames that was."""

    def go_on(self, level: Any, may: Callable[[], bool], after_each: Callable[[Run], None]) -> None:
        """Capture until the run is finished or ``may`` says that the engine is to be left."""
        while not self.finished and may():
            self.step(level)
            after_each(self)

    def checked_row(
        self, number: int, actors: Actors, capture: Callable[[], Shot]
    ) -> dict[str, Any]:
        """The row of frame ``number``, captured until it passes every check.

        Raises ``FrameRefused`` after ``ATTEMPTS_PER_FRAME`` captures.
        """
        missing_in = b""
        for attempt in range(1, ATTEMPTS_PER_FRAME + 1):
            shot = None
            try:
                shot = capture()
                view = (shot.raw, shot.planned, actors, *self.size)
                checked = check_frame(*view, seen_before=missing_in, boxes=self.tracked)
            except FrameRefused as error:
                if attempt == ATTEMPTS_PER_FRAME:
                    raise
                missing_in = shot.raw.mask if shot and error.reason == Refusal.missing else b""
                self.recaptures += 1
                continue
            people = people_in_frame(shot, actors, self.identities, checked, self.size)
            return frame_row(number, shot, self.light, self.size, checked, people)
        raise AssertionError("every attempt returns, raises or is followed by another")
