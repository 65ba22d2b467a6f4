"""What a match has found: the recipe, its changes, and the looks before, of the photographs, and
after."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from manifests.recipe import Recipe
from tasks.compare.look import Looked
from tasks.match.changes import Change
from tasks.match.looks import Fitted
from tasks.match.robust import by_camera
from training.looks.differences import Difference, differences
from training.looks.registry import MEASURES

SIDES = ("before", "photographs", "after")


@dataclass(frozen=True)
class Matched:
    """``before`` and ``after``: crops of probes of the base and of ``recipe``. ``cpu_seconds``:
    of the probes, by what they were of."""

    base: str
    recipe: Recipe
    changes: Sequence[Change]
    looks: Sequence[Fitted]
    before: Looked
    photographs: Looked
    after: Looked
    left_out: Mapping[str, int]
    cpu_seconds: Mapping[str, float]
    seed: int

    @property
    def sides(self) -> tuple[Looked, Looked, Looked]:
        """In the order of ``SIDES``."""
        return self.before, self.photographs, self.after

    def table(self) -> list[tuple[Difference, Difference]]:
        """Every measure known of both: the photographs less what was before, and less what is
        after; the largest difference before first."""
        seen = self.photographs
        before, after = (
            differences(one.measures, seen.measures, (one.camera, seen.camera))
            for one in (self.before, self.after)
        )
        later = {one.measure: one for one in after}
        return [(one, later[one.measure]) for one in before if not math.isnan(one.d)]

    def distance(self, after: bool) -> float:
        """Mean size of the differences d over all measures, each at most 3; without those that are
        the same in all photographs, as the size is of crops that somebody has scaled."""
        known = [pair for pair in self.table() if pair[0].second.deviation > 0]
        sizes = [min(abs(pair[after].d), 3.0) for pair in known]
        return float(np.mean(sizes))

    def figures(self) -> dict[str, Any]:
        """Plain numbers for ``match.json``; null: not known."""
        return {
            "base": self.base,
            "recipe": self.recipe.name,
            "seed": self.seed,
            "cpu_seconds": {name: round(value, 1) for name, value in self.cpu_seconds.items()},
            "distance": {"before": self.distance(False), "after": self.distance(True)},
            "changes": [asdict(change) for change in self.changes],
            "looks": [
                {**vars(one), "look": one.look.model_dump(mode="json")} for one in self.looks
            ],
            "left_out": dict(self.left_out),
            "measures": [
                {
                    "measure": old.measure,
                    "unit": MEASURES.find(old.measure).unit,
                    "before": [old.first.mean, old.first.deviation],
                    "photographs": [old.second.mean, old.second.deviation],
                    "after": [new.first.mean, new.first.deviation],
                    "d_before": _finite(old.d),
                    "d_after": _finite(new.d),
                }
                for old, new in self.table()
            ],
            "cameras": {
                side: {
                    camera: {name: [_finite(value) for value in pair] for name, pair in of.items()}
                    for camera, of in by_camera(looked.measures, looked.camera).items()
                }
                for side, looked in zip(SIDES, self.sides, strict=True)
            },
        }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
