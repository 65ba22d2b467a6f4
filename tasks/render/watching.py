"""Adds up the progress events of many shards into one figure that people can follow."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import Any

from tasks.progress import Progress, report_progress

_AT_FRAME = re.compile(r"\bat frame (\d+)\b")


@dataclass(frozen=True)
class ShardFailure:
    """One attempt at a shard that ended without a claim.

    ``shard``: render_id. ``error``: class of ``manifests.errors``, or `Crashed` when nothing
    was heard but that the attempt's process is gone.
    """

    shard: str
    attempt: int
    error: str
    message: str

    @property
    def frame(self) -> int:
        """The frame at which the attempt ended, by its message; 0 if that names none."""
        # A farm's runs leave nothing but words. Behind the first line may be an engine's log.
        named = _AT_FRAME.findall(self.message.partition("\n")[0])
        return int(named[-1]) if named else 0


class RoundProgress:
    """Frames, crops and failures of one round over all its shards; thread-safe."""

    def __init__(self, stage: str, shards: int) -> None:
        self._stage = stage
        self._shards = shards
        self._done = self._found = 0
        self._failures: list[ShardFailure] = []
        self._latest: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def on_event(self, event: dict[str, Any]) -> None:
        """Take a shard's progress event (see ``tasks.render.process``) or its failure."""
        if event.get("event") == "failed":
            self.failed(
                ShardFailure(event["shard"], event["attempt"], event["error"], event["message"])
            )
            return
        with self._lock:
            self._latest[str(event.get("shard"))] = event
            self._report()

    def found(self, shard: str, crops: int) -> None:
        """Take a shard that was done before this round: its crops are nobody's speed now."""
        with self._lock:
            self._found += crops
        self.finished(shard, crops)

    def finished(self, shard: str, crops: int) -> None:
        """Take a shard's end: its claim exists and holds ``crops`` accepted crops."""
        with self._lock:
            self._done += 1
            self._latest[shard] = {"crops": crops, "share": 1.0}
            self._report()

    def failed(self, failure: ShardFailure) -> None:
        """Take the end of an attempt that left no claim."""
        with self._lock:
            self._failures.append(failure)

    @property
    def failures(self) -> tuple[ShardFailure, ...]:
        """Every attempt that ended without a claim, in the order in which that was seen."""
        with self._lock:
            return tuple(self._failures)

    def share_of(self, shard: str) -> float | None:
        """How much of a shard is rendered, between 0 and 1; ``None`` before its first event."""
        with self._lock:
            event = self._latest.get(shard)
        return None if event is None else _share(event)

    @property
    def share(self) -> float:
        """How much of the round is rendered, between 0 and 1."""
        with self._lock:
            return sum(map(_share, self._latest.values())) / max(1, self._shards)

    @property
    def crops(self) -> int:
        """Accepted crops so far."""
        with self._lock:
            return self._crops()

    def _crops(self) -> int:
        return sum(int(event.get("crops", 0)) for event in self._latest.values())

    def _report(self) -> None:
        share = sum(_share(event) for event in self._latest.values())
        seconds = max(time.monotonic() - self._started, 1e-3)
        crops = self._crops()
        note = f"{crops} crops, {(crops - self._found) / seconds:.1f} a second"
        done = min(round(share, 2), float(self._shards))
        report_progress(Progress(self._stage, done, self._shards, "shards", note))


def _share(event: dict[str, Any]) -> float:
    if "share" in event:
        return float(event["share"])
    expected = float(event.get("frames_expected") or 0)
    return min(0.99, float(event.get("frames", 0)) / expected) if expected else 0.0
