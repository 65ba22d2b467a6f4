"""What a level answers: read, and refused unless it is of one instant."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

from manifests.errors import FrameRefused, ProtocolError
from manifests.reasons import Refusal
from synth_workers.contracts.person.asking import SOLIDS
from synth_workers.contracts.person.places import TOLERANCE_CM, apart
from synth_workers.moments import Moment, unpack_moment
from synth_workers.planning.coverage import Pose
from synth_workers.worker.frames import SolidPerson, TruePerson
from synth_workers.worker.replies import (
    Reply,
    expect_binary,
    expect_text,
    is_error,
    three_numbers,
)


def of_one_instant(
    commands: Sequence[str], replies: Sequence[Reply], expected: Sequence[tuple[int, str]]
) -> tuple[str, set[int], list[Reply]]:
    """The digest of the instant, its tick, and the images and labels of all cameras one after the
    other, by camera and mode as ``expected``."""
    moments: list[Moment] = []
    for command, reply in zip(commands, replies):
        try:
            moments.append(unpack_moment(expect_binary(command, reply)))
        except ValueError as error:
            raise ProtocolError(f"{command!r} answered no moment: {error}") from error
    ticks = set[int]().union(*(moment.ticks for moment in moments))
    if len(ticks) > 1:
        raise FrameRefused(
            f"the level changed {max(ticks) - min(ticks)} times while its cameras were drawn",
            reason=Refusal.out_of_step,
        )
    parts = [part for moment in moments for part in moment.parts]
    if [(part.camera, part.mode) for part in parts] != [*expected]:
        raise ProtocolError(f"{commands[0]!r} answered other cameras or images than were asked for")
    return moments[0].state, ticks, [part.data for part in parts]


def parse_solids(reply: Reply, ticks: set[int]) -> dict[str, SolidPerson]:
    """Everybody by name; of another tick than the pictures, if these have one, it is refused."""
    try:
        answer = json.loads(expect_text(SOLIDS, reply), parse_constant=_refuse_constant)
        if ticks and ticks != {int(answer["tick"])}:
            raise FrameRefused(
                f"boxes and joints are of tick {answer['tick']}, pictures of {ticks}",
                reason=Refusal.out_of_step,
            )
        return {
            str(person["name"]): SolidPerson(
                tuple(map(float, person["box"])),
                tuple(tuple(map(float, joint)) for joint in person["joints"]),
            )
            for person in answer["people"]
        }
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"{SOLIDS!r} answered what is no boxes and joints: {error}") from error


def expect_done(command: str, reply: Reply) -> None:
    """A setter or blueprint call: ``ok`` or JSON, never an error."""
    if not isinstance(reply, str) or is_error(reply):
        raise ProtocolError(f"{command[:120]!r} failed: {reply[:200]!r}")


def expect_stillness(replies: Sequence[Reply], pose: Pose | None) -> None:
    """The level is paused and the witness stands where it was put."""
    if replies[0] == "false":
        raise FrameRefused("the level ran on while it was captured", reason=Refusal.not_paused)
    if pose is None:
        return
    place = three_numbers(replies[1])
    if place is None or apart(place, pose.position) > TOLERANCE_CM:
        message = f"somebody who was put at {pose.position} is at {replies[1]!r:.80}"
        raise FrameRefused(message, reason=Refusal.moved)


def _refuse_constant(text: str) -> float:
    raise FrameRefused(f"ground truth holds {text}", reason=Refusal.not_finite)


def _seen(joint: Sequence[float] | None) -> Sequence[float]:
    """A joint's column, row and depth; three NaN for one behind the camera."""
    return (math.nan,) * 3 if joint is None else joint


def _true_box(person: dict[str, Any]) -> tuple[float, float, float, float] | None:
    if not person.get("box") or not person.get("exact", True):
        return None
    x0, y0, x1, y1 = map(float, person["box"])
    return x0, y0, x1, y1


def parse_truth(command: str, reply: Reply) -> tuple[dict[str, TruePerson], tuple[str, ...]]:
    """The engine's own measurements of everybody by name, and the names of joints."""
    try:
        answer = json.loads(reply, parse_constant=_refuse_constant)
        people = {
            str(person["name"]): TruePerson(
                visible=int(person["visible"]),
                full=int(person["full"]),
                box=_true_box(person),
                joints=tuple(chain.from_iterable(_seen(joint) for joint in person["joints"])),
            )
            for person in answer["people"]
        }
        return people, tuple(map(str, answer["joint_names"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"{command!r} answered unusable ground truth: {error}") from error
