"""Which images test statistics come from: the choice alone, so that naming it imports no torch."""

from __future__ import annotations

from enum import StrEnum


class StatisticsRule(StrEnum):
    """Which images a camera's test statistics come from; see ``camera_statistics``."""

    camera = "camera"
    paper = "paper"
