"""Puts questions to an engine one by one and notes the answers; knows no contract."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from manifests.errors import EngineLost, FactoryError
from synth_workers.images import decode_lit
from synth_workers.probe.report import Finding, Mark, ProbeReport
from synth_workers.worker.replies import Reply, is_error, three_numbers
from synth_workers.worker.session import CommandKind, Session

Judge = Callable[[Reply], bool]
_ECHOES = 30
_CAPTURES = 5
_PICTURE_WIDTH = 640


def says_ok(reply: Reply) -> bool:
    """Setters answer exactly ``ok``."""
    return reply == "ok"


def no_error(reply: Reply) -> bool:
    """Anything but an error."""
    return not is_error(reply)


def is_picture(reply: Reply) -> bool:
    """A PNG or JPEG."""
    return isinstance(reply, bytes) and reply[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0")


def is_place(reply: Reply) -> bool:
    """Three numbers."""
    return three_numbers(reply) is not None


@dataclass
class Asker:
    """A session and the report that fills up."""

    session: Session
    report: ProbeReport
    area: str = ""

    def ask(self, command: str, kind: CommandKind = CommandKind.setting) -> Reply:
        """The bare reply; ``EngineLost`` if there is none."""
        return self.session.request(command, kind)

    def note(self, what: str, mark: Mark, found: str = "", remedy: str = "") -> None:
        """Put down one finding."""
        self.report.findings.append(Finding(self.area, what, mark, found, remedy))

    def judge(
        self, what: str, right: bool, found: str = "", remedy: str = "", *, needed: bool = True
    ) -> bool:
        """Put down whether something is as it should be, and if it is not, the remedy."""
        lacking = Mark.missing if needed else Mark.optional
        self.note(what, Mark.ok if right else lacking, found, "" if right else remedy)
        return right

    def expect(
        self,
        what: str,
        command: str,
        judge: Judge,
        remedy: str,
        kind: CommandKind = CommandKind.setting,
        *,
        needed: bool = True,
    ) -> bool:
        """Ask, judge, note; whether the answer was right."""
        reply = self.ask(command, kind)
        right = judge(reply)
        found = "" if right else f"`{command[:60]}` answers {shown(reply)}"
        return self.judge(what, right, found, remedy, needed=needed)

    def guarded(self, step: Callable[[], None], what: str) -> bool:
        """Carry out one step; whether the connection survived it.

        Whatever else goes wrong is a finding, because a probe meets servers that nobody imagined.
        """
        survived = True
        try:
            step()
            return True
        except EngineLost as error:
            survived, found = False, str(error).splitlines()[0]
            remedy = "the engine stopped answering in the middle; its own log says why"
        except FactoryError as error:
            found, remedy = str(error).splitlines()[0][:300], ""
        except (ValueError, TypeError, KeyError, IndexError, cv2.error) as error:
            found = f"an answer that makes no sense ({type(error).__name__}: {str(error)[:120]})"
            remedy = "install UnrealCV's own plugin; this one answers in a form of its own"
        self.note(what, Mark.missing, found, remedy)
        return survived

    def carry_out(self, steps: Sequence[tuple[str, Callable[[], None], str]]) -> None:
        """Steps of an area each, called as given last, until the connection breaks."""
        for area, step, what in steps:
            self.area = area
            if not self.guarded(step, what):
                return

    def measure_round_trip(self) -> None:
        """Median time of a text command."""
        times = []
        for _ in range(_ECHOES):
            began = time.perf_counter()
            self.ask("vget /unrealcv/echo probe", CommandKind.status)
            times.append(time.perf_counter() - began)
        self.report.speed["text command"] = round(1000 * statistics.median(times), 3)

    def brightness(self) -> float:
        """Mean grey level of what the pawn sees, 0 if that is no picture."""
        reply = self.ask("vget /camera/0/lit png", CommandKind.capture)
        return float(np.mean(decode_lit(reply, "png"))) if isinstance(reply, bytes) else 0.0

    def measure_capture(
        self, camera: int, lit_format: str, size: tuple[int, int], changes: Sequence[str]
    ) -> None:
        """Median time of a lit picture with its mask, and both as the report's picture.

        ``changes``: commands, one of which is sent before each capture, so that something new
        has to be drawn.
        """
        commands = [
            f"vget /camera/{camera}/lit {lit_format}",
            f"vget /camera/{camera}/object_mask png",
        ]
        times, replies = [], []
        for turn in range(_CAPTURES):
            self.ask(changes[turn % len(changes)])
            began = time.perf_counter()
            replies = self.session.batch(commands, CommandKind.capture)
            times.append(time.perf_counter() - began)
        key = f"lit and mask at {size[0]}x{size[1]}"
        self.report.speed[key] = round(1000 * statistics.median(times), 1)
        if all(isinstance(reply, bytes) for reply in replies):
            self.report.picture = side_by_side(bytes(replies[0]), lit_format, bytes(replies[1]))  # type: ignore[arg-type]


def shown(reply: Reply) -> str:
    """A reply in a few words."""
    if isinstance(reply, bytes):
        return f"{len(reply)} bytes that are no picture"
    return repr(reply[:90])


def side_by_side(lit: bytes, lit_format: str, mask: bytes) -> bytes | None:
    """A PNG with the lit picture left and its mask right; None if they do not decode."""
    try:
        pictures = [decode_lit(lit, lit_format), decode_lit(mask, "png")]
    except FactoryError:
        return None
    resized = []
    for picture in pictures:
        height = max(1, round(picture.shape[0] * _PICTURE_WIDTH / picture.shape[1]))
        resized.append(cv2.resize(picture, (_PICTURE_WIDTH, height), interpolation=cv2.INTER_AREA))
    height = min(picture.shape[0] for picture in resized)
    both = np.concatenate([picture[:height] for picture in resized], axis=1)
    return cv2.imencode(".png", both)[1].tobytes()
