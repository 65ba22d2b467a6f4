"""Adds up the progress events of many shards into one figure that people can follow."""

from __future__ import annotations

import threading
import time
from typing import Any

from tasks.progress import Progress, report_progress


class RoundProgress:
    """Frames and crops of one round over all its shards; thread-safe."""

    def __init__(self, stage: str, shards: int) -> None:
        self._stage = stage
        self._shards = shards
        self._done = 0
        self._latest: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._started = time.monotonic()

    def on_event(self, event: dict[str, Any]) -> None:
        """Take a shard's progress event (see ``tasks.render.process``)."""
        with self._lock:
            self._latest[str(event.get("shard"))] = event
            self._report()

    def finished(self, shard: str, crops: int) -> None:
        """Take a shard's end: its claim exists and holds ``crops`` accepted crops."""
        with self._lock:
            self._done += 1
            self._latest[shard] = {"crops": crops, "share": 1.0}
            self._report()

    @property
    def crops(self) -> int:
        """Accepted crops so far."""
        return sum(int(event.get("crops", 0)) for event in self._latest.values())

    def _report(self) -> None:
        share = sum(_share(event) for event in self._latest.values())
        seconds = max(time.monotonic() - self._started, 1e-3)
        note = f"{self.crops} crops, {self.crops / seconds:.1f} a second"
        done = min(round(share, 2), float(self._shards))
        report_progress(Progress(self._stage, done, self._shards, "shards", note))


def _share(event: dict[str, Any]) -> float:
    if "share" in event:
        return float(event["share"])
    expected = float(event.get("frames_expected") or 0)
    return min(0.99, float(event.get("frames", 0)) / expected) if expected else 0.0
