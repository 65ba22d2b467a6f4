"""Which images test statistics come from: the choice alone, so that naming it imports no torch.

``camera_statistics`` says what the rules mean and carries them out.
"""

from __future__ import annotations

from enum import StrEnum


class StatisticsRule(StrEnum):
    """Which images a camera's test statistics come from."""

    camera = "camera"
    paper = "paper"
