"""How the images and labels of one instant travel as one reply, whichever cameras they are of.

The embedded engine packs it (``vget /moment``), the worker unpacks it: a line of JSON that lists
the parts in order, then their bytes one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Part:
    """One image, or the labels, of one camera. ``tick``: the engine's count of changes to its level
    as it was drawn; two of one tick show the same instant."""

    camera: int
    mode: str
    form: str
    tick: int
    data: bytes


@dataclass(frozen=True)
class Moment:
    """``state``: digest of everything that stands in the level, the same in every engine that is
    told the same; names and mask colours are no part of it."""

    state: str
    parts: tuple[Part, ...]

    @property
    def ticks(self) -> set[int]:
        """All that its parts were drawn at: a single one, or they are not of one instant."""
        return {part.tick for part in self.parts}


def pack_moment(moment: Moment) -> bytes:
    """The reply that carries ``moment``."""
    listed = [
        {**asdict(part), "data": len(part.data)} for part in moment.parts
    ]  # the length in place of the bytes
    head = json.dumps({"state": moment.state, "parts": listed}, separators=(",", ":"))
    return b"".join([head.encode(), b"\n", *(part.data for part in moment.parts)])


def unpack_moment(reply: bytes) -> Moment:
    """What ``pack_moment`` packed; ``ValueError`` if it is not that, whole."""
    head, found, body = reply.partition(b"\n")
    if not found:
        raise ValueError("a moment begins with a line that lists its parts")
    try:
        told = json.loads(head)
        return Moment(str(told["state"]), _parts(told["parts"], body))
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"the parts of a moment are not listed as they should be: {error}"
        ) from error


def _parts(listed: Sequence[dict], body: bytes) -> tuple[Part, ...]:
    parts, start = [], 0
    for entry in listed:
        end = start + int(entry["data"])
        camera, tick = int(entry["camera"]), int(entry["tick"])
        parts.append(Part(camera, str(entry["mode"]), str(entry["form"]), tick, body[start:end]))
        start = end
    if start != len(body):
        raise ValueError(f"the parts of a moment are {start} bytes, {len(body)} came")
    return tuple(parts)
