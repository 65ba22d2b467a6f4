"""Faults on demand, each what one failure of a real engine looks like to a worker.

``KIND``, ``KIND@N`` or ``KIND@N:SECONDS``: the N-th request (connection for ``no-greeting``,
capture of that kind for pictures) is the one that goes wrong; everything else is ordinary.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from manifests.errors import BadRecipe


class FaultKind(StrEnum):
    """What goes wrong."""

    STALL = "stall"  # nothing is answered any more, the connection stays open
    DROP = "drop"  # the connection is closed instead of a reply
    LATE = "late"  # one reply, and all after it, comes after SECONDS
    MUTE = "mute"  # one reply never comes, the next ones do
    NO_GREETING = "no-greeting"  # a connection is accepted and never greeted
    CRASH = "crash"  # the process dies
    BLACK = "black-frame"  # a lit picture is black
    STALE = "stale-frame"  # a lit picture is the one before it
    MASK_SIZE = "mask-size"  # a mask has half the size
    MASK_COLOURS = "mask-colours"  # a mask went through a gamma curve


_COUNTED = {  # of the others, requests are
    FaultKind.NO_GREETING: "connection",
    FaultKind.BLACK: "lit",
    FaultKind.STALE: "lit",
    FaultKind.MASK_SIZE: "size",
    FaultKind.MASK_COLOURS: "colours",
}
_FORM = re.compile(r"([a-z-]+)(?:@(\d{1,9}))?(?::(\d{1,6}(?:\.\d+)?))?", re.ASCII)


@dataclass(frozen=True)
class Fault:
    """One fault: what, at which occurrence (1 is the first), and how long."""

    kind: FaultKind
    at: int = 1
    seconds: float = 20.0


def parse_fault(text: str) -> Fault:
    """A fault as written on the command line; ``BadRecipe`` names the allowed kinds."""
    found = _FORM.fullmatch(text)
    kinds = [kind.value for kind in FaultKind]
    if found is None or found[1] not in kinds or found[2] == "0":
        raise BadRecipe(f"--fault {text!r} is not KIND[@N][:SECONDS] with one of {kinds}")
    return Fault(FaultKind(found[1]), int(found[2] or 1), float(found[3] or 20.0))


class Faults:
    """Counts occurrences and says when something has to go wrong."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self._faults = faults
        self._counts = Counter[str]()
        self._previous_lit: np.ndarray | None = None

    def on_request(self) -> Fault | None:
        """The fault of the request that is about to be carried out; a crash happens here."""
        fault = self._due("request")
        if fault is not None and fault.kind is FaultKind.CRASH:
            os.kill(os.getpid(), signal.SIGKILL)
        return fault

    def greets(self) -> bool:
        """Whether the connection accepted now is greeted."""
        return self._due("connection") is None

    def lit(self, picture: np.ndarray) -> np.ndarray:
        """A lit picture as it leaves the engine."""
        previous, self._previous_lit = self._previous_lit, picture
        fault = self._due("lit")
        if fault is None:
            return picture
        if fault.kind is FaultKind.STALE and previous is not None:
            return previous
        return np.zeros_like(picture)

    def mask_colours(self, palette: np.ndarray) -> np.ndarray:
        """The colours of a mask as they leave the engine."""
        if self._due("colours") is None:
            return palette
        return np.round(255 * (palette / 255.0) ** 0.8).astype(np.uint8)

    def mask_ids(self, ids: np.ndarray) -> np.ndarray:
        """The labels of a mask as they leave the engine."""
        if self._due("size") is None:
            return ids
        height, width = ids.shape
        half = (max(width // 2, 1), max(height // 2, 1))
        return cv2.resize(ids, half, interpolation=cv2.INTER_NEAREST)

    def _due(self, what: str) -> Fault | None:
        self._counts[what] += 1
        counted = (f for f in self._faults if _COUNTED.get(f.kind, "request") == what)
        return next((fault for fault in counted if fault.at == self._counts[what]), None)
