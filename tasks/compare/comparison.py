"""What a comparison of looks found, and its plain numbers."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from tasks.compare.look import Looked
from training.looks.differences import Difference, Summary
from training.looks.distances import Distances
from training.looks.registry import MEASURES


@dataclass(frozen=True)
class Compared:
    """Two sets side by side.

    ``found``: all measures, the largest difference first. ``network`` is None without ImageNet
    weights, ``distances`` also where a side has hardly any crops.
    """

    first: Looked
    second: Looked
    found: list[Difference]
    network: str | None
    distances: Distances | None
    seed: int

    @property
    def sides(self) -> tuple[Looked, Looked]:
        """Both."""
        return self.first, self.second

    @property
    def names(self) -> tuple[str, str]:
        """What pages call them: their names, told apart if they are equal."""
        one, other = (looked.side.name for looked in self.sides)
        return (one, other) if one != other else (f"{one} (1)", f"{other} (2)")

    def may_show(self, photographs: bool) -> bool:
        """Whether pages may show the crops: ours always, those of others if somebody says so."""
        return photographs or all(looked.side.ours for looked in self.sides)

    def figures(self) -> dict[str, Any]:
        """Plain numbers for ``looks.json``; null: not known, or infinite."""
        return {
            "sides": [_side(looked) for looked in self.sides],
            "seed": self.seed,
            "network": self.network,
            "distances": None if self.distances is None else asdict(self.distances),
            "measures": [_difference(one) for one in self.found],
        }


def _side(looked: Looked) -> dict[str, Any]:
    return {
        "name": looked.side.name,
        "ours": looked.side.ours,
        **looked.side.lineage,
        "crops": len(looked.side.camera),
        "looked_at": len(looked),
        "unreadable": list(looked.unreadable),
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "measure": found.measure,
        "unit": MEASURES.find(found.measure).unit,
        "d": _finite(found.d),
        "first": _summary(found.first),
        "second": _summary(found.second),
    }


def _summary(found: Summary) -> dict[str, Any]:
    return {
        "known": found.known,
        "mean": _finite(found.mean),
        "deviation": _finite(found.deviation),
        "spread_over_cameras": _finite(found.spread),
        "cameras": dict(found.cameras),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
