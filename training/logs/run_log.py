"""What a log is told of a run; a log of one's own is a class that overrides what it wants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class LoggedRun:
    """The run that a log is opened for.

    ``folder``: of the model; ``name``: of data and settings, for people; ``settings``: all of
    them, as plain values; ``lineage``: which data; ``digest``: identifies the run, also when it
    goes on after an interruption, then from ``iteration``.
    """

    folder: Path
    name: str
    settings: Mapping[str, Any]
    lineage: Mapping[str, Any]
    digest: str
    iteration: int = 0

    def flat_settings(self) -> dict[str, Any]:
        """The settings by their paths: ``{"optimiser.learning_rate": 0.01}``."""
        return dict(_flat(self.settings, ""))


@dataclass(frozen=True)
class Seen:
    """N pictures with what the network makes of them.

    ``features`` (N, D) float32 of length 1; ``images`` (N, H, W, 3) uint8 sRGB; ``person`` and
    ``camera``: N names each; ``what``: ``training`` (the network learnt from them), ``held_out``
    (it did not) or ``target`` (it did, without labels).
    """

    features: np.ndarray
    images: np.ndarray
    person: Sequence[str]
    camera: Sequence[str]
    what: str


class RunLog:
    """A log that does nothing; it is made with a ``LoggedRun``, in the process that leads.

    What raises an error is told no more; the training goes on.
    """

    def __init__(self, run: LoggedRun) -> None:
        """Open the log of a run."""

    def scalars(self, iteration: int, values: Mapping[str, float]) -> None:
        """Loss, learning rate, images per second, and held-out metrics where there are any."""

    def pictures(self, iteration: int, images: np.ndarray) -> None:
        """A batch (N, H, W, 3) uint8 sRGB as the network sees it, once in a run."""

    def embeddings(self, iteration: int, seen: Seen) -> None:
        """Some pictures with their features, at the end of a run."""

    def close(self, finished: bool) -> None:
        """The run has ended, ``finished`` or not."""


def _flat(value: Any, path: str) -> list[tuple[str, Any]]:
    if not isinstance(value, Mapping):
        return [(path, value)]
    parts = ((f"{path}.{name}" if path else str(name), inner) for name, inner in value.items())
    return [leaf for name, inner in parts for leaf in _flat(inner, name)]
