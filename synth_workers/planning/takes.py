"""How long people are recorded before a camera, and how particular one is about its frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Takes:
    """How people are recorded: takes of ``seconds``, so many of a camera at the ``most``.

    ``area_per_person``: before the camera, cm2. ``demands``: the least worth of a frame, as share
    of the best one of its take, which falls take by take.
    """

    seconds: float
    most: int
    area_per_person: float
    demands: tuple[float, ...]

    def demand(self, takes: int) -> float:
        """Of a camera that has had so many takes."""
        return self.demands[min(takes, len(self.demands) - 1)]


CROWDED = Takes(20.0, 15, 14_000.0, (0.6, 0.5, 0.4, 0.3))
"""Where others may be in the crops."""

# Few stand free at once, and those who walk on for long leave the camera: many short takes, of
# which only the best moments are drawn.
ALONE = Takes(3.0, 50, 20_000.0, tuple(np.linspace(0.9, 0.45, 18).tolist()))
"""Where people are to stand free."""
