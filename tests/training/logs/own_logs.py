"""Logs of one's own, as somebody hangs them in by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

import unrealperson as up
from training.logs.run_log import LoggedRun, Seen


class Heard(up.RunLog):
    """Keeps all that it is told."""

    told: ClassVar[list[tuple[Any, ...]]] = []

    def __init__(self, run: LoggedRun) -> None:
        self.told.clear()
        self.told.append(("run", run))

    def scalars(self, iteration: int, values: Mapping[str, float]) -> None:
        self.told.append(("scalars", iteration, dict(values)))

    def pictures(self, iteration: int, images: np.ndarray) -> None:
        self.told.append(("pictures", iteration, images))

    def embeddings(self, iteration: int, seen: Seen) -> None:
        self.told.append(("embeddings", iteration, seen))

    def close(self, finished: bool) -> None:
        self.told.append(("close", finished))


class Failing(up.RunLog):
    """Its server is away."""

    def scalars(self, iteration: int, values: Mapping[str, float]) -> None:
        raise ConnectionError("nobody there")


class NoLog:
    """Something else."""
